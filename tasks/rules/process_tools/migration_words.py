"""The plan of a migration in words."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.rules.process_tools.migration import ItemPlan, Unfit

_WORDS: Mapping[str, tuple[str, str]] = {
    "stage": ("the new version has no stage {}: map it with --stage {}=NEW", "нет этапа {}: укажите --stage {}=НОВЫЙ"),
    "stage_ends": ("the stage {} ends the item there", "этап {} там завершает процесс"),
    "value": ("the value of {} does not fit its new type", "значение {} не подходит к новому типу"),
    "required": ("{} is required there and empty", "{} там обязательно и пусто"),
    "needs": ("the stage needs {} there, and it is empty", "этапу нужно {}, а оно пусто"),
    "work": (
        "the work {} is open and not known there: --work {}=NEW",
        "открыта работа {}, её там нет: --work {}=НОВАЯ",
    ),
    "work_kind": ("the open work {} is a vote in one version and a task in the other", "работа {} там другого вида"),
    "goes": ("goes over in the stage {}", "переходит, этап {}"),
    "left": ("is left: {}", "остаётся: {}"),
    "due": ("due already: {}", "уже наступило: {}"),
    "dropped": ("not taken over: {}", "не переносится: {}"),
    "total": (
        "{fit} fit, {unfit} are left, {due} have something due already",
        "переходит {fit}, остаётся {unfit}, с наступившими сроками {due}",
    ),
}


def plan_line(item_id: int, number: str, plan: ItemPlan, language: str) -> str:
    """One item of the plan."""
    head = f"#{item_id} {number}".rstrip()
    if plan.unfit:
        return f"{head}: {_say('left', language, '; '.join(unfit_words(one, language) for one in plan.unfit))}"
    parts = [_say("goes", language, plan.stage)]
    if plan.due:
        parts.append(_say("due", language, ", ".join(plan.due)))
    if plan.dropped:
        parts.append(_say("dropped", language, ", ".join(plan.dropped)))
    return f"{head}: {'; '.join(parts)}"


def unfit_words(unfit: Unfit, language: str) -> str:
    """Why an item is left."""
    return _say(unfit.kind, language, unfit.name, unfit.name)


def total_line(fit: int, unfit: int, due: int, language: str) -> str:
    """The plan in one line."""
    return _say("total", language, fit=fit, unfit=unfit, due=due)


def _say(key: str, language: str, *values: object, **named: object) -> str:
    english, russian = _WORDS[key]
    return (russian if language == "ru" else english).format(*values, **named)
