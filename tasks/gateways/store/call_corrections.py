"""A leg told a second time with other content: the new telling counts, the old one is kept as an event.

A telling that was replaced before does not come back when its old file is read again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.events import NewEvent, record_events
from tasks.rules.calls.records import Leg

_CHUNK = 500
_ACTOR = "intake-calls"
# what a telling says of the call; its text and place may differ while it says the same
_SAID = (
    "linked_id", "started_at", "answered_at", "ended_at", "duration_seconds", "talk_seconds", "disposition",
    "caller_raw", "callee_raw", "extension", "queue", "line", "direction", "wait_seconds", "recording",
)  # fmt: skip
_KEPT = ("raw_line", "file_line")
LEG_NAMES = tuple(field.name for field in fields(Leg))
_values_of = attrgetter(*LEG_NAMES)


def leg_row(leg: Leg) -> dict[str, Any]:
    """The leg as a row; ten times as fast as asdict, which copies every value."""
    return dict(zip(LEG_NAMES, _values_of(leg), strict=True))


def known_legs(connection: sa.Connection, source: str, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The stored legs of these natural keys."""
    table = schema.call_leg
    columns = [table.c[name] for name in ("id", "natural_key", *_SAID, *_KEPT)]
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        query = sa.select(*columns).where(table.c.source == source, table.c.natural_key.in_(part))
        found |= {row.natural_key: dict(row._mapping) for row in connection.execute(query)}
    return found


def correct_legs(
    connection: sa.Connection, known: Mapping[str, Mapping[str, Any]], legs: Sequence[Leg], now: datetime
) -> int:
    """Put those that say something new in place of what is stored, to be folded again; how many those are."""
    changed = {leg.natural_key: leg for leg in legs if _differs(leg_row(leg), known[leg.natural_key])}
    if not changed:
        return 0
    events = {key: _event(known[key], now) for key in changed}
    back = {key: _event_key(int(known[key]["id"]), leg_row(leg)) for key, leg in changed.items()}
    table = schema.event
    replaced = set(connection.scalars(sa.select(table.c.key).where(table.c.key.in_(list(back.values())))))
    changed = {key: leg for key, leg in changed.items() if back[key] not in replaced}
    record_events(connection, [events[key] for key in changed])
    for key, leg in changed.items():
        values = leg_row(leg) | {"call_id": None}
        row_id = known[key]["id"]
        connection.execute(sa.update(schema.call_leg).where(schema.call_leg.c.id == row_id).values(**values))
        # both the call it was part of and the one it is part of now are folded again
        old = known[key]["linked_id"]
        if old != leg.linked_id:
            _unfold_call(connection, leg.source, old)
        _unfold_call(connection, leg.source, leg.linked_id)
    return len(changed)


def _unfold_call(connection: sa.Connection, source: str, linked_id: str) -> None:
    table = schema.call_leg
    is_of_call = (table.c.source == source) & (table.c.linked_id == linked_id)
    connection.execute(sa.update(table).where(is_of_call, table.c.call_id.is_not(None)).values(call_id=None))


def _differs(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """A recording that a later telling leaves out is no correction."""
    return any(new[name] != old[name] for name in _SAID if name != "recording" or new[name])


def _event(old: Mapping[str, Any], now: datetime) -> NewEvent:
    data = {name: old[name] for name in _KEPT}
    leg_id = int(old["id"])
    return NewEvent(_event_key(leg_id, old), now, "call_leg", leg_id, "call_leg.corrected", _ACTOR, data)


def _event_key(leg_id: int, told: Mapping[str, Any]) -> str:
    """Names what a telling said, so that the same one replaced once is known again."""
    said = json.dumps([told[name] for name in _SAID if name != "recording"], default=str)
    return f"call_leg.corrected:{leg_id}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"
