"""A back-test for people: what there would have been more and less of, and which items would have gone another way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tasks.rules.process_tools.backtest import Backtest, ItemResult
from tasks.rules.text_table import text_table

_MOST_ITEMS = 20
_WORDS: Mapping[str, tuple[str, str]] = {
    "head": (
        "{process}, {since} – {until}: {items} items, {inputs} inputs; {changed} items would have gone another way",
        "{process}, {since} – {until}: процессов {items}, событий {inputs}; иначе пошли бы {changed}",
    ),
    "same": ("nothing would have been different", "ничего бы не изменилось"),
    "unanswered": (
        "unanswered (nobody was asked this in the past): {}",
        "без ответа (в прошлом этого не спрашивали): {}",
    ),
    "assumed": ("assumed: {} usual answers", "предположено обычных ответов: {}"),
    "cannot_begin": ("{} items could not begin under the changed file", "не начались бы по новому файлу: {}"),
    "unproved": (
        "{} items are not reproduced exactly by the engine itself: see ./callout prove",
        "не воспроизводятся самим движком: {} (см. ./callout prove)",
    ),
    "moves": ("moves", "переходы"),
    "work": ("work asked for", "поручено"),
    "messages": ("messages", "сообщения"),
    "refusals": ("refusals", "отказы"),
    "incidents": ("incidents", "инциденты"),
    "starts": ("processes started", "запущено процессов"),
    "ends": ("ends", "завершено"),
    "held": ("held for a person", "остановлено"),
    "hours": ("median hours in the stage", "медиана часов в этапе"),
    "more": ("and {} more; ask for one with --item", "и ещё {}; подробно: --item"),
}


def backtest_lines(result: Backtest, language: str) -> list[str]:
    """What differs, as lines; counts that are the same both ways are left out."""
    head = {
        "process": result.process,
        "since": f"{result.since:%Y-%m-%d}",
        "until": f"{result.until:%Y-%m-%d}",
        "items": len(result.items),
        "inputs": result.inputs,
        "changed": len(result.changed),
    }
    lines = [_say("head", language, **head)]
    rows = _differing(result, language)
    columns = ("", "", "было", "стало") if language == "ru" else ("", "", "before", "after")
    lines += text_table(columns, rows) or [_say("same", language)]
    if result.unanswered:
        lines.append(_say("unanswered", language, _counted(result.unanswered)))
    for key in ("assumed", "cannot_begin", "unproved"):
        count = getattr(result, key)
        if count:
            lines.append(_say(key, language, count))
    lines += [_item_line(one) for one in result.changed[:_MOST_ITEMS]]
    if len(result.changed) > _MOST_ITEMS:
        lines.append(_say("more", language, len(result.changed) - _MOST_ITEMS))
    return lines


def item_lines(result: Backtest, item_id: int, language: str) -> list[str]:
    """One item both ways; [] when it is not in the span."""
    found = next((one for one in result.items if one.item_id == item_id), None)
    if found is None:
        return []
    was, would = ("было: ", "стало бы: ") if language == "ru" else ("was: ", "would be: ")
    lines = [f"#{item_id}", f"  {was}{' → '.join(found.before)}", f"  {would}{' → '.join(found.after)}"]
    if found.unanswered:
        lines.append("  " + _say("unanswered", language, ", ".join(found.unanswered)))
    if found.assumed:
        lines.append("  " + _say("assumed", language, found.assumed))
    return lines


def backtest_json(result: Backtest) -> dict[str, Any]:
    """Everything, for a script."""
    return {
        "process": result.process,
        "since": result.since.isoformat(),
        "until": result.until.isoformat(),
        "inputs": result.inputs,
        "before": {**result.before.counters(), "hours": result.before.median_hours()},
        "after": {**result.after.counters(), "hours": result.after.median_hours()},
        "unanswered": result.unanswered,
        "assumed": result.assumed,
        "cannot_begin": result.cannot_begin,
        "unproved": result.unproved,
        "items": [
            {
                "item": one.item_id,
                "before": one.before,
                "after": one.after,
                "unanswered": one.unanswered,
                "assumed": one.assumed,
                "is_same": one.is_same,
            }
            for one in result.items
        ],
    }


def _differing(result: Backtest, language: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    after = result.after.counters()
    for name, before in result.before.counters().items():
        for key in dict.fromkeys((*before, *after[name])):
            if before[key] != after[name][key]:
                rows.append((_say(name, language), key, before[key], after[name][key]))
    hours, new_hours = result.before.median_hours(), result.after.median_hours()
    for stage in dict.fromkeys((*hours, *new_hours)):
        if hours.get(stage) != new_hours.get(stage):
            rows.append((_say("hours", language), stage, hours.get(stage, "–"), new_hours.get(stage, "–")))
    return rows


def _item_line(one: ItemResult) -> str:
    tail = f" ({', '.join(one.unanswered)}?)" if one.unanswered else ""
    return f"#{one.item_id}: {' → '.join(one.before)}  ⇒  {' → '.join(one.after)}{tail}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def _say(key: str, language: str, *values: object, **named: object) -> str:
    english, russian = _WORDS[key]
    return (russian if language == "ru" else english).format(*values, **named)
