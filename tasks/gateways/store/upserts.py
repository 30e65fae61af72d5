"""Rows found by their key: made when new, brought up to date when known, the same on both engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.connection import insert


def upsert(
    connection: sa.Connection,
    table: sa.Table,
    key: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    keep: Sequence[str] = (),
    **computed: Any,
) -> None:
    """Insert `rows`, or update those whose `key` columns are known; columns of `keep` stay as they were.

    `computed` gives expressions for columns of a known row, which may read its old values.
    """
    if not rows:
        return
    statement = insert(connection, table)
    changes = {name: statement.excluded[name] for name in rows[0] if name not in (*key, *keep)} | computed
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changes), list(rows))


def ids_by_key(connection: sa.Connection, table: sa.Table) -> dict[str, int]:
    """Key of the office folder → row id."""
    rows = connection.execute(sa.select(table.c.key, table.c.id).where(table.c.key.is_not(None)))
    return {row.key: row.id for row in rows}


def switch_off_missing(connection: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool]) -> None:
    """Make the active rows of `which` inactive; they stay, because history points at them."""
    connection.execute(sa.update(table).where(table.c.is_active, which).values(is_active=False))
