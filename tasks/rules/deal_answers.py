"""Field values from an answer's words: persons by key or name, times in the office's zone, rows by the price list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tasks.rules.assignment import Member, Staff
from tasks.rules.door.slots import MOST, time_of_options
from tasks.rules.office import PriceItem
from tasks.rules.process.definition import Definition, FieldPart
from tasks.rules.process.field_types import ValueFlawError, read_value
from tasks.rules.process.reasons import Reason
from tasks.rules.process.values import Line
from tasks.rules.reply_command import Position, ReplyCommand, document_kind

_CHOICES = {
    "первичное": "first",
    "первый": "first",
    "первичный": "first",
    "периодическое": "periodic",
    "периодический": "periodic",
    "плановое": "periodic",
    "срочное": "urgent",
    "срочный": "urgent",
    "срочно": "urgent",
}
_FLAGS = {"да": True, "yes": True, "true": True, "нет": False, "no": False, "false": False}
_BETWEEN_TIMES = re.compile(r"[,;]\s*(?=\d{1,4}[-.])")
_LINE = ("KEY x 2", "текст = 1500 x 1")
_DOCUMENTS = ("act", "invoice", "contract")
_TIME = re.compile(
    r"(?:(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})|(?P<day2>\d{1,2})\.(?P<month2>\d{1,2})(?:\.(?P<year2>\d{4}))?)"
    r"(?:,|T)?\s*(?:в\s+|at\s+)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})"
)


@dataclass(frozen=True, slots=True)
class Given:
    """What an answer gives: field values the engine can take, and what could not be understood."""

    sets: Mapping[str, Any]
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is needed to understand values: the process's fields, the staff, the price list, the office's zone."""

    definition: Definition
    staff: Staff
    prices: Sequence[PriceItem]
    zone: ZoneInfo


def read_values(known: Knowledge, command: ReplyCommand, at: datetime, ignored: frozenset[str] = frozenset()) -> Given:
    """The values of the command's fields; `ignored` names are somebody else's. `at` is when the answer came."""
    sets: dict[str, Any] = {}
    titles = _titles(known.definition)
    reasons = [
        Reason("unknown", name) for name, _ in command.others if name not in ignored and _folded(name) not in titles
    ]
    own = [(titles[_folded(name)], text) for name, text in command.others if _folded(name) in titles]
    for name, text in (*command.fields, *own):
        if name in ignored:
            continue
        part = known.definition.fields.get(name)
        value = _value(known, part, text, at) if part else Reason("unknown", name)
        if isinstance(value, Reason):
            reasons.append(value)
        else:
            sets[name] = value
    reasons += [Reason("value", "lines", found=text, wanted=_LINE) for text in command.problems]
    lines = [_line(known, position) for position in command.positions]
    reasons += [line for line in lines if isinstance(line, Reason)]
    if lines and "lines" in known.definition.fields:
        sets["lines"] = tuple(line for line in lines if isinstance(line, Line))
    return Given(sets if not reasons else {}, tuple(reasons))


def field_names(definition: Definition) -> frozenset[str]:
    """Every name under which a field of the process may be given, folded."""
    return frozenset(_titles(definition))


def _titles(definition: Definition) -> dict[str, str]:
    """Folded name or title of each field, to the field."""
    return {_folded(title): name for name, part in definition.fields.items() for title in (name, *part.title.values())}


def _folded(name: str) -> str:
    return " ".join(name.lower().replace("ё", "е").split())


def _value(known: Knowledge, part: FieldPart, text: str, at: datetime) -> Any:
    if part.type in ("person", "contact"):
        return _person(known.staff, part.name, text)
    if part.type == "time":
        return _time(known.zone, part.name, text, at)
    if part.type == "choice":
        word = text.strip().lower().rstrip(".!")
        choice = word if word in part.options else _CHOICES.get(word)
        return choice if choice in part.options else Reason("value", part.name, found=text, wanted=part.options)
    if time_of_options(known.definition, part.name):
        moments = [
            _time(known.zone, part.name, one, at) for one in re.split(r"[,;]\s*(?=\d{1,4}[-.])", text) if one.strip()
        ]
        wrong = next((moment for moment in moments if isinstance(moment, Reason)), None)
        return wrong or tuple(moments[:MOST])
    if part.type in ("list", "files"):
        kinds = [document_kind(word) for word in re.split(r"[,;]\s*", text)]
        return tuple(kinds) if all(kinds) else Reason("value", part.name, found=text, wanted=_DOCUMENTS)
    said = text.strip()
    try:
        return read_value(part, _FLAGS.get(said.lower(), said) if part.type == "flag" else said)
    except ValueFlawError as flaw:
        return Reason("value", part.name, found=text, wanted=flaw.wanted)


def _person(staff: Staff, field: str, text: str) -> str | Reason:
    """A person by key, or by the full name or a word of it when only one has it.

    A field that is called like a role means its members; any other may hold anybody on the staff.
    """
    word = text.strip().lower().rstrip(".")
    choice = [member for member in staff.values() if field in member.roles] or list(staff.values())
    found = [m for m in choice if m.key == word] or [m for m in choice if _is_called(m, word)]
    if len(found) == 1:
        return found[0].ref
    return Reason("value", field, found=text, wanted=tuple(sorted(member.key for member in choice)))


def _is_called(member: Member, word: str) -> bool:
    name = member.name.lower()
    return word == name or word in name.split()


def _time(zone: ZoneInfo, field: str, text: str, at: datetime) -> str | Reason:
    """A future local time as ISO 8601 in UTC; a day without a year is the next such day."""
    match = _TIME.search(text)
    wanted = Reason("value", field, found=text, wanted=("2026-11-19 10:00",))
    if not match:
        return wanted
    part = {key: int(value) for key, value in match.groupdict().items() if value}
    year = part.get("year") or part.get("year2") or at.astimezone(zone).year
    month, day = part.get("month") or part["month2"], part.get("day") or part["day2"]
    try:
        moment = datetime(year, month, day, part["hour"], part["minute"], tzinfo=zone)
        if moment < at and not (part.get("year") or part.get("year2")):
            moment = moment.replace(year=year + 1)
    except ValueError:
        return wanted
    return moment.astimezone(UTC).isoformat() if moment > at else wanted


def _line(known: Knowledge, position: Position) -> Line | Reason:
    word = position.text.lower()
    item = next((item for item in known.prices if word in (item.key.lower(), item.title.lower())), None)
    if position.price is not None:
        return Line(item.key if item else "", item.title if item else position.text, position.quantity, position.price)
    if item is None:
        return Reason("value", "lines", found=position.text, wanted=_LINE)
    return Line(item.key, item.title, position.quantity, item.price)
