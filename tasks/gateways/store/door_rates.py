"""Counting what outsiders do, across processes and restarts; whose it is stays a hash."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from sql.column_types import UtcDateTime
from tasks.rules.door.rates import Rate

# as text: SQLAlchemy keeps no compiled form of a statement with ON CONFLICT
_COUNT = sa.text(
    "INSERT INTO door_rate (key, slot, count, ends_at) VALUES (:key, :slot, :more, :ends_at) "
    "ON CONFLICT (key, slot) DO UPDATE SET count = door_rate.count + :more RETURNING count"
).bindparams(sa.bindparam("ends_at", type_=UtcDateTime()))


def is_within(connection: sa.Connection, rate: Rate, who: str, now: datetime) -> bool:
    """Count one more for `who` in the caller's write transaction; False when it is one too many."""
    return are_within(connection, [(rate, who)], now)[0]


def are_within(connection: sa.Connection, acts: Sequence[tuple[Rate, str]], now: datetime) -> list[bool]:
    """Count each act, in order, in the caller's write transaction; False for each that is one too many.

    The rows are changed in the order of their keys: of two transactions one waits, and neither waits for the other.
    """
    keys = [f"{rate.name}:{hashlib.sha256(who.encode()).hexdigest()[:32]}" for rate, who in acts]
    rates = dict(zip(keys, (rate for rate, _ in acts), strict=True))
    reached: dict[str, int] = {}
    for key, more in sorted(Counter(keys).items()):
        row = {"key": key, "slot": rates[key].slot(now), "ends_at": rates[key].ends_at(now), "more": more}
        reached[key] = int(connection.execute(_COUNT, row).scalar_one()) - more
    within = []
    for key, (rate, _) in zip(keys, acts, strict=True):
        reached[key] += 1
        within.append(reached[key] <= rate.count)
    return within


def forget_old(connection: sa.Connection, now: datetime) -> int:
    """Drop the windows that are over; how many."""
    return int(connection.execute(sa.delete(schema.door_rate).where(schema.door_rate.c.ends_at < now)).rowcount)
