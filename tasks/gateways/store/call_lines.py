"""Keeping the lines of call logs: rows and cursor in one transaction, every line once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.call_logs.portions import FilePart, Portion
from tasks.gateways.store.connection import insert, reading, writing
from tasks.gateways.store.quarantine import BadRow, quarantine_rows
from tasks.rules.calls.records import Leg, QueueEvent

_CHUNK = 500


def read_cursors(engine: sa.Engine, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The kept positions of these cursors; those never read are not there."""
    table = schema.source_cursor
    with reading(engine) as connection:
        rows = connection.execute(sa.select(table.c.source, table.c.position).where(table.c.source.in_(keys)))
        return {row.source: row.position for row in rows}


def keep_portion(
    engine: sa.Engine, portion: Portion, legs: Sequence[Leg], refused: Sequence[BadRow], now: datetime
) -> dict[str, int]:
    """Store the good legs, the queue events and the refused lines of a portion, and move its cursors.

    Lines stored before (a file copied or restored) count as `repeated`: lines = legs + queue_events + refused +
    repeated. When another run has taken the portion meanwhile, nothing is stored and every count is 0.
    """
    with writing(engine) as connection:
        if not all(_is_at(connection, part, now) for part in portion.parts):
            return {}
        new_legs = _insert_new(connection, schema.call_leg, portion.source, [asdict(leg) for leg in legs])
        new_events = _insert_new(connection, schema.queue_event, portion.source, [_event(e) for e in portion.events])
        quarantine_rows(connection, refused, now)
        _unfold(connection, portion.source, new_events)
        for part in portion.parts:
            _move(connection, part, _seen(part, [*new_legs, *new_events], refused), now)
    return {
        "lines": portion.line_count,
        "legs": len(new_legs),
        "queue_events": len(new_events),
        "refused": len(refused),
        "repeated": portion.line_count - len(new_legs) - len(new_events) - len(refused),
    }


def keep_line(connection: sa.Connection, record: Leg | QueueEvent) -> bool:
    """Store one line that was released from quarantine; False when it is stored already. The caller's transaction."""
    if isinstance(record, Leg):
        return bool(_insert_new(connection, schema.call_leg, record.source, [asdict(record)]))
    new = _insert_new(connection, schema.queue_event, record.source, [_event(record)])
    _unfold(connection, record.source, new)
    return bool(new)


def _is_at(connection: sa.Connection, part: FilePart, now: datetime) -> bool:
    """Make the cursor row if need be, lock it, and see whether it still stands where the portion began."""
    table = schema.source_cursor
    row = {"source": part.cursor, "position": {}, "updated_at": now}
    connection.execute(insert(connection, table).on_conflict_do_nothing(), [row])
    query = sa.select(table.c.position).where(table.c.source == part.cursor).with_for_update()
    kept = connection.execute(query).scalar_one()
    return bool(kept == dict(part.begin))


def _move(connection: sa.Connection, part: FilePart, seen: int, now: datetime) -> None:
    """Move a cursor, and add to `seen_total` what the file really brought: repeated lines are nothing new."""
    table = schema.source_cursor
    connection.execute(
        sa.update(table)
        .where(table.c.source == part.cursor)
        .values(position=part.end.to_json(), seen_total=table.c.seen_total + seen, updated_at=now)
    )


def _seen(part: FilePart, stored: Sequence[Mapping[str, Any]], refused: Sequence[BadRow]) -> int:
    """How many rows of this file are among those stored and refused."""
    keys = [str(row["file_line"]) for row in stored] + [row.row_key for row in refused]
    name = part.cursor.rpartition(":")[2]
    return sum(key.startswith((f"{name}:", f"{name}~")) for key in keys)


def _event(event: QueueEvent) -> dict[str, Any]:
    return asdict(event) | {"data": list(event.data)}


def _insert_new(
    connection: sa.Connection, table: sa.Table, source: str, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Insert the rows whose natural key this source has not; returns those."""
    fresh = {row["natural_key"]: row for row in rows}
    keys = list(fresh)
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        known = connection.scalars(
            sa.select(table.c.natural_key).where(table.c.source == source, table.c.natural_key.in_(part))
        )
        for key in known:
            del fresh[key]
    if fresh:
        connection.execute(insert(connection, table).on_conflict_do_nothing(), list(fresh.values()))
    return list(fresh.values())


def _unfold(connection: sa.Connection, source: str, events: Sequence[Mapping[str, Any]]) -> None:
    """A queue's word that comes after its call was folded: the call is to be folded again."""
    keys = sorted({event["call_key"] for event in events})
    table = schema.call_leg
    for start in range(0, len(keys), _CHUNK):
        connection.execute(
            sa.update(table)
            .where(table.c.source == source, table.c.linked_id.in_(keys[start : start + _CHUNK]))
            .where(table.c.call_id.is_not(None))
            .values(call_id=None)
        )
