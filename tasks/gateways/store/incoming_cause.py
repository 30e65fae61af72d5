"""Which incoming mail a message goes back to, along the chain of events that caused it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.rules.brakes import IncomingCause

_LONGEST_CHAIN = 30


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
    for event_id in set(event_ids):
        for event in cause_chain(connection, event_id):
            activity_id = (event.data or {}).get("activity_id")
            cause = _incoming(connection, activity_id, event.actor) if activity_id else None
            if cause is not None:
                found[event_id] = cause
                break
    return found


def _incoming(connection: sa.Connection, activity_id: int, author_ref: str) -> IncomingCause | None:
    activity, item = schema.activity, schema.intake_item
    query = (
        sa.select(item.c.verdict, activity.c.is_reply_verified)
        .join(item, activity.c.origin_key == "mail:" + sa.cast(item.c.id, sa.Text))
        .where(activity.c.id == activity_id, activity.c.direction == "in")
    )
    row = connection.execute(query).first()
    return IncomingCause(author_ref, row.verdict or "", row.is_reply_verified) if row else None
