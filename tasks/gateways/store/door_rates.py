"""Counting what outsiders do, across processes and restarts; whose it is stays a hash."""

from __future__ import annotations

import hashlib
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from sql.column_types import UtcDateTime
from tasks.rules.door.rates import Rate

# as text: SQLAlchemy keeps no compiled form of a statement with ON CONFLICT
_COUNT = sa.text(
    "INSERT INTO door_rate (key, slot, count, ends_at) VALUES (:key, :slot, 1, :ends_at) "
    "ON CONFLICT (key, slot) DO UPDATE SET count = door_rate.count + 1 RETURNING count"
).bindparams(sa.bindparam("ends_at", type_=UtcDateTime()))


def is_within(connection: sa.Connection, rate: Rate, who: str, now: datetime) -> bool:
    """Count one more for `who` in the caller's write transaction; False when it is one too many."""
    key = f"{rate.name}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    row = {"key": key, "slot": rate.slot(now), "ends_at": rate.ends_at(now)}
    return int(connection.execute(_COUNT, row).scalar_one()) <= rate.count


def forget_old(connection: sa.Connection, now: datetime) -> int:
    """Drop the windows that are over; how many."""
    return int(connection.execute(sa.delete(schema.door_rate).where(schema.door_rate.c.ends_at < now)).rowcount)
