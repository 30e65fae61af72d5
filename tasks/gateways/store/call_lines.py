"""Keeping the lines of call logs: rows and cursor in one transaction, every line once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.call_logs.portions import Part, Portion
from tasks.gateways.store.call_corrections import correct_legs, known_legs, leg_row
from tasks.gateways.store.call_facts import touch_hours
from tasks.gateways.store.connection import insert, reading, writing
from tasks.gateways.store.quarantine import BadRow, quarantine_rows
from tasks.rules.calls.presence import SIGNS
from tasks.rules.calls.records import Leg, QueueEvent

_CHUNK = 500
_EVENT_NAMES = tuple(field.name for field in fields(QueueEvent))
_event_values = attrgetter(*_EVENT_NAMES)


def read_cursors(engine: sa.Engine, log_name: str) -> dict[str, Mapping[str, Any]]:
    """The kept positions of all files, tables and lists of this log."""
    table = schema.source_cursor
    with reading(engine) as connection:
        is_of_log = table.c.source.startswith(f"calls:{log_name}:", autoescape=True)
        rows = connection.execute(sa.select(table.c.source, table.c.position).where(is_of_log))
        return {row.source: row.position for row in rows}


def keep_portion(
    engine: sa.Engine, portion: Portion, legs: Sequence[Leg], refused: Sequence[BadRow], now: datetime
) -> dict[str, int]:
    """Store the good legs, the queue events and the refused lines of a portion, and move its cursors.

    Lines stored before (a file copied or restored) count as `repeated`, those that say something else about a leg than
    before as `corrected`: lines = legs + queue_events + refused + repeated + corrected. When another run has taken the
    portion meanwhile, nothing is stored and every count is 0.
    """
    with writing(engine) as connection:
        if not all(_is_at(connection, part, now) for part in portion.parts):
            return {}
        known = known_legs(connection, portion.source, [leg.natural_key for leg in legs])
        fresh = {leg.natural_key: leg for leg in legs if leg.natural_key not in known}
        new_legs = [leg_row(leg) for leg in fresh.values()]
        if new_legs:
            connection.execute(insert(connection, schema.call_leg).on_conflict_do_nothing(), new_legs)
        corrected = correct_legs(connection, known, [leg for leg in legs if leg.natural_key in known], now)
        new_events = _insert_new(connection, schema.queue_event, portion.source, [_event(e) for e in portion.events])
        new_refused = _not_held(connection, portion.source, refused)
        quarantine_rows(connection, new_refused, now)
        _unfold(connection, portion.source, new_events)
        touch_hours(connection, [event["at"] for event in new_events if event["kind"] in SIGNS])
        for part in portion.parts:
            _move(connection, part, _seen(part, [*new_legs, *new_events], new_refused), now)
    counts = {
        "lines": portion.line_count,
        "legs": len(new_legs),
        "queue_events": len(new_events),
        "refused": len(new_refused),
        "corrected": corrected,
    }
    repeated = portion.line_count - sum(count for name, count in counts.items() if name != "lines")
    return counts | {"repeated": repeated}


def keep_line(connection: sa.Connection, record: Leg | QueueEvent) -> bool:
    """Store one line that was released from quarantine; False when it is stored already. The caller's transaction."""
    if isinstance(record, Leg):
        return bool(_insert_new(connection, schema.call_leg, record.source, [leg_row(record)]))
    new = _insert_new(connection, schema.queue_event, record.source, [_event(record)])
    _unfold(connection, record.source, new)
    touch_hours(connection, [event["at"] for event in new if event["kind"] in SIGNS])
    return bool(new)


def newest_waiting_leg(connection: sa.Connection) -> int:
    """The newest leg that is in no call yet; 0 for none."""
    table = schema.call_leg
    return int(connection.scalar(sa.select(sa.func.max(table.c.id)).where(table.c.call_id.is_(None))) or 0)


def _is_at(connection: sa.Connection, part: Part, now: datetime) -> bool:
    """Make the cursor row if need be, lock it, and see whether it still stands where the portion began."""
    table = schema.source_cursor
    row = {"source": part.cursor, "position": {}, "updated_at": now}
    connection.execute(insert(connection, table).on_conflict_do_nothing(), [row])
    query = sa.select(table.c.position).where(table.c.source == part.cursor).with_for_update()
    kept = connection.execute(query).scalar_one()
    return bool(kept == dict(part.begin))


def _move(connection: sa.Connection, part: Part, seen: int, now: datetime) -> None:
    """Move a cursor, and add to `seen_total` what the file really brought: repeated lines are nothing new."""
    table = schema.source_cursor
    connection.execute(
        sa.update(table)
        .where(table.c.source == part.cursor)
        .values(position=dict(part.end), seen_total=table.c.seen_total + seen, updated_at=now)
    )


def _seen(part: Part, stored: Sequence[Mapping[str, Any]], refused: Sequence[BadRow]) -> int:
    """How many rows of this file are among those stored and refused."""
    keys = [str(row["file_line"]) for row in stored] + [row.row_key for row in refused]
    return sum(key.startswith((f"{part.name}:", f"{part.name}~")) for key in keys)


def _not_held(connection: sa.Connection, source: str, rows: Sequence[BadRow]) -> list[BadRow]:
    """Refused lines but for those that stood refused in the same place before, also in an earlier file of the name."""
    places = {row.row_key: _first_place(row.row_key) for row in rows}
    table, texts = schema.quarantine_row, set()
    asked = sorted({*places, *places.values()})
    for start in range(0, len(asked), _CHUNK):
        part = asked[start : start + _CHUNK]
        query = sa.select(table.c.row_key, table.c.raw).where(table.c.source == source, table.c.row_key.in_(part))
        texts |= {(row.row_key, row.raw) for row in connection.execute(query)}
    held = {row_key for row_key, _ in texts}
    return [row for row in rows if row.row_key not in held and (places[row.row_key], row.raw) not in texts]


def _first_place(row_key: str) -> str:
    """'Master.csv~2:17' → 'Master.csv:17'."""
    name, _, number = row_key.rpartition(":")
    return f"{name.rpartition('~')[0]}:{number}" if "~" in name else row_key


def _event(event: QueueEvent) -> dict[str, Any]:
    return dict(zip(_EVENT_NAMES, _event_values(event), strict=True)) | {"data": list(event.data)}


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
