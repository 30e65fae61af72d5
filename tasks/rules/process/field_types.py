"""What each type of field takes: literals of a file, values that come with an event, and other fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tasks.rules.process.definition import FieldPart, FieldType
from tasks.rules.process.values import Line, is_empty

_PERSON = ("person:",)
_ANYBODY = ("person:", "contact:")
ORDERED: tuple[FieldType, ...] = ("number", "money", "date", "time")
LISTS: tuple[FieldType, ...] = ("list", "files")
PARTIES: tuple[FieldType, ...] = ("person", "contact")
_ITEMS = (str, Line, int, Decimal, Mapping)
_SAME: tuple[tuple[FieldType, ...], ...] = (
    ("number", "money"),
    PARTIES,
    LISTS,
    ("text", "choice", "file"),
    ("date",),
    ("time",),
    ("flag",),
)


class ValueFlawError(ValueError):
    """A field cannot take the value; `wanted` is what it takes: its options, or the word for its type."""

    def __init__(self, wanted: Any) -> None:
        self.wanted = wanted
        super().__init__(str(wanted))


def are_comparable(one: FieldType, other: FieldType) -> bool:
    """Whether values of the two types can be compared, and whether one can be put into the other."""
    return any(one in group and other in group for group in _SAME)


def takes(target: FieldType, source: FieldType) -> bool:
    """Whether a field can be set to another: the same sort, or any single value into text."""
    return are_comparable(target, source) or (target == "text" and source not in LISTS)


def read_value(part: FieldPart, raw: Any) -> Any:
    """The value as the field keeps it, None for an empty one. Raises ValueFlawError."""
    return None if not raw and is_empty(raw) else READERS[part.type](part, raw)


def _text(_part: FieldPart, raw: Any) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        raise ValueFlawError("text")
    return str(raw)


def _number(part: FieldPart, raw: Any) -> Any:
    if isinstance(raw, str):
        raw = _decimal(raw.strip().replace(",", "."), part.type)
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal) or not Decimal(raw).is_finite():
        raise ValueFlawError(part.type)
    if part.type == "money":
        return Decimal(raw)
    return int(raw) if raw == int(raw) else raw


def _decimal(text: str, wanted: FieldType) -> Decimal:
    if len(text) > 40 or not re.fullmatch(r"[-+]?[0-9]*\.?[0-9]+", text):
        raise ValueFlawError(wanted)
    return Decimal(text)


def _date(_part: FieldPart, raw: Any) -> str:
    try:
        return (raw if isinstance(raw, date) else date.fromisoformat(str(raw))).isoformat()[:10]
    except ValueError:
        raise ValueFlawError("date") from None


def _time(_part: FieldPart, raw: Any) -> str:
    """ISO 8601 with its zone: without one nobody knows which moment is meant."""
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
    except ValueError:
        raise ValueFlawError("time") from None
    if moment.tzinfo is None:
        raise ValueFlawError("time")
    return moment.isoformat() if isinstance(raw, datetime) else str(raw)


def _choice(part: FieldPart, raw: Any) -> str:
    if not isinstance(raw, str) or (part.options and raw not in part.options):
        raise ValueFlawError(part.options or "text")
    return raw


def _party(part: FieldPart, raw: Any) -> str:
    kinds = _PERSON if part.type == "person" else _ANYBODY
    if not isinstance(raw, str) or not raw.startswith(kinds) or raw in kinds or raw.split() != [raw]:
        raise ValueFlawError(part.type)
    return str(raw)


def _list(part: FieldPart, raw: Any) -> tuple[Any, ...]:
    if type(raw) is tuple:
        found = raw
    elif isinstance(raw, list | tuple | set | frozenset):
        found = tuple(sorted(raw)) if isinstance(raw, set | frozenset) else tuple(raw)
    else:
        raise ValueFlawError("list")
    for one in found:
        if not isinstance(one, _ITEMS):
            raise ValueFlawError("list")
    if part.options and not all(one in part.options for one in found):
        raise ValueFlawError(part.options)
    return found


def _flag(_part: FieldPart, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise ValueFlawError("flag")
    return raw


READERS: Mapping[FieldType, Callable[[FieldPart, Any], Any]] = {
    "text": _text,
    "number": _number,
    "money": _number,
    "date": _date,
    "time": _time,
    "choice": _choice,
    "person": _party,
    "contact": _party,
    "list": _list,
    "file": _text,
    "files": _list,
    "flag": _flag,
}
