"""Rows that could not be used, kept with their reason until a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert


@dataclass(frozen=True, slots=True)
class BadRow:
    """One refused row: where it stands (`row_key`: 'intake:ID' or 'file:line'), why, and its text (empty for mail)."""

    source: str
    row_key: str
    reason: str
    raw: str = ""


def quarantine_rows(connection: sa.Connection, rows: Sequence[BadRow], at: datetime) -> None:
    """Keep refused rows, once per (source, row key)."""
    values = [{"source": r.source, "row_key": r.row_key, "reason": r.reason, "raw": r.raw, "at": at} for r in rows]
    if values:
        connection.execute(insert(connection, schema.quarantine_row).on_conflict_do_nothing(), values)


def count_held(connection: sa.Connection) -> int:
    """How many refused rows wait for a person."""
    table = schema.quarantine_row
    return int(connection.scalar(sa.select(sa.func.count()).where(table.c.state == "held")) or 0)
