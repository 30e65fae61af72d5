"""Drafts of a page: what one person has typed and not written yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.upserts import upsert

_table = schema.door_draft


def find_draft(connection: sa.Connection, item_id: int, person_id: int) -> tuple[dict[str, str], datetime] | None:
    """The person's draft about an item, and when it was kept."""
    query = sa.select(_table).where(_table.c.item_id == item_id, _table.c.person_id == person_id)
    row = connection.execute(query).first()
    return (dict(row.content), row.saved_at) if row else None


def keep_draft(
    connection: sa.Connection, item_id: int, person_id: int, content: Mapping[str, str], now: datetime
) -> None:
    """Keep what was typed in place of the draft before."""
    row = {"item_id": item_id, "person_id": person_id, "content": dict(content), "saved_at": now}
    upsert(connection, _table, ("item_id", "person_id"), [row])


def drop_draft(connection: sa.Connection, item_id: int, person_id: int) -> None:
    """The draft was written, or given up."""
    connection.execute(sa.delete(_table).where(_table.c.item_id == item_id, _table.c.person_id == person_id))
