"""Queue events told twice: live by the manager interface, and by the queue's own log, whose word is the fuller one.

Both tell the same call, queue, agent and kind within a few seconds, but not the same text, so their keys differ. Legs
need none of this: both ways know them by the PBX's own id and sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.rules.calls.records import LIVE_PLACE, QueueEvent

_NEAR = timedelta(seconds=5)  # an event may wait in the PBX before it is written, and its clock may be ours or another
_CHUNK = 500
_RECENT = 500


def has_twin(connection: sa.Connection, live: QueueEvent) -> bool:
    """Whether the queue's log has told this event already."""
    table = schema.queue_event
    query = _same_source(live.source, [live.call_key], live.at, live.at, is_live=False)
    rows = connection.execute(query.where(table.c.kind == live.kind))
    return any(_twin_key(row) == _twin_key(live) for row in rows)


def drop_live_twins(connection: sa.Connection, source: str, told: Sequence[QueueEvent]) -> None:
    """Take away the live tellings of what the log tells now; their texts stay in the ledger."""
    keys: dict[tuple[str, ...], list[datetime]] = {}
    for event in told:
        keys.setdefault(_twin_key(event), []).append(event.at)
    if not keys:
        return
    first, last = min(event.at for event in told), max(event.at for event in told)
    calls = sorted({event.call_key for event in told})
    table = schema.queue_event
    for start in range(0, len(calls), _CHUNK):
        query = _same_source(source, calls[start : start + _CHUNK], first, last, is_live=True)
        twins = [
            row.id
            for row in connection.execute(query)
            if any(abs(row.at - at) <= _NEAR for at in keys.get(_twin_key(row), ()))
        ]
        if twins:
            connection.execute(sa.delete(table).where(table.c.id.in_(twins)))


def has_other_keys(connection: sa.Connection, source: str) -> bool:
    """Whether the source's own records, as far as the newest legs show, tell no sequence: then none would meet."""
    table = schema.call_leg
    newest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
    is_recent = table.c.id > sa.func.coalesce(newest, 0) - _RECENT
    key = table.c.natural_key
    query = sa.select(table.c.id).where(
        is_recent,
        table.c.source == source,
        key.contains("/h:", autoescape=True) | key.startswith("h:", autoescape=True),
        table.c.file_line.not_like(f"{LIVE_PLACE}%"),
    )
    return connection.execute(query.limit(1)).first() is not None


def _same_source(
    source: str, calls: Sequence[str], first: datetime, last: datetime, *, is_live: bool
) -> sa.Select[Any]:
    table = schema.queue_event
    is_told_live = table.c.file_line.startswith(LIVE_PLACE, autoescape=True)
    return sa.select(table.c.id, table.c.at, table.c.call_key, table.c.queue, table.c.agent, table.c.kind).where(
        table.c.source == source,
        table.c.call_key.in_(calls),
        table.c.at.between(first - _NEAR, last + _NEAR),
        is_told_live if is_live else ~is_told_live,
    )


def _twin_key(event: QueueEvent | sa.Row[Any]) -> tuple[str, ...]:
    """What both tell; a caller alone in the queue has no agent, which one of them may write otherwise."""
    return (event.call_key, event.queue, event.agent.casefold(), event.kind)
