"""Counting what outsiders do, across processes and restarts; whose it is stays a hash."""

from __future__ import annotations

import hashlib
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.rules.door.rates import Rate


def is_within(connection: sa.Connection, rate: Rate, who: str, now: datetime) -> bool:
    """Count one more for `who` in the caller's write transaction; False when it is one too many."""
    table = schema.door_rate
    key = f"{rate.name}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    row = {"key": key, "slot": rate.slot(now), "count": 1, "ends_at": rate.ends_at(now)}
    statement = insert(connection, table).values(row)
    counted = statement.on_conflict_do_update(
        index_elements=[table.c.key, table.c.slot], set_={"count": table.c.count + 1}
    ).returning(table.c.count)
    return int(connection.scalars(counted).one()) <= rate.count


def forget_old(connection: sa.Connection, now: datetime) -> int:
    """Drop the windows that are over; how many."""
    return int(connection.execute(sa.delete(schema.door_rate).where(schema.door_rate.c.ends_at < now)).rowcount)
