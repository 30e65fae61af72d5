"""The office and decisions as plain JSON: what the recorded course of an item is made of, beside its events.

The office is kept whole, so that the engine can be given exactly the same again. Decisions are kept as far as they tell
what was done; the values for filling texts follow from the item and are left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from tasks.rules.assignment import Away, Member, Staff
from tasks.rules.office import Hours
from tasks.rules.process.state import Event, Item, OfficeFacts
from tasks.rules.process.values import Line, plain
from tasks.rules.working_time import WorkingCalendar, working_calendar

Plain = dict[str, Any]
_UNTOLD = frozenset(
    {"values", "title", "status", "task_id", "author", "hops", "late_seconds", "missed", "is_collapsed"}
)
"""Parts of decisions that follow from others, or that only say how the event came."""


@dataclass(frozen=True, slots=True)
class Course:
    """One recorded event of an item: `kind` is begin, event or migrated.

    A beginning has the item's key and author, and its fields in the event's `sets`. `decisions` are plain, as
    `decision_plain` gives them. `made` are numbers of papers that were made outside the
    engine and put into fields. After a migration `state` is the item as it went on.
    """

    course_id: int
    item_id: int
    process: str
    version: int
    kind: str
    event: Event
    facts: OfficeFacts
    decisions: tuple[Plain, ...]
    item_key: str = ""
    author: str = ""
    made: Mapping[str, str] = field(default_factory=dict)
    state: Item | None = None

    @property
    def is_clock(self) -> bool:
        """Whether the engine's own clock fired, and nobody did anything."""
        return self.event.name == "clock"

    @property
    def is_refused(self) -> bool:
        """Whether it was refused and changed nothing."""
        return any(one["is"] == "Refuse" for one in self.decisions)


def office_plain(staff: Staff, calendar: WorkingCalendar) -> Plain:
    """The lasting part of what the engine knows of the office: people, their roles and absences, and the hours."""
    hours = {part.name: getattr(calendar.hours, part.name) for part in fields(calendar.hours)}
    people = [
        [m.ref, m.key, m.name, sorted(m.roles), [[a.first_day, a.last_day, a.substitute] for a in m.absences]]
        for m in sorted(staff.values(), key=lambda member: member.ref)
    ]
    found: Plain = json.loads(
        json.dumps({"zone": str(calendar.zone), "hours": hours, "staff": people}, default=_written)
    )
    return found


def office_digest(content: Plain) -> str:
    """What names an office snapshot."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def office_from(content: Mapping[str, Any]) -> tuple[Staff, WorkingCalendar]:
    """The people and the calendar that `office_plain` wrote."""
    raw, zone = dict(content["hours"]), ZoneInfo(content["zone"])
    raw["opens"], raw["closes"] = time.fromisoformat(raw["opens"]), time.fromisoformat(raw["closes"])
    raw["weekdays"] = tuple(raw["weekdays"])
    for name in ("extra_holidays", "extra_working_days"):
        raw[name] = tuple(date.fromisoformat(day) for day in raw[name])
    staff = {
        ref: Member(ref, key, name, frozenset(roles), tuple(_away(one) for one in absences))
        for ref, key, name, roles, absences in content["staff"]
    }
    return staff, working_calendar(Hours(**raw), zone)


def facts_of(
    staff: Staff, calendar: WorkingCalendar, loads: Mapping[str, int], reachable: Iterable[str]
) -> OfficeFacts:
    """The office as the engine takes it."""
    return OfficeFacts(staff, loads, frozenset(reachable), calendar, calendar.zone)


def decision_plain(decision: Any) -> Plain:
    """One decision: its name and what it says; defaults and what follows from the item are left out."""
    return {"is": type(decision).__name__, **_told(decision)}


def decisions_plain(decisions: Sequence[Any]) -> list[Plain]:
    """Decisions in their order."""
    return [decision_plain(one) for one in decisions]


def _told(part: Any) -> Plain:
    told: Plain = {}
    for one in fields(part):
        value = getattr(part, one.name)
        default = one.default if one.default is not MISSING else None
        if one.name in _UNTOLD or value == default or value in ("", (), {}, None):
            continue
        told[one.name] = _plain(value)
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Line):
        return plain(value)
    if is_dataclass(value):
        return _told(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [_plain(part) for part in (sorted(value) if isinstance(value, frozenset | set) else value)]
    return plain(value)


def _away(kept: Sequence[str]) -> Away:
    return Away(date.fromisoformat(kept[0]), date.fromisoformat(kept[1]), kept[2])


def _written(value: Any) -> Any:
    if isinstance(value, time | date):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset | set) else list(value)
