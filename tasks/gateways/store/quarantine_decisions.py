"""The quarantine as people work through it: listing, and closing a row once, with its event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.intake import StoredMail, stored_mail
from tasks.rules.mail.fetched import over_limit_remark
from tasks.rules.quarantine import HeldRow, HeldState


def list_rows(connection: sa.Connection, *, is_all: bool, source: str, limit: int) -> list[HeldRow]:
    """Rows in quarantine, the newest first; without `is_all` those that wait for a person; '' for every source."""
    table = schema.quarantine_row
    query = sa.select(table).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
    if not is_all:
        query = query.where(table.c.state == "held")
    if source:
        query = query.where(table.c.source == source)
    return [_held(row) for row in connection.execute(query)]


def read_row(connection: sa.Connection, row_id: int) -> HeldRow | None:
    """One row of the quarantine, None when there is none of this number."""
    table = schema.quarantine_row
    row = connection.execute(sa.select(table).where(table.c.id == row_id)).one_or_none()
    return _held(row) if row is not None else None


def _held(row: sa.Row[Any]) -> HeldRow:
    return HeldRow(
        row.id,
        row.source,
        row.row_key,
        row.reason,
        row.raw,
        row.at,
        row.state,
        row.decided_by or "",
        row.decided_at,
        row.decision_note,
    )


def find_person(connection: sa.Connection, word: str) -> int | None:
    """The active member of staff with this key or mail address."""
    table = schema.person
    said = word.strip().lower()
    query = sa.select(table.c.id).where(table.c.is_active, sa.or_(table.c.key == said, table.c.mail == said))
    return connection.scalar(query)


def close_row(
    connection: sa.Connection, row: HeldRow, state: HeldState, by: str, at: datetime, note: str, data: dict[str, Any]
) -> bool:
    """Close a row that is still held (compare-and-set) with its event; False when somebody else was first.

    The row stays locked until the caller's transaction ends.
    """
    table = schema.quarantine_row
    held = sa.update(table).where(table.c.id == row.row_id, table.c.state == "held")
    values = {"state": state, "decided_by": by, "decided_at": at, "decision_note": note}
    if connection.execute(held.values(values)).rowcount != 1:
        return False
    record_event(
        connection,
        NewEvent(
            key=f"quarantine:{row.row_id}:{state}:{at.isoformat()}",
            at=at,
            entity="intake_item" if row.intake_id else "quarantine_row",
            entity_id=row.intake_id or row.row_id,
            kind=f"quarantine.{state}",
            actor=by,
            data={"quarantine_row_id": row.row_id, "reason": row.reason, "note": note, **data},
        ),
    )
    return True


def reopen_item(connection: sa.Connection, intake_id: int, states: Sequence[str] = ("quarantined",)) -> bool:
    """Make an item new again, for it to be settled in the same transaction; False when it is in another state."""
    table = schema.intake_item
    statement = sa.update(table).where(table.c.id == intake_id, table.c.state.in_(states)).values(state="new")
    return connection.execute(statement).rowcount == 1


def read_mails(connection: sa.Connection, ids: Sequence[int]) -> list[StoredMail]:
    """Stored mails, whatever their state, in order of their ids. At most a chunk at a time."""
    table = schema.intake_item
    rows = connection.execute(sa.select(table).where(table.c.id.in_(ids)).order_by(table.c.id))
    return [stored_mail(row, _remark(row)) for row in rows]


def _remark(row: sa.Row[Any]) -> str | None:
    """What fetching had to say; settling has joined it to the reason."""
    said = over_limit_remark(row.size_bytes)
    return said if said in (row.reason or "") else None
