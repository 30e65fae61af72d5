"""Public numbers: last value + 1, taken inside the caller's transaction, so no gap and no double."""

from __future__ import annotations

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert


def next_numbers(connection: sa.Connection, name: str, prefix: str, count: int = 1) -> list[str]:
    """`count` new numbers of the numerator `name`, as PREFIX-000001. Give them back by rolling back."""
    table = schema.numerator
    connection.execute(insert(connection, table).on_conflict_do_nothing(), [{"name": name, "last_value": 0}])
    last = connection.execute(
        sa.update(table)
        .where(table.c.name == name)
        .values(last_value=table.c.last_value + count)
        .returning(table.c.last_value)
    ).scalar_one()
    return [f"{prefix}-{value:06d}" for value in range(last - count + 1, last + 1)]
