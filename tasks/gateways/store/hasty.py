"""A second way into the store for those who would rather have no answer than a late one: it only reads.

It has its own connections, so nobody else's long work keeps it waiting, and the engine itself gives up in time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from tasks.rules.errors import StoreError


def open_hasty(engine: sa.Engine, patience_milliseconds: int, connections: int) -> sa.Engine:
    """An engine for the same store that waits for no lock longer than this. No connection is opened yet."""
    # the connection that was used last is asked first: it is open
    pool: dict[str, Any] = {"pool_size": connections, "max_overflow": 0, "pool_use_lifo": True}
    if engine.dialect.name == "sqlite":
        hasty = sa.create_engine(engine.url, poolclass=sa.QueuePool, **pool)
        sa.event.listen(hasty, "connect", _prepare(patience_milliseconds))
        sa.event.listen(hasty, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return hasty
    limits = f"-c statement_timeout={patience_milliseconds} -c default_transaction_read_only=on"
    given = {"options": limits, "connect_timeout": 2}
    return sa.create_engine(engine.url, connect_args=given, pool_pre_ping=True, **pool)


def _prepare(patience_milliseconds: int) -> Any:
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (f"busy_timeout={patience_milliseconds}", "query_only=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return prepare


@contextmanager
def hasty_reading(hasty: sa.Engine) -> Iterator[sa.Connection]:
    """One read transaction; raises StoreError for whatever the store does not give in time."""
    try:
        with hasty.connect() as connection:
            yield connection
    except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(f"the store did not answer in time: {type(error).__name__}") from error
