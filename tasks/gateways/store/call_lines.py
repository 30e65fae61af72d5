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
from tasks.gateways.store.bulk_rows import any_of, columns_of, insert_missing, run_plain
from tasks.gateways.store.call_corrections import LEG_NAMES, correct_legs, known_legs, leg_row
from tasks.gateways.store.call_facts import touch_hours
from tasks.gateways.store.connection import insert, insert_new, reading, writing
from tasks.gateways.store.live_twins import drop_live_twins
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
    engine: sa.Engine,
    portion: Portion,
    legs: Sequence[Leg],
    refused: Sequence[BadRow],
    now: datetime,
    *,
    is_told_live: bool = False,
) -> dict[str, int]:
    """Store the good legs, the queue events and the refused lines of a portion, and move its cursors.

    Lines stored before (a file copied or restored) count as `repeated`, those that say something else about a leg than
    before as `corrected`: lines = legs + queue_events + refused + repeated + corrected. When another run has taken the
    portion meanwhile, nothing is stored and every count is 0. `is_told_live`: the source's queue events are also told
    live, and the log's word replaces that.
    """
    with writing(engine) as connection:
        if not all(_is_at(connection, part, now) for part in portion.parts):
            return {}
        new_legs, corrected = _keep_legs(connection, portion.source, legs, now)
        new_events = _keep_events(connection, portion.events)
        if is_told_live:
            drop_live_twins(connection, portion.source, portion.events)
        new_refused = _not_held(connection, portion.source, refused)
        quarantine_rows(connection, new_refused, now)
        _unfold(connection, portion.source, new_events)
        touch_hours(connection, [event.at for event in new_events if event.kind in SIGNS])
        places = [leg.file_line for leg in new_legs] + [event.file_line for event in new_events]
        places += [row.row_key for row in new_refused]
        for part in portion.parts:
            _move(connection, part, _seen(part, places), now)
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
        return bool(insert_new(connection, schema.call_leg, [leg_row(record)]))
    if not insert_new(connection, schema.queue_event, [_event_row(record)]):
        return False
    _unfold(connection, record.source, [record])
    touch_hours(connection, [record.at] if record.kind in SIGNS else [])
    return True


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


def _seen(part: Part, places: Sequence[str]) -> int:
    """How many of the rows stored and refused are of this file."""
    begins = (f"{part.name}:", f"{part.name}~")
    return sum(place.startswith(begins) for place in places)


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


def _keep_legs(connection: sa.Connection, source: str, legs: Sequence[Leg], now: datetime) -> tuple[list[Leg], int]:
    """Store the legs; those that are new, and how many others say something else than before."""
    fresh = {leg.natural_key: leg for leg in legs}
    old = insert_missing(connection, schema.call_leg, columns_of(list(fresh.values()), LEG_NAMES), "natural_key")
    if not old:
        return list(fresh.values()), 0
    known = known_legs(connection, source, sorted(old))
    corrected = correct_legs(connection, known, [leg for leg in legs if leg.natural_key in known], now)
    return [leg for leg in fresh.values() if leg.natural_key not in old], corrected


def _keep_events(connection: sa.Connection, events: Sequence[QueueEvent]) -> list[QueueEvent]:
    """Store the events; those that are new."""
    fresh = {event.natural_key: event for event in events}
    old = insert_missing(connection, schema.queue_event, columns_of(list(fresh.values()), _EVENT_NAMES), "natural_key")
    return [event for event in fresh.values() if event.natural_key not in old]


def _event_row(event: QueueEvent) -> dict[str, Any]:
    return dict(zip(_EVENT_NAMES, _event_values(event), strict=True)) | {"data": list(event.data)}


def _unfold(connection: sa.Connection, source: str, events: Sequence[QueueEvent]) -> None:
    """A queue's word that comes after its call was folded: the call is to be folded again."""
    keys = sorted({event.call_key for event in events})
    if keys:
        one_of = any_of(connection, "keys")
        text = (
            f"UPDATE call_leg SET call_id = NULL WHERE source = :source AND linked_id {one_of} AND call_id IS NOT NULL"  # noqa: S608
        )
        run_plain(connection, sa.text(text), source=source, keys=keys)
