"""Missed calls and their tasks to call back: opened with the call, closed by the call that settles them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.gateways.store.events import NewEvent, record_events
from tasks.rules.calls.missed import LaterCall, Settled, choose_caller, find_settling
from tasks.rules.calls.settling import task_title
from tasks.rules.office import Office
from tasks.rules.working_time import WorkingCalendar

_ACTOR = "intake-calls"
_CLOSE_TASK = (
    sa.update(schema.work_task)
    .where(schema.work_task.c.entity == "missed_call", schema.work_task.c.entity_id == sa.bindparam("missed"))
    .where(schema.work_task.c.state == "open")
    .values(state="done", closed_at=sa.bindparam("then"), closed_by=sa.bindparam("by"), result=sa.bindparam("how"))
)
_CLOSE_MISSED = (
    sa.update(schema.missed_call)
    .where(schema.missed_call.c.id == sa.bindparam("missed"), schema.missed_call.c.state == "open")
    .values(state=sa.bindparam("how"), resolved_at=sa.bindparam("then"), resolved_by_id=sa.bindparam("call"))
)


@dataclass(frozen=True, slots=True)
class MissedDesk:
    """What is needed to give a missed call to somebody: the office, its calendar, and phone → manager's person id."""

    office: Office
    calendar: WorkingCalendar
    managers: Mapping[str, int | None]


def settle_missed(
    connection: sa.Connection, desk: MissedDesk, calls: Sequence[Any], phones: Collection[str], now: datetime
) -> dict[str, int]:
    """Open the missed ones among `calls`, close what is owed to `phones` and has been settled, make the tasks.

    One task per number at a time: while one is open, a further missed call of the number joins it.
    """
    opened = _open(connection, desk, calls)
    closed = _close(connection, sorted(phones), now)
    _make_tasks(connection, desk, opened)
    _close_tasks(connection, closed)
    states = [settled.state for settled in closed.values()]
    return {"missed": len(opened), "returned": states.count("returned"), "came_back": states.count("came_back")}


def _open(connection: sa.Connection, desk: MissedDesk, calls: Sequence[Any]) -> list[int]:
    """Make the rows that are not there yet; returns their ids."""
    table = schema.missed_call
    known = set(connection.scalars(sa.select(table.c.call_id).where(table.c.call_id.in_([c.id for c in calls]))))
    people = _people(connection)
    rows = [_missed_row(desk, call, people) for call in calls if call.id not in known]
    if not rows:
        return []
    connection.execute(insert(connection, table).on_conflict_do_nothing(), rows)
    made = connection.execute(
        sa.select(table.c.id, table.c.at).where(table.c.call_id.in_([row["call_id"] for row in rows]))
    ).all()
    record_events(connection, [_event("missed_call.opened", row.id, row.at, {}) for row in made])
    return [row.id for row in made]


def _people(connection: sa.Connection) -> dict[str, int]:
    table = schema.person
    return {row.key: row.id for row in connection.execute(sa.select(table.c.key, table.c.id).where(table.c.is_active))}


def _missed_row(desk: MissedDesk, call: Any, people: Mapping[str, int]) -> dict[str, Any]:
    key_of = {person_id: key for key, person_id in people.items()}
    manager = key_of.get(desk.managers.get(call.client_phone) or 0, "")
    day = call.ended_at.astimezone(desk.office.zone).date()
    chosen = choose_caller(manager, desk.office.people, day)
    return {
        "call_id": call.id,
        "client_phone": call.client_phone,
        "at": call.ended_at,
        "due_at": desk.calendar.add(call.ended_at, desk.office.telephony.call_back_minutes * 60),
        "person_id": people.get(chosen or ""),
    }


def _close(connection: sa.Connection, phones: Sequence[str], now: datetime) -> dict[int, Settled]:
    """Close every open missed call of these numbers that a call has settled; missed call → what settled it."""
    missed, call = schema.missed_call, schema.call
    owed = connection.execute(
        sa.select(missed.c.id, missed.c.client_phone, call.c.started_at)
        .join(call, missed.c.call_id == call.c.id)
        .where(missed.c.state == "open", missed.c.client_phone.in_(phones))
        .order_by(missed.c.id)
    ).all()
    calls = _calls_with(connection, sorted({row.client_phone for row in owed}), now)
    found = {row.id: find_settling(row.started_at, calls[row.client_phone]) for row in owed}
    closed = {missed_id: settled for missed_id, settled in found.items() if settled is not None}
    if closed:
        connection.execute(
            _CLOSE_MISSED,
            [{"missed": i, "how": s.state, "then": s.at, "call": s.call.call_id} for i, s in closed.items()],
        )
        facts = [(f"missed_call.{s.state}", missed_id, s) for missed_id, s in closed.items()]
        record_events(connection, [_event(kind, i, s.at, {"call_id": s.call.call_id}) for kind, i, s in facts])
    return closed


def _calls_with(connection: sa.Connection, phones: Sequence[str], now: datetime) -> dict[str, list[LaterCall]]:
    table = schema.call
    found: dict[str, list[LaterCall]] = defaultdict(list)
    query = sa.select(table).where(table.c.client_phone.in_(phones), table.c.ended_at <= now)
    for c in connection.execute(query):
        found[c.client_phone].append(
            LaterCall(c.id, c.linked_id, c.direction, c.outcome, c.started_at, c.answered_at, c.ended_at, c.person_id)
        )
    return found


def _make_tasks(connection: sa.Connection, desk: MissedDesk, opened: Sequence[int]) -> None:
    missed = schema.missed_call
    earlier = missed.alias("earlier")
    joins_another = sa.exists().where(
        earlier.c.client_phone == missed.c.client_phone,
        sa.or_(earlier.c.at < missed.c.at, sa.and_(earlier.c.at == missed.c.at, earlier.c.id < missed.c.id)),
        sa.or_(earlier.c.resolved_at.is_(None), earlier.c.resolved_at > missed.c.at),
    )
    rows = connection.execute(sa.select(missed).where(missed.c.id.in_(opened), ~joins_another))
    values = [_task_row(row, desk.office.language) for row in rows]
    if values:
        connection.execute(insert(connection, schema.work_task).on_conflict_do_nothing(), values)


def _task_row(missed: Any, language: str) -> dict[str, Any]:
    return {
        "key": f"missed_call:{missed.id}",
        "entity": "missed_call",
        "entity_id": missed.id,
        "name": "call_back",
        "kind": "task",
        "title": task_title(missed.client_phone, language),
        "person_id": missed.person_id,
        "opened_at": missed.at,
        "due_at": missed.due_at,
    }


def _close_tasks(connection: sa.Connection, closed: Mapping[int, Settled]) -> None:
    rows = [
        {"missed": missed_id, "how": settled.state, "then": settled.at, "by": _closer(settled.call.person_id)}
        for missed_id, settled in closed.items()
    ]
    if rows:
        connection.execute(_CLOSE_TASK, rows)


def _closer(person_id: int | None) -> str:
    return "process" if person_id is None else f"person:{person_id}"


def _event(kind: str, missed_id: int, at: datetime, data: Mapping[str, Any]) -> NewEvent:
    return NewEvent(f"{kind}:{missed_id}", at, "missed_call", missed_id, kind, _ACTOR, data)
