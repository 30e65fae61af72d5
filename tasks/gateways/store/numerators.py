"""Public numbers: last value + 1, taken inside the caller's transaction, so no gap and no double."""

from __future__ import annotations

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert_new

# made once: numbers are given out where many things are made a second
_TAKE = (
    sa.update(schema.numerator)
    .where(schema.numerator.c.name == sa.bindparam("numerator"))
    .values(last_value=schema.numerator.c.last_value + sa.bindparam("more"))
    .returning(schema.numerator.c.last_value)
)


def next_numbers(connection: sa.Connection, name: str, prefix: str, count: int = 1) -> list[str]:
    """`count` new numbers of the numerator `name`, as PREFIX-000001. Give them back by rolling back."""
    wanted = {"numerator": name, "more": count}
    last = connection.scalar(_TAKE, wanted)
    if last is None:
        insert_new(connection, schema.numerator, [{"name": name, "last_value": 0}])
        last = connection.execute(_TAKE, wanted).scalar_one()
    return [f"{prefix}-{value:06d}" for value in range(last - count + 1, last + 1)]
