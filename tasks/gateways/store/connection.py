"""Opening the store, and transactions that behave alike on SQLite and PostgreSQL.

SQLite begins writes with BEGIN IMMEDIATE (a deferred one fails with "locked" half way), in WAL mode and
with synchronous FULL, because a mail is acknowledged to its source by our commit alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from tasks.rules.errors import StoreError

_sqlite_write_lock = threading.Lock()
_BUSY_TIMEOUT_MS = 30_000
_SQLITE = sqlite.dialect()
_Converter = Callable[[Any], Any]


class Turn(IntEnum):
    """What one transaction at a time may do, of all processes that work on a store."""

    OFFICE_SYNC = 5_001
    RECORDING_CONTENT = 5_002


def open_store(url: str) -> sa.Engine:
    """An engine for `url` (sqlite:///… or postgresql+psycopg://…); the folder of a SQLite file is made.

    Raises StoreError when the address cannot be read. No connection is opened yet.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite")
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, OSError) as error:
        raise StoreError(f"the database address cannot be used: {error}") from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    is_reading = connection.get_execution_options().get("is_reading", False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One write transaction: committed at the end of the block, rolled back on any error."""
    try:
        if engine.dialect.name != "sqlite":
            with engine.begin() as connection:
                yield connection
            return
        with _sqlite_write_lock, engine.begin() as connection:
            yield connection
    except sa.exc.OperationalError as error:
        raise StoreError(f"the database failed: {str(error.orig).strip().splitlines()[0]}") from error


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One read transaction: a consistent view, no lock taken."""
    try:
        with engine.connect().execution_options(is_reading=True) as connection:
            yield connection
    except sa.exc.OperationalError as error:
        raise StoreError(f"the database failed: {str(error.orig).strip().splitlines()[0]}") from error


def take_turn(connection: sa.Connection, turn: Turn) -> None:
    """Wait for others in this turn, and keep it until the transaction ends: SQLite has one writer anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": turn})


def insert(connection: sa.Connection, table: sa.Table) -> Any:
    """The engine's own INSERT, which knows `on_conflict_do_nothing` and `on_conflict_do_update`.

    Execute it with a list of dicts: `.values([...])` is ten times slower.
    """
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def insert_new(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose key is not there yet; how many were new. All rows have the same columns.

    SQLAlchemy compiles the engines' own INSERT anew every time (1 to 2 ms); this text is made once per table. Its work
    on each row costs more than SQLite's own, so SQLite is given columns of ready values.
    """
    if not rows:
        return 0
    if connection.dialect.name == "sqlite":
        text, converters = _sqlite_insert(table, tuple(rows[0]))
        return connection.exec_driver_sql(text, _converted(rows, converters)).rowcount
    return connection.execute(_insert_text(table, tuple(rows[0])), [dict(row) for row in rows]).rowcount


def insert_new_ids(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """As `insert_new`, with the row id of each; None for one that was there already."""
    statements = [_insert_text(table, tuple(row), is_returning=True) for row in rows]
    return [connection.scalar(text, dict(row)) for text, row in zip(statements, rows, strict=True)]


def update_row(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any], **which: Any) -> int:
    """Update the rows whose columns have the values of `which`; how many there were. See `insert_new` for the text."""
    by = {f"_{name}": value for name, value in which.items()}
    return connection.execute(_update_text(table, tuple(values), tuple(which)), {**values, **by}).rowcount


@lru_cache(maxsize=256)
def _update_text(table: sa.Table, columns: tuple[str, ...], which: tuple[str, ...]) -> sa.TextClause:
    changed = ", ".join(f'"{name}" = :{name}' for name in columns)
    found = " AND ".join(f'"{name}" = :_{name}' for name in which)
    text = sa.text(f'UPDATE "{table.name}" SET {changed} WHERE {found}')  # noqa: S608 (names of our own schema)
    types = {name: table.c[name].type for name in columns} | {f"_{name}": table.c[name].type for name in which}
    return text.bindparams(*(sa.bindparam(name, type_=type_) for name, type_ in types.items()))


@lru_cache(maxsize=256)
def _sqlite_insert(table: sa.Table, columns: tuple[str, ...]) -> tuple[str, dict[str, _Converter | None]]:
    """The statement, and by column how its values become the driver's."""
    names, places = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    text = f'INSERT INTO "{table.name}" ({names}) VALUES ({places}) ON CONFLICT DO NOTHING'  # noqa: S608 (names of our own schema)
    return text, {name: table.c[name].type.dialect_impl(_SQLITE).bind_processor(_SQLITE) for name in columns}


def _converted(rows: Sequence[Mapping[str, Any]], converters: Mapping[str, _Converter | None]) -> list[tuple[Any, ...]]:
    columns = (
        map(converter, map(itemgetter(name), rows)) if converter else map(itemgetter(name), rows)
        for name, converter in converters.items()
    )
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=256)
def _insert_text(table: sa.Table, columns: tuple[str, ...], *, is_returning: bool = False) -> sa.TextClause:
    names, places = ", ".join(f'"{name}"' for name in columns), ", ".join(f":{name}" for name in columns)
    ending = " RETURNING id" if is_returning else ""
    text = sa.text(f'INSERT INTO "{table.name}" ({names}) VALUES ({places}) ON CONFLICT DO NOTHING{ending}')  # noqa: S608 (names of our own schema)
    return text.bindparams(*(sa.bindparam(name, type_=table.c[name].type) for name in columns))
