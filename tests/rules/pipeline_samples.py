"""The sample office's service pipeline and an office to run it in, for the engine's tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tasks.gateways.strict_yaml import parse_yaml
from tasks.rules.assignment import Away, Member
from tasks.rules.office import Hours
from tasks.rules.pipeline import read_pipeline
from tasks.rules.pipeline_engine import step
from tasks.rules.pipeline_parts import Line, Pipeline
from tasks.rules.pipeline_state import AskWork, Decision, Event, Item, OfficeFacts
from tasks.rules.working_time import working_calendar

FILE = Path(__file__).resolve().parents[2] / "deployments" / "office" / "pipelines" / "service.yaml"
MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
CLIENT, MANAGER, DISPATCHER, EXECUTOR, ACCOUNTING = "contact:1", "person:1", "person:2", "person:3", "person:4"
OPERATOR, CHIEF = "person:5", "person:6"

STAFF = {
    ref: Member(ref, key, key.title(), frozenset({role}))
    for ref, key, role in (
        (MANAGER, "maria", "manager"),
        (DISPATCHER, "daria", "dispatcher"),
        (EXECUTOR, "egor", "executor"),
        (ACCOUNTING, "anna", "accounting"),
        (OPERATOR, "olga", "operator"),
        (CHIEF, "viktor", "chief"),
    )
}
FACTS = OfficeFacts(STAFF, {}, frozenset({CLIENT}), working_calendar(Hours(time(9), time(18)), MOSCOW), MOSCOW)
LINES = (Line("visit", "Выезд", Decimal(1), Decimal(1500)),)
FILLED: Mapping[str, Any] = {
    "lines": LINES,
    "executor": EXECUTOR,
    "work_at": "2026-11-19T07:00:00+00:00",
}


def raw_service() -> dict[str, Any]:
    """The file as it is read."""
    value: dict[str, Any] = parse_yaml("service.yaml", FILE.read_bytes(), {}).value
    return value


def service() -> Pipeline:
    """The sample office's pipeline."""
    return read_pipeline("service", raw_service())


def new_item(**fields: Any) -> Item:
    """An order of the first kind, at its beginning, a dispatcher chosen."""
    known = {"number": "D-1", "client": CLIENT, "manager": MANAGER, "dispatcher": DISPATCHER, "kind": "first"}
    return Item(7, "new", 1, NOON, known | fields)


def take(
    pipeline: Pipeline, item: Item, name: str, actor: str, *, work: str = "", facts: OfficeFacts = FACTS, **more: Any
) -> tuple[Item, tuple[Decision, ...]]:
    """One event; `work` says which piece of the actor's work it answers, as a mail's reply would."""
    task = next((o.task_id for o in reversed(item.owed) if o.name == work and o.owner == actor), None)
    at = more.pop("at", NOON)
    event = Event(key=f"e:{name}:{actor}", at=at, name=name, actor=actor, task_id=task, **more)
    after, decisions = step(pipeline, facts, item, event)
    # the store gives every row its id
    owed = tuple(replace(o, task_id=o.task_id or 100 + n) for n, o in enumerate(after.owed))
    return replace(after, owed=owed), decisions


def started(pipeline: Pipeline) -> Item:
    """An order whose service was started by the manager."""
    return take(pipeline, new_item(), "start", MANAGER)[0]


def agreeing(pipeline: Pipeline) -> Item:
    """An order whose price list is filled in."""
    item, _ = take(pipeline, started(pipeline), "done", DISPATCHER, work="price", sets=FILLED)
    return item


def approving(pipeline: Pipeline) -> Item:
    """An order whose time both sides have confirmed."""
    item, _ = take(pipeline, agreeing(pipeline), "approve", CLIENT, work="time_agreed")
    return take(pipeline, item, "approve", EXECUTOR, work="time_agreed")[0]


def asked(decisions: tuple[Decision, ...]) -> list[tuple[str, str]]:
    """Who is asked for what."""
    return [(one.name, one.owner) for one in decisions if isinstance(one, AskWork)]


def away(ref: str, substitute: str) -> OfficeFacts:
    """The office while somebody is away, with a substitute ('' for nobody)."""
    absence = Away(date(2026, 11, 16), date(2026, 11, 20), substitute)
    return replace(FACTS, staff=STAFF | {ref: replace(STAFF[ref], absences=(absence,))})
