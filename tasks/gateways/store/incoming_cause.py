"""Which incoming mail a message goes back to, along the chain of events that caused it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.rules.brakes import IncomingCause

_LONGEST_CHAIN = 30
_CHUNK = 500


def cause_chain(connection: sa.Connection, event_id: int | None) -> list[sa.Row[Any]]:
    """The event `event_id`, what caused it, and so on to the first, at most 30."""
    chain: list[sa.Row[Any]] = []
    seen: set[int] = set()
    while event_id is not None and event_id not in seen and len(chain) < _LONGEST_CHAIN:
        seen.add(event_id)
        found = connection.execute(sa.select(schema.event).where(schema.event.c.id == event_id)).first()
        if found is None:
            break
        chain.append(found)
        event_id = found.cause_id
    return chain


def incoming_causes(connection: sa.Connection, event_ids: Collection[int]) -> dict[int, IncomingCause]:
    """By event: the incoming mail at the root of it; events that no mail caused are left out."""
    found: dict[int, IncomingCause] = {}
    events = _with_causes(connection, set(event_ids))
    for event_id in set(event_ids):
        for event in _chain_of(events, event_id):
            activity_id = (event.data or {}).get("activity_id")
            cause = _incoming(connection, activity_id, event.actor) if activity_id else None
            if cause is not None:
                found[event_id] = cause
                break
    return found


def _with_causes(connection: sa.Connection, event_ids: set[int]) -> dict[int, sa.Row[Any]]:
    """The events and what they go back to, each step of all chains at once."""
    table = schema.event
    found: dict[int, sa.Row[Any]] = {}
    for _ in range(_LONGEST_CHAIN):
        wanted = sorted(event_ids - found.keys())
        rows: list[sa.Row[Any]] = []
        for start in range(0, len(wanted), _CHUNK):
            query = sa.select(table.c.id, table.c.cause_id, table.c.actor, table.c.data)
            rows += connection.execute(query.where(table.c.id.in_(wanted[start : start + _CHUNK])))
        found |= {row.id: row for row in rows}
        event_ids = {row.cause_id for row in rows if row.cause_id is not None}
        if not event_ids:
            break
    return found


def _chain_of(events: Mapping[int, sa.Row[Any]], event_id: int | None) -> list[sa.Row[Any]]:
    """The event, what caused it, and so on to the first that is known."""
    chain: dict[int, sa.Row[Any]] = {}
    while event_id is not None and event_id in events and event_id not in chain and len(chain) < _LONGEST_CHAIN:
        chain[event_id] = events[event_id]
        event_id = events[event_id].cause_id
    return list(chain.values())


def _incoming(connection: sa.Connection, activity_id: int, author_ref: str) -> IncomingCause | None:
    activity, item = schema.activity, schema.intake_item
    query = (
        sa.select(item.c.verdict, activity.c.is_reply_verified)
        .join(item, activity.c.origin_key == "mail:" + sa.cast(item.c.id, sa.Text))
        .where(activity.c.id == activity_id, activity.c.direction == "in")
    )
    row = connection.execute(query).first()
    return IncomingCause(author_ref, row.verdict or "", row.is_reply_verified) if row else None
