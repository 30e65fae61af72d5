"""Answers about a lead: read as people write them, kept in one form, and what must be known before a lead moves on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from tasks.rules.leads.qualification_form import (
    FieldType,
    FormField,
    GatedStatus,
    Language,
    QualificationForm,
    field_names,
    folded,
)

_ORDER: tuple[GatedStatus, ...] = ("in_work", "qualified", "converted")


@dataclass(frozen=True, slots=True)
class BadAnswer:
    """An answer that cannot be read: the field, what was written, and what would be possible."""

    field: FormField
    found: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said: `values` as kept, by field key; `free` is what the form does not ask."""

    values: Mapping[str, str] = field(default_factory=dict)
    free: tuple[tuple[str, str], ...] = ()
    bad: tuple[BadAnswer, ...] = ()


def read_answers(form: QualificationForm, said: Iterable[tuple[str, str]]) -> Answers:
    """Read (name, text) pairs as people write them; the last word about a field counts, an empty one takes it back.

    A name is a field's key, title or alias, whatever its case. What the form does not ask is kept as `free`.
    """
    names = _names(form)
    values: dict[str, str] = {}
    bad: dict[str, BadAnswer] = {}
    free: dict[str, str] = {}
    for name, text in said:
        asked = names.get(folded(name))
        if asked is None:
            free[name.strip()] = text.strip()
            continue
        bad.pop(asked.key, None)
        read = read_answer(asked, text)
        if isinstance(read, BadAnswer):
            bad[asked.key] = read
        else:
            values[asked.key] = read
    return Answers(values, tuple(free.items()), tuple(bad.values()))


def read_answer(asked: FormField, text: str) -> str | BadAnswer:
    """One answer in the form in which it is kept: dates as 2026-11-17, amounts as 1500.00, flags as yes or no."""
    plain = " ".join(text.split())
    if not plain:
        return ""
    wanted, reader = _READERS[asked.type]
    found = reader(asked, plain)
    if found is not None:
        return found
    return BadAnswer(asked, plain, wanted or " / ".join(option.key for option in asked.options))


def asked_names(form: QualificationForm) -> frozenset[str]:
    """Every name under which a question of the form may be answered."""
    return frozenset(_names(form))


def missing_for(form: QualificationForm, values: Mapping[str, str], status: GatedStatus) -> tuple[FormField, ...]:
    """The required fields that are still empty and keep the lead from `status`, in the form's order."""
    statuses = _ORDER[: _ORDER.index(status) + 1]
    required = {key for one in statuses for key in form.required.get(one, ())}
    return tuple(one for key, one in form.fields.items() if key in required and not values.get(key))


def group_answers(
    form: QualificationForm, values: Mapping[str, str], language: Language
) -> list[tuple[str, Sequence[tuple[FormField, str]]]]:
    """(group's title, [(field, answer as people read it)]) in the form's order; an empty answer is ''."""
    return [
        (
            group.titles.get(language, group.key),
            [(asked, option_title(asked, values.get(asked.key, ""), language)) for asked in group.fields],
        )
        for group in form.groups
    ]


def option_title(asked: FormField, value: str, language: Language) -> str:
    """An answer as people read it."""
    words = {"yes": ("да", "yes"), "no": ("нет", "no")}
    if asked.type == "flag" and value in words:
        return words[value][language != "ru"]
    titles = {option.key: option.titles.get(language, option.key) for option in asked.options}
    shown = titles.get(value, value)
    return f"{shown} {asked.unit}".strip() if shown else ""


def _names(form: QualificationForm) -> dict[str, FormField]:
    return {name: asked for asked in form.fields.values() for name in field_names(asked)}


def _read_text(_asked: FormField, text: str) -> str | None:
    return text


def _read_number(_asked: FormField, text: str) -> str | None:
    value = _decimal(text)
    return None if value is None else f"{value.normalize():f}"


def _read_money(_asked: FormField, text: str) -> str | None:
    value = _decimal(re.sub(r"\s*(?:₽|руб(?:лей|\.)?|р\.|rub|kr|nok)\s*$", "", text, flags=re.IGNORECASE))
    if value is None or value < 0 or value >= Decimal(10) ** 12:
        return None
    return f"{value:.2f}"


def _decimal(text: str) -> Decimal | None:
    compact = re.sub(r"(?<=\d)[\s\u00a0\u202f](?=\d{3}\b)", "", text).replace(",", ".")
    if not re.fullmatch(r"[+-]?\d{1,18}(?:\.\d{1,6})?", compact, flags=re.ASCII):
        return None
    try:
        return Decimal(compact)
    except InvalidOperation:
        return None


def _read_date(_asked: FormField, text: str) -> str | None:
    match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[./](\d{1,2})[./](\d{4})", text, flags=re.ASCII)
    if match is None:
        return None
    year, month, day, day2, month2, year2 = match.groups()
    try:
        return date(int(year or year2), int(month or month2), int(day or day2)).isoformat()
    except ValueError:
        return None


def _read_flag(_asked: FormField, text: str) -> str | None:
    word = text.casefold().rstrip(".!")
    if word in ("да", "yes", "true", "нужно", "нужен", "нужна", "+", "1"):
        return "yes"
    return "no" if word in ("нет", "no", "false", "не нужно", "не нужен", "не нужна", "-", "0") else None


def _read_choice(asked: FormField, text: str) -> str | None:
    word = folded(text.rstrip(".!"))
    for option in asked.options:
        if word in (folded(option.key), *(folded(title) for title in option.titles.values())):
            return option.key
    return None


_READERS: Mapping[FieldType, tuple[str, Callable[[FormField, str], str | None]]] = {
    "text": ("", _read_text),
    "number": ("12.5", _read_number),
    "money": ("1500.00", _read_money),
    "date": ("2026-11-19", _read_date),
    "flag": ("yes / no", _read_flag),
    "choice": ("", _read_choice),
}
