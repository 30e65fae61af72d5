"""Words for people: texts of the pipeline file with an order's values, and refusals that say what to put right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tasks.rules.pipeline_conditions import Reason
from tasks.rules.pipeline_parts import Line, Pipeline, Text
from tasks.rules.pipeline_state import Item
from tasks.rules.pipeline_view import value_of

_PLACE = re.compile(r"\{([a-z_]+)\}")
_KINDS = {
    "act": ("акт", "act"),
    "invoice": ("счёт", "invoice"),
    "contract": ("договор", "contract"),
    "first": ("первичное", "first visit"),
    "periodic": ("периодическое", "periodic"),
    "urgent": ("срочное", "urgent"),
}
_FIELDS = {
    "kind": ("вид", "kind"),
    "dispatcher": ("диспетчер", "dispatcher"),
    "executor": ("исполнитель", "executor"),
    "manager": ("менеджер", "manager"),
    "operator": ("оператор", "operator"),
    "accounting": ("бухгалтерия", "accounting"),
    "chief": ("руководитель", "chief"),
    "work_at": ("время", "time"),
    "lines": ("позиция", "position"),
    "cost": ("стоимость", "cost"),
    "documents": ("документы", "documents"),
    "reason": ("причина", "reason"),
    "lead": ("лид", "lead"),
}
_STATES = {
    "done": ("сделано", "done"),
    "approved": ("подтверждено", "approved"),
    "declined": ("отклонено", "declined"),
    "withdrawn": ("снято", "withdrawn"),
    "begun": ("уже начато", "begun already"),
    "converted": ("уже сделка", "a deal already"),
    "junk": ("спам", "junk"),
    "won": ("заказ закрыт", "the order is closed"),
    "lost": ("заказ потерян", "the order is lost"),
    "cancelled": ("заказ отменён", "the order is cancelled"),
    "in_work": ("уже в работе", "in work already"),
}
_REFUSALS = {
    "empty": ("не заполнено: {name}", "not filled in: {name}"),
    "differs": ("{name}: сейчас «{found}», нужно {wanted}", "{name}: it is “{found}”, wanted {wanted}"),
    "missing": ("не хватает: {wanted}", "missing: {wanted}"),
    "who": ("это может сделать: {wanted}", "this is for: {wanted}"),
    "closed": ("уже решено ({found})", "already settled ({found})"),
    "nothing_asked": ("не понятно, о какой задаче речь: {wanted}", "it is not clear which task is meant: {wanted}"),
    "unknown": ("здесь это не подходит: {name}", "this does not fit here: {name}"),
    "value": ("{name}: «{found}» не подходит; можно: {wanted}", "{name}: “{found}” does not fit; possible: {wanted}"),
}


def fill(text: Text, language: str, values: Mapping[str, str]) -> str:
    """A text of the pipeline file with its {places} filled; an empty or unknown place becomes a dash."""
    words = text.get(language) or text.get("") or next(iter(text.values()), "")
    return _PLACE.sub(lambda match: values.get(match[1]) or "—", words)


def shown_values(
    pipeline: Pipeline, item: Item, names: Mapping[str, str], language: str, zone: ZoneInfo, currency: str
) -> dict[str, str]:
    """Every field of an item as words; `names` gives persons and contacts by ref."""
    found = {}
    for name, part in pipeline.fields.items():
        value = value_of(pipeline, item, name)
        if value is None:
            continue
        if part.type in ("person", "contact"):
            found[name] = names.get(str(value), str(value))
        elif part.type == "time":
            found[name] = f"{datetime.fromisoformat(value).astimezone(zone):%d.%m.%Y %H:%M}"
        elif isinstance(value, Decimal):
            found[name] = _money(value, language) + f"\u00a0{currency}"
        elif isinstance(value, tuple):
            found[name] = ", ".join(_shown_one(one, language) for one in value)
        else:
            found[name] = kind_word(str(value), language)
    return found


def _money(value: Decimal, language: str) -> str:
    apart = f"{value:,.2f}".replace(",", "\u00a0")
    return apart.replace(".", ",") if language == "ru" else apart


def _shown_one(value: Any, language: str) -> str:
    return value.title if isinstance(value, Line) else kind_word(str(value), language)


def kind_word(code: str, language: str) -> str:
    """A kind of document or of order as a word; a code without a word stays."""
    return _word(_KINDS, code, language)


def explain(reasons: Iterable[Reason], language: str) -> list[str]:
    """Each reason of a refusal as one line that says what to put right."""
    return list(dict.fromkeys(_explain(reason, language) for reason in reasons))


def _explain(reason: Reason, language: str) -> str:
    if reason.kind == "words":
        return fill(reason.words, language, {})
    found = _STATES if reason.kind == "closed" else _KINDS
    name = _word(_FIELDS, reason.name, language)
    wanted = ", ".join(_word(_KINDS | _FIELDS, part, language) for part in reason.wanted.split(", "))
    pattern = _word(_REFUSALS, reason.kind, language)
    return pattern.format(name=name, found=_word(found, reason.found, language), wanted=wanted).rstrip(": ")


def _word(table: Mapping[str, tuple[str, str]], code: str, language: str) -> str:
    return table[code][0 if language == "ru" else 1] if code in table else code
