"""Missed calls and their tasks to call back: opened with the call, closed by the call that settles them, or lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.gateways.store.events import NewEvent, record_events
from tasks.rules.calls.missed import LaterCall, Settled, choose_caller, find_settling, is_in_time, lost_at
from tasks.rules.calls.settling import task_title
from tasks.rules.office import Absence, Office, Person
from tasks.rules.office_routing import RoutedQueue
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
    .where(schema.missed_call.c.id == sa.bindparam("missed"), schema.missed_call.c.state != "returned")
    .where(schema.missed_call.c.state != "came_back")
    .values(state=sa.bindparam("how"), resolved_at=sa.bindparam("then"), resolved_by_id=sa.bindparam("call"))
)


_LOSE_TASK = (
    sa.update(schema.work_task)
    .where(schema.work_task.c.entity == "missed_call", schema.work_task.c.entity_id == sa.bindparam("missed"))
    .where(schema.work_task.c.state == "open")
    .values(state="withdrawn", closed_at=sa.bindparam("then"), closed_by="process", result="lost")
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
    staff = _staff(connection, desk.office)
    rows = [_missed_row(desk, call, people, staff) for call in calls if call.id not in known]
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


def _staff(connection: sa.Connection, office: Office) -> list[Person]:
    """The office's people, also with the absences that were entered by a form."""
    absence, person, other = schema.absence, schema.person, schema.person.alias("substitute")
    query = (
        sa.select(person.c.key, absence.c.first_day, absence.c.last_day, other.c.key.label("substitute"))
        .join(person, absence.c.person_id == person.c.id)
        .outerjoin(other, absence.c.substitute_id == other.c.id)
        .where(absence.c.is_registered)
        .order_by(absence.c.first_day)
    )
    entered: dict[str, list[Absence]] = defaultdict(list)
    for row in connection.execute(query):
        entered[row.key].append(Absence(row.first_day, row.last_day, substitute=row.substitute or ""))
    return [replace(one, absences=(*one.absences, *entered[one.key])) for one in office.people]


def _missed_row(desk: MissedDesk, call: Any, people: Mapping[str, int], staff: Sequence[Person]) -> dict[str, Any]:
    key_of = {person_id: key for key, person_id in people.items()}
    manager = key_of.get(desk.managers.get(call.client_phone) or 0, "")
    day = call.ended_at.astimezone(desk.office.zone).date()
    head = desk.office.telephony.routing.queues.get(call.queue or "", RoutedQueue()).head
    chosen = choose_caller(manager, staff, day, head)
    return {
        "call_id": call.id,
        "client_phone": call.client_phone,
        "at": call.ended_at,
        "due_at": desk.calendar.add(call.ended_at, desk.office.telephony.call_back_minutes * 60),
        "person_id": people.get(chosen or ""),
    }


def _close(connection: sa.Connection, phones: Sequence[str], now: datetime) -> dict[int, Settled]:
    """Close every open missed call of these numbers that a call has settled; missed call → what settled it.

    One that was lost meanwhile is closed too when the call turns out to have been before that: its log came late.
    """
    missed, call = schema.missed_call, schema.call
    owed = connection.execute(
        sa.select(missed.c.id, missed.c.client_phone, missed.c.due_at, missed.c.resolved_at, call.c.started_at)
        .join(call, missed.c.call_id == call.c.id)
        .where(missed.c.state.in_(("open", "lost")), missed.c.client_phone.in_(phones))
        .order_by(missed.c.id)
    ).all()
    calls = _calls_with(connection, sorted({row.client_phone for row in owed}), now)
    found = {row.id: find_settling(row.started_at, calls[row.client_phone]) for row in owed}
    until = {row.id: row.resolved_at or now for row in owed}
    due = {row.id: row.due_at for row in owed}
    closed = {i: settled for i, settled in found.items() if settled is not None and settled.at <= until[i]}
    if closed:
        connection.execute(
            _CLOSE_MISSED,
            [{"missed": i, "how": s.state, "then": s.at, "call": s.call.call_id} for i, s in closed.items()],
        )
        facts = [(f"missed_call.{s.state}", missed_id, s) for missed_id, s in closed.items()]
        record_events(connection, [_event(kind, i, s.at, _evidence(s, due[i])) for kind, i, s in facts])
    return closed


def _evidence(settled: Settled, due_at: datetime) -> dict[str, Any]:
    """Which call it was, who talked, and whether the clock had not run out."""
    by = settled.call.person_id
    return {"call_id": settled.call.call_id, "person_id": by, "is_in_time": is_in_time(settled, due_at)}


def lose_missed(connection: sa.Connection, lost_after_days: int, now: datetime) -> int:
    """Give up the numbers whose last missed call is that many days old and was never settled; 0 days: never."""
    if not lost_after_days:
        return 0
    table = schema.missed_call
    old = (
        sa.select(table.c.client_phone)
        .where(table.c.state == "open")
        .group_by(table.c.client_phone)
        .having(
            sa.func.max(table.c.at) <= sa.bindparam("limit", now - timedelta(days=lost_after_days), table.c.at.type)
        )
    )
    open_ones: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(sa.select(table).where(table.c.state == "open", table.c.client_phone.in_(old))):
        open_ones[row.client_phone].append(row)
    ends = {
        phone: lost_at([(row.at, row.due_at) for row in rows], lost_after_days) for phone, rows in open_ones.items()
    }
    lost = [(row.id, ends[phone]) for phone, rows in open_ones.items() for row in rows if ends[phone] <= now]
    if lost:
        connection.execute(_CLOSE_MISSED, [{"missed": i, "how": "lost", "then": at, "call": None} for i, at in lost])
        connection.execute(_LOSE_TASK, [{"missed": i, "then": at} for i, at in lost])
        record_events(connection, [_event("missed_call.lost", i, at, {}) for i, at in lost])
    return len(lost)


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
