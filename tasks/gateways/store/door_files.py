"""Files that came with letters, forms and hand-overs, as the pages list and give them out."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema

_MOST = 100
_OF_A_FIELD = re.compile(r"door:file:(\d+):")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file; `name` is what its sender called it. The bytes lie in the files folder under their hash.

    `item_id`: it was handed over for a field of that item.
    """

    file_id: int
    sha256: str
    name: str
    content_type: str
    size_bytes: int
    at: datetime
    lead_id: int | None
    deal_id: int | None
    item_id: int | None


def files_of_lead(connection: sa.Connection, lead_id: int) -> list[KeptFile]:
    """What came with a lead, in the order of coming."""
    return _read(connection, schema.activity.c.lead_id == lead_id)


def files_of_deal(connection: sa.Connection, deal_id: int) -> list[KeptFile]:
    """What came with an order, in the order of coming."""
    return _read(connection, schema.document.c.deal_id == deal_id)


def find_file(connection: sa.Connection, file_id: int) -> KeptFile | None:
    """One file; None when there is none of this number."""
    return next(iter(_read(connection, schema.document.c.id == file_id)), None)


def field_file_origin(item_id: int, sha256: str) -> str:
    """The key under which a file for a field of an item is listed: the same bytes once for each item."""
    return f"door:file:{item_id}:{sha256}"


def sender_names(
    connection: sa.Connection, item_id: int, deal_id: int | None, hashes: Collection[str]
) -> dict[str, str]:
    """What those who sent these files for the item, or for its deal, called them, by hash."""
    document, activity = schema.document, schema.activity
    keys = [field_file_origin(item_id, sha256) for sha256 in sorted(hashes)]
    query = sa.select(document.c.sha256, document.c.original_name)
    own = query.join(activity, document.c.activity_id == activity.c.id).where(activity.c.origin_key.in_(keys))
    of_deal = query.where(document.c.deal_id == deal_id, document.c.sha256.in_(hashes)).order_by(document.c.id.desc())
    rows = [*(connection.execute(of_deal) if deal_id is not None else ()), *connection.execute(own)]
    return {row.sha256: row.original_name for row in rows if row.original_name}


def _read(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[KeptFile]:
    document, activity = schema.document, schema.activity
    query = (
        sa.select(document, activity.c.lead_id, activity.c.origin_key)
        .join(activity, document.c.activity_id == activity.c.id)
        .where(which)
        .order_by(document.c.id)
        .limit(_MOST)
    )
    return [_file(row) for row in connection.execute(query)]


def _file(row: Any) -> KeptFile:
    of_a_field = _OF_A_FIELD.match(row.origin_key)
    return KeptFile(
        file_id=row.id,
        sha256=row.sha256,
        name=row.original_name or row.file_name,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        at=row.at,
        lead_id=row.lead_id,
        deal_id=row.deal_id,
        item_id=int(of_a_field[1]) if of_a_field else None,
    )
