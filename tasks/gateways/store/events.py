"""The append-only record of what happened, and the process engine's inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from sql.column_types import Json, UtcDateTime
from tasks.gateways.store.connection import insert_new, insert_new_ids


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One fact. `key` is its natural key: recording the same fact twice keeps the first.

    `item_id` is the process item whose inbox it goes to, when it is `for_process`.
    """

    key: str
    at: datetime
    entity: str
    entity_id: int
    kind: str
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)
    cause_id: int | None = None
    for_process: bool = False
    item_id: int | None = None


def record_events(connection: sa.Connection, events: Sequence[NewEvent]) -> dict[str, int]:
    """Record facts, once per key; those `for_process` go to the engine's inbox in the same transaction.

    Returns the row id of every key given, also of those that were there before.
    """
    if not events:
        return {}
    known = _ids_of(connection, [event.key for event in events])
    fresh = {event.key: event for event in events if event.key not in known}
    if not fresh:
        return known
    insert_new(connection, schema.event, [_row(e) for e in fresh.values()])
    ids = _ids_of(connection, list(fresh))
    waiting = [
        {"event_id": ids[e.key], "entity": e.entity, "entity_id": e.entity_id, "at": e.at, "item_id": e.item_id}
        for e in fresh.values()
        if e.for_process
    ]
    if waiting:
        insert_new(connection, schema.process_inbox, waiting)
    return known | ids


def record_event(connection: sa.Connection, event: NewEvent) -> int:
    """Record one fact and return its row id; see `record_events`."""
    return record_events(connection, [event])[event.key]


def record_new(connection: sa.Connection, event: NewEvent) -> int:
    """Record one fact of which nobody waits, and return its row id; one statement when it is new."""
    [event_id] = insert_new_ids(connection, schema.event, [_row(event)])
    return event_id if event_id is not None else record_event(connection, event)


def event_id_of(connection: sa.Connection, key: str) -> int | None:
    """The row of the event with this key; None when it has not happened."""
    return connection.scalar(sa.select(schema.event.c.id).where(schema.event.c.key == key))


_NOTE = sa.text(
    "INSERT INTO event (key, at, entity, entity_id, kind, actor, data, cause_id) "
    "VALUES (:key, :at, :entity, :entity_id, :kind, :actor, :data, :cause_id) ON CONFLICT (key) DO NOTHING"
).bindparams(sa.bindparam("at", type_=UtcDateTime()), sa.bindparam("data", type_=Json))


def note_events(connection: sa.Connection, events: Sequence[NewEvent]) -> None:
    """Record facts that nobody waits for, once per key: one prepared statement, for where thousands leave a minute."""
    if any(event.for_process for event in events):
        raise ValueError("events for the process engine are recorded by record_events")
    if events:
        connection.execute(_NOTE, [_row(event) for event in events])


def _row(event: NewEvent) -> dict[str, Any]:
    return {
        "key": event.key,
        "at": event.at,
        "entity": event.entity,
        "entity_id": event.entity_id,
        "kind": event.kind,
        "actor": event.actor,
        "data": dict(event.data),
        "cause_id": event.cause_id,
    }


_IDS = sa.select(schema.event.c.key, schema.event.c.id).where(
    schema.event.c.key.in_(sa.bindparam("keys", expanding=True))
)


def _ids_of(connection: sa.Connection, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(keys), 500):
        rows = connection.execute(_IDS, {"keys": keys[start : start + 500]})
        found.update((row.key, row.id) for row in rows)
    return found


def begun_by(connection: sa.Connection, key: str) -> Mapping[str, Any] | None:
    """What the record says of the beginning with this key; None when nothing was begun by it."""
    table = schema.event
    found: Mapping[str, Any] | None = connection.scalar(
        sa.select(table.c.data).where(table.c.key == key, table.c.kind == "item.begun")
    )
    return found
