"""Process files and an office for the engine's tests, and short ways to run events through them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tasks.gateways.strict_yaml import parse_yaml
from tasks.rules.assignment import Away, Member
from tasks.rules.office import Hours
from tasks.rules.process.course import course
from tasks.rules.process.decisions import Decision, Hold, Move, Notify, Refuse
from tasks.rules.process.definition import Definition
from tasks.rules.process.loader import examine_definition, read_definition
from tasks.rules.process.state import Event, Item, OfficeFacts
from tasks.rules.process.step import begin
from tasks.rules.process.values import Line
from tasks.rules.working_time import working_calendar

FOLDER = Path(__file__).resolve().parents[2] / "samples" / "process"
MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLIENT = "contact:1"
ROLES = ("manager", "dispatcher", "executor", "accounting", "operator", "head", "recruiter", "lead", "director")
STAFF = {f"person:{role}": Member(f"person:{role}", role, role.title(), frozenset({role})) for role in ROLES}
STAFF["person:clerk"] = Member("person:clerk", "clerk", "Clerk", frozenset({"accounting"}))
FACTS = OfficeFacts(STAFF, {}, frozenset({CLIENT}), working_calendar(Hours(time(9), time(18)), MOSCOW), MOSCOW)
LINES = (Line("visit", "Выезд", Decimal(1), Decimal(1500)),)
WORK_AT = "2026-11-19T10:00:00+03:00"

T = TypeVar("T")


def raw(text: str) -> Any:
    """A process file's value; the file must be right as YAML."""
    source = parse_yaml("x.yaml", text.encode(), {})
    assert source.sorted_problems() == []
    return source.value


def process(text: str) -> Definition:
    """The process that a text declares; what a test does not care about is filled in."""
    head = "" if "process:" in text else "process: thing\n"
    head += "" if "version:" in text else "version: 1\n"
    head += "" if "entity:" in text else "entity: thing\n"
    return read_definition("x.yaml", raw(head + text))


def flaws(text: str) -> list[str]:
    """The mistakes of a text, with their lines."""
    source = parse_yaml("x.yaml", text.encode(), {})
    found = examine_definition(source.value)[1]
    return [f"{source.line_of(path)}: {reason}" for path, reason in found]


def shipped(name: str) -> Definition:
    """One of the sample files."""
    file = FOLDER / f"{name}.yaml"
    return read_definition(file.name, parse_yaml(file.name, file.read_bytes(), {}).value)


def begun(definition: Definition, facts: OfficeFacts = FACTS, **fields: Any) -> Item:
    """A new item that the operator began at noon."""
    item, decisions = begin(definition, facts, key="i", at=NOON, actor="person:operator", fields=fields)
    assert not isinstance(decisions[0], Refuse | Hold)
    return item


def event(name: str, actor: str = "person:operator", *, minutes: float = 1, **more: Any) -> Event:
    """A command of a person, some minutes after noon."""
    at = NOON + timedelta(minutes=minutes)
    key = more.pop("key", f"{name}:{actor}:{minutes}:{more.get('work', '')}")
    return Event(key, at, name, actor if ":" in actor or not actor else f"person:{actor}", **more)


def fact(name: str, *, minutes: float = 1, **more: Any) -> Event:
    """Something that happened, some minutes after noon."""
    return event(name, more.pop("actor", ""), minutes=minutes, is_command=False, **more)


def run(
    definition: Definition,
    item: Item,
    *events: Event,
    facts: OfficeFacts = FACTS,
    until: float | None = None,
    seen: float | None = None,
) -> tuple[Item, list[Decision]]:
    """The item after events, and all decisions; clocks in between and `until` so many minutes after noon."""
    decisions: list[Decision] = []
    end = None if until is None else NOON + timedelta(minutes=until)
    seen_at = None if seen is None else NOON + timedelta(minutes=seen)
    for taken in course(definition, facts, item, events, end, seen_at):
        item = taken.item
        decisions.extend(taken.decisions)
    return item, decisions


def of(kind: type[T], decisions: Iterable[Any]) -> list[T]:
    """The decisions of one kind."""
    return [one for one in decisions if isinstance(one, kind)]


def moves(decisions: Iterable[Any]) -> list[str]:
    """The stages that were entered."""
    return [one.target for one in of(Move, decisions)]


def told(decisions: Iterable[Any]) -> list[tuple[str, str]]:
    """Who was told what."""
    return [(one.to.partition(":")[2], next(iter(one.text.values()), one.wording)) for one in of(Notify, decisions)]


def refused(decisions: Iterable[Any]) -> list[tuple[str, str]]:
    """Why a command was refused: the kinds and names of the reasons."""
    return [(reason.kind, reason.name) for one in of(Refuse, decisions) for reason in one.reasons]


def held(decisions: Iterable[Any]) -> list[tuple[str, str]]:
    """Why an item is held."""
    return [(reason.kind, reason.name) for one in of(Hold, decisions) for reason in one.reasons]


def away(ref: str, substitute: str = "", days: int = 3) -> OfficeFacts:
    """The office while somebody is away from 17 November."""
    absence = Away(date(2026, 11, 17), date(2026, 11, 17 + days), substitute)
    member = replace(STAFF[f"person:{ref}"], absences=(absence,))
    return replace(FACTS, staff=STAFF | {member.ref: member})
