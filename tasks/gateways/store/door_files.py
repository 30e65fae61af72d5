"""Files that came with letters, forms and hand-overs, as the pages list and give them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema

_MOST = 100


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file; `name` is what its sender called it. The bytes lie in the files folder under their hash."""

    file_id: int
    sha256: str
    name: str
    content_type: str
    size_bytes: int
    at: datetime
    lead_id: int | None
    deal_id: int | None


def files_of_lead(connection: sa.Connection, lead_id: int) -> list[KeptFile]:
    """What came with a lead, in the order of coming."""
    return _read(connection, schema.activity.c.lead_id == lead_id)


def files_of_deal(connection: sa.Connection, deal_id: int) -> list[KeptFile]:
    """What came with an order, in the order of coming."""
    return _read(connection, schema.document.c.deal_id == deal_id)


def find_file(connection: sa.Connection, file_id: int) -> KeptFile | None:
    """One file; None when there is none of this number."""
    return next(iter(_read(connection, schema.document.c.id == file_id)), None)


def _read(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[KeptFile]:
    document, activity = schema.document, schema.activity
    query = (
        sa.select(document, activity.c.lead_id)
        .join(activity, document.c.activity_id == activity.c.id)
        .where(which)
        .order_by(document.c.id)
        .limit(_MOST)
    )
    return [_file(row) for row in connection.execute(query)]


def _file(row: Any) -> KeptFile:
    return KeptFile(
        file_id=row.id,
        sha256=row.sha256,
        name=row.original_name or row.file_name,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        at=row.at,
        lead_id=row.lead_id,
        deal_id=row.deal_id,
    )
