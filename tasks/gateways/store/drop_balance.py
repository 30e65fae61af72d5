"""What the balance of a POP3 maildrop reads from the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.rules.balance import SETTLING, Arrival, StoredFolder, StoredMail


def stored_drop(connection: sa.Connection, source: str, numbers: Mapping[str, int], now: datetime) -> StoredFolder:
    """Everything stored of a maildrop by its number in this session; what is gone has a number below zero."""
    table = schema.intake_item
    query = sa.select(
        table.c.id, table.c.natural_key, table.c.state, table.c.fetched_at, table.c.received_at, table.c.size_bytes
    ).where(table.c.source == source, table.c.natural_key.startswith("pop3:"))
    by_number: dict[int, StoredMail] = {}
    unsettled: list[str] = []
    for row in connection.execute(query.order_by(table.c.id)):
        mail = StoredMail(row.state, row.fetched_at, Arrival(row.received_at, row.size_bytes))
        by_number[numbers.get(row.natural_key, -row.id)] = mail
        if row.state == "new" and row.fetched_at <= now - SETTLING:
            unsettled.append(f"intake:{row.id}")
    return StoredFolder(by_number, (), unsettled)
