"""The recorded course of every item: each event as the engine was given it, the office then, and what was decided.

Written in the transaction of the event itself, so that the record cannot differ from what was done. It is what
back-test, proof and shadow runs read; nothing in the running office depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Literal

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert, insert_new
from tasks.gateways.store.process_codec import pack_event, pack_fields, pack_memory, unpack_event, unpack_item
from tasks.gateways.store.process_items import StoredItem
from tasks.rules.assignment import Staff
from tasks.rules.process.decisions import Decision, Hold, Refuse
from tasks.rules.process.state import Event, Item, OfficeFacts
from tasks.rules.process_tools.recording import (
    Course,
    decisions_plain,
    facts_of,
    office_digest,
    office_from,
    office_plain,
)
from tasks.rules.working_time import WorkingCalendar

_CHUNK = 200
# one round gives the engine the same people and calendar thousands of times
_digested: dict[str, Any] = {"staff": None, "calendar": None, "content": None, "digest": ""}


@dataclass(slots=True)
class CourseRows:
    """Records of several events that are written together, before their transaction ends."""

    offices: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)


def write_courses(connection: sa.Connection, kept: CourseRows) -> None:
    """Write what was collected."""
    offices = [{"digest": digest, "content": content} for digest, content in kept.offices.items()]
    insert_new(connection, schema.office_snapshot, offices)
    insert_new(connection, schema.process_course, kept.rows)


def record_course(
    connection: sa.Connection,
    stored: StoredItem,
    facts: OfficeFacts,
    event: Event,
    decisions: Sequence[Decision],
    *,
    event_id: int | None = None,
    kind: Literal["begin", "event"] = "event",
    made: Mapping[str, str] | None = None,
    collected: CourseRows | None = None,
) -> None:
    """Record one event of an item with what the engine made of it, once; in the event's own transaction.

    With `collected` it is added to them, and the caller writes them before the transaction ends.

    A refused one is recorded under a key of its own, since the same event may be accepted later; one that holds the
    item is not recorded: nothing of it has happened, and it comes again. For `begin` the event carries the fields in
    `sets`; author and key are the item's. `made` are fields that got the numbers of papers made outside the engine.
    """
    if any(isinstance(one, Hold) for one in decisions):
        return
    is_refused = any(isinstance(one, Refuse) for one in decisions)
    rows = CourseRows() if collected is None else collected
    row = {
        "item_id": stored.item_id,
        "process": stored.process,
        "version": stored.version,
        "kind": kind,
        "key": f"{event.key}:refused:{stored.revision}" if is_refused else event.key,
        "at": event.at,
        "event_id": event_id,
        "event": _kept(stored, event, kind, made),
        "office": _office(rows.offices, facts),
        "loads": {ref: load for ref, load in facts.loads.items() if load},
        "reachable": sorted(facts.reachable),
        "decisions": decisions_plain(decisions),
    }
    rows.rows.append(row)
    if collected is None:
        write_courses(connection, rows)


def _kept(
    stored: StoredItem, event: Event, kind: Literal["begin", "event"], made: Mapping[str, str] | None
) -> dict[str, Any]:
    kept = pack_event(event) | {"key": event.key, "actor": event.actor}
    if kind == "begin":
        kept |= {"author": stored.item.author, "item_key": stored.item.key}
    return kept | {"made": dict(made)} if made else kept


def record_migration(
    connection: sa.Connection, stored: StoredItem, version: int, facts: OfficeFacts, event: Event, item: Item
) -> None:
    """Record that an item goes on under another version, and how it stands then."""
    row = {
        "item_id": stored.item_id,
        "process": stored.process,
        "version": version,
        "kind": "migrated",
        "key": event.key,
        "at": event.at,
        "event": pack_event(event) | {"key": event.key, "actor": event.actor},
        "office": _keep_office(connection, facts),
        "loads": {},
        "reachable": sorted(facts.reachable),
        "decisions": [],
        "state": _pack_item(item),
    }
    connection.execute(insert(connection, schema.process_course).on_conflict_do_nothing(), row)


def record_restated(connection: sa.Connection, stored: StoredItem, event: Event) -> None:
    """Record how an item stands after something that no rule decided: a contact in it was merged, or parted again.

    The office is that of its last record; an item without records gets none.
    """
    table = schema.process_course
    last = sa.select(table.c.office, table.c.reachable).where(table.c.item_id == stored.item_id)
    known = connection.execute(last.order_by(table.c.id.desc()).limit(1)).first()
    if known is None:
        return
    row = {
        "item_id": stored.item_id,
        "process": stored.process,
        "version": stored.version,
        "kind": "migrated",
        "key": event.key,
        "at": event.at,
        "event": pack_event(event) | {"key": event.key, "actor": event.actor},
        "office": known.office,
        "loads": {},
        "reachable": known.reachable,
        "decisions": [],
        "state": _pack_item(stored.item),
    }
    connection.execute(insert(connection, table).on_conflict_do_nothing(), row)


def _keep_office(connection: sa.Connection, facts: OfficeFacts) -> str:
    kept = CourseRows()
    digest = _office(kept.offices, facts)
    write_courses(connection, kept)
    return digest


def _office(offices: dict[str, Any], facts: OfficeFacts) -> str:
    if _digested["staff"] is not facts.staff or _digested["calendar"] is not facts.calendar:
        content = office_plain(facts.staff, facts.calendar)
        _digested.update(staff=facts.staff, calendar=facts.calendar, content=content, digest=office_digest(content))
    offices[_digested["digest"]] = _digested["content"]
    return str(_digested["digest"])


def _pack_item(item: Item) -> dict[str, Any]:
    return {
        "key": item.key,
        "stage": item.stage,
        "visit": item.visit,
        "stage_entered_at": item.entered_at.isoformat(),
        "fields": pack_fields(item.fields),
        "outcome": item.outcome,
        "memory": pack_memory(item),
    }


def _unpack_item(kept: Mapping[str, Any]) -> Item:
    entered_at = datetime.fromisoformat(kept["stage_entered_at"])
    return unpack_item(SimpleNamespace(**{**kept, "stage_entered_at": entered_at, "held_at": None}))


def items_touched(
    connection: sa.Connection, since: datetime, until: datetime, process: str = ""
) -> list[tuple[int, str]]:
    """Items with a recorded event at or after `since` and before `until`, with their process; by item."""
    course = schema.process_course
    query = sa.select(course.c.item_id, course.c.process).where(course.c.at >= since, course.c.at < until)
    if process:
        query = query.where(course.c.process == process)
    return [(row.item_id, row.process) for row in connection.execute(query.distinct().order_by(course.c.item_id))]


def items_after(connection: sa.Connection, process: str, course_id: int) -> tuple[list[int], int]:
    """Items of a process with records after a row, and the newest such row."""
    course = schema.process_course
    query = sa.select(course.c.item_id, sa.func.max(course.c.id)).where(
        course.c.process == process, course.c.id > course_id
    )
    rows = connection.execute(query.group_by(course.c.item_id).order_by(course.c.item_id)).all()
    return [int(row[0]) for row in rows], max((int(row[1]) for row in rows), default=course_id)


def read_courses(
    connection: sa.Connection, item_ids: Sequence[int], until: datetime | None = None
) -> Iterator[tuple[int, list[Course]]]:
    """The record of each item from its beginning, in the order in which it was taken; `until` is excluded."""
    course = schema.process_course
    offices: dict[str, tuple[Staff, WorkingCalendar]] = {}
    for start in range(0, len(item_ids), _CHUNK):
        query = sa.select(course).where(course.c.item_id.in_(item_ids[start : start + _CHUNK]))
        if until is not None:
            query = query.where(course.c.at < until)
        rows: list[sa.Row[Any]] = []
        for row in connection.execute(query.order_by(course.c.item_id, course.c.id)):
            if rows and rows[-1].item_id != row.item_id:
                yield rows[0].item_id, [_course(connection, one, offices) for one in rows]
                rows = []
            rows.append(row)
        if rows:
            yield rows[0].item_id, [_course(connection, one, offices) for one in rows]


def task_ids(connection: sa.Connection, item_id: int) -> dict[tuple[str, int, str], int]:
    """The rows of an item's work by (name, round, owner): answers name the row they are for."""
    task = schema.work_task
    query = sa.select(task.c.id, task.c.name, task.c.round, task.c.person_id, task.c.contact_id)
    found = {}
    for row in connection.execute(query.where(task.c.item_id == item_id)):
        owner = f"person:{row.person_id}" if row.person_id else f"contact:{row.contact_id}"
        found[row.name, row.round, owner] = int(row.id)
    return found


def _course(connection: sa.Connection, row: Any, offices: dict[str, tuple[Staff, WorkingCalendar]]) -> Course:
    if row.office not in offices:
        snapshot = schema.office_snapshot
        content = connection.execute(sa.select(snapshot.c.content).where(snapshot.c.digest == row.office)).scalar_one()
        offices[row.office] = office_from(content)
    kept = dict(row.event)
    return Course(
        course_id=row.id,
        item_id=row.item_id,
        process=row.process,
        version=row.version,
        kind=row.kind,
        event=unpack_event(kept["key"], row.at, kept["actor"], kept),
        facts=facts_of(*offices[row.office], row.loads, row.reachable),
        decisions=tuple(row.decisions),
        item_key=kept.get("item_key", ""),
        author=kept.get("author", ""),
        made=kept.get("made", {}),
        state=_unpack_item(row.state) if row.state else None,
    )
