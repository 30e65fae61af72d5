"""Very many rows at once, by the driver alone: SQLAlchemy's own path costs several times what the engine does.

SQLite takes one prepared INSERT for all rows; PostgreSQL takes COPY, and only when a row is there already a second way
round. Both in the caller's transaction, with the same values as SQLAlchemy would write.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import psycopg
import sqlalchemy as sa

from sql.column_types import from_sqlite_text
from tasks.gateways.store.plain_values import copy_lines, sqlite_values

_COPIED_AT_ONCE = 500


def insert_missing(
    connection: sa.Connection, table: sa.Table, columns: Mapping[str, Sequence[Any]], key: str
) -> set[Any]:
    """Insert the rows of these columns that break no unique key; the `key` of those left out.

    `key` names a column that tells these rows apart.
    """
    keys = columns[key]
    if not keys:
        return set()
    insert = _insert_sqlite if connection.dialect.name == "sqlite" else _insert_postgres
    kinds = [table.c[name].type for name in columns]
    stored = insert(connection, _Batch(table.name, tuple(columns), kinds, tuple(columns.values()), key))
    return set() if stored is None else set(keys) - stored


def columns_of(records: Sequence[Any], names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """The values of each of these attributes, over all records."""
    return {name: list(map(attrgetter(name), records)) for name in names}


def set_each(connection: sa.Connection, table: sa.Table, name: str, pairs: Sequence[tuple[Any, int]]) -> None:
    """Put a value into the column `name` of each row where there is none yet; pairs of value and row id."""
    if not pairs:
        return
    if connection.dialect.name == "sqlite":
        text = f'UPDATE "{table.name}" SET "{name}" = ? WHERE id = ? AND "{name}" IS NULL'  # noqa: S608 (our schema's)
        _driver(connection).executemany(text, pairs)
        return
    values, ids = (list(column) for column in zip(*pairs, strict=True))
    connection.execute(
        sa.text(
            f'UPDATE "{table.name}" AS t SET "{name}" = n.value FROM UNNEST(:values, :ids) AS n (value, id) '  # noqa: S608
            f'WHERE t.id = n.id AND t."{name}" IS NULL'
        ),
        {"values": values, "ids": ids},
    )


def run_plain(connection: sa.Connection, statement: sa.TextClause, **values: Any) -> list[Sequence[Any]]:
    """What the statement returns, as the driver gives it: read times by `moment_reader`, JSON by `read_json`.

    A list among the values is an array for `any_of`.
    """
    if connection.dialect.name == "sqlite":
        values = {name: json.dumps(one) if isinstance(one, list) else one for name, one in values.items()}
    with connection.execute(statement, values) as result:
        return list(result.cursor.fetchall()) if result.returns_rows else []


def any_of(connection: sa.Connection, name: str) -> str:
    """The right side of a comparison with every value of the array that is bound as `name`."""
    if connection.dialect.name == "sqlite":
        return f"IN (SELECT value FROM json_each(:{name}))"  # noqa: S608 (a name of ours)
    return f"= ANY(:{name})"


def moment_reader(connection: sa.Connection) -> Callable[[Any], datetime]:
    """What makes aware UTC of a time of `run_plain`."""
    return from_sqlite_text if connection.dialect.name == "sqlite" else _in_utc


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def read_json(value: Any) -> Any:
    """A JSON value of `run_plain`."""
    return json.loads(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class _Batch:
    """Columns of values for one table."""

    table: str
    names: Sequence[str]
    kinds: Sequence[sa.types.TypeEngine[Any]]
    columns: Sequence[Sequence[Any]]
    key: str

    @property
    def listed(self) -> str:
        return ", ".join(f'"{name}"' for name in self.names)


def _driver(connection: sa.Connection) -> Any:
    """The driver's own connection, with the transaction that is open on it."""
    return connection.connection.driver_connection


def _insert_sqlite(connection: sa.Connection, batch: _Batch) -> set[Any] | None:
    """The keys of the rows that are new; None for all of them."""
    driver = _driver(connection)
    newest = driver.execute(f'SELECT COALESCE(MAX(id), 0) FROM "{batch.table}"').fetchone()[0]  # noqa: S608 (our schema's)
    places = ", ".join("?" * len(batch.names))
    text = f'INSERT INTO "{batch.table}" ({batch.listed}) VALUES ({places})'  # noqa: S608
    values = [sqlite_values(kind, column) for kind, column in zip(batch.kinds, batch.columns, strict=True)]
    try:
        # to ask for every row whether it is there costs a quarter more
        driver.executemany(text, zip(*values, strict=True))
    except sqlite3.IntegrityError:
        # what came before the first that was there is stored, and left out by this
        driver.executemany(f"{text} ON CONFLICT DO NOTHING", zip(*values, strict=True))
    else:
        return None
    # nobody else writes meanwhile: whatever has a higher id is of these rows
    found = driver.execute(f'SELECT "{batch.key}" FROM "{batch.table}" WHERE id > ?', (newest,))  # noqa: S608
    return {row[0] for row in found}


def _insert_postgres(connection: sa.Connection, batch: _Batch) -> set[Any] | None:
    """The keys of the rows that are new; None for all of them, which is what nearly always happens."""
    try:
        with connection.begin_nested():
            _copy(connection, batch.table, batch)
    except psycopg.errors.UniqueViolation:
        return _insert_around(connection, batch)
    return None


def _insert_around(connection: sa.Connection, batch: _Batch) -> set[Any]:
    """Through a table of this transaction, from where only what is new goes on."""
    way, listed = f"new_{batch.table}", batch.listed
    connection.exec_driver_sql(
        f'CREATE TEMPORARY TABLE "{way}" ON COMMIT DROP AS SELECT {listed} FROM "{batch.table}" LIMIT 0'  # noqa: S608
    )
    _copy(connection, way, batch)
    stored = connection.exec_driver_sql(
        f'INSERT INTO "{batch.table}" ({listed}) SELECT {listed} FROM "{way}" '  # noqa: S608
        f'ON CONFLICT DO NOTHING RETURNING "{batch.key}"'
    )
    found = set(stored.scalars())
    connection.exec_driver_sql(f'DROP TABLE "{way}"')
    return found


def _copy(connection: sa.Connection, name: str, batch: _Batch) -> None:
    """A few rows at a time, so that the server works on them while the next are made ready."""
    with _driver(connection).cursor() as cursor, cursor.copy(f'COPY "{name}" ({batch.listed}) FROM STDIN') as copy:
        for start in range(0, len(batch.columns[0]), _COPIED_AT_ONCE):
            part = [column[start : start + _COPIED_AT_ONCE] for column in batch.columns]
            copy.write(copy_lines(batch.kinds, part))
