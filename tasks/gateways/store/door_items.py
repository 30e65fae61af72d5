"""What the door's pages read of one item beside the item itself: its work, its record, its papers, its children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.gateways.store.staff import id_of

_MOST_WORK = 200
_KEPT_KIND = "door"


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A row of work_task; `owner` and `closed_by` are refs."""

    task_id: int
    item_id: int | None
    name: str
    kind: str
    title: str
    owner: str
    state: str
    round: int
    opened_at: datetime
    begun_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    closed_at: datetime | None
    closed_by: str
    result: str


@dataclass(frozen=True, slots=True)
class RecordRow:
    """An event of an item."""

    at: datetime
    kind: str
    actor: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A file that was handed over at the door; the bytes lie in the files folder under their hash."""

    sha256: str
    file_name: str
    original_name: str
    content_type: str
    size_bytes: int


def read_work_row(connection: sa.Connection, task_id: int) -> WorkRow | None:
    """One piece of work; None when there is none of this number."""
    found = _rows(connection, schema.work_task.c.id == task_id)
    return found[0] if found else None


def work_of(connection: sa.Connection, item_id: int) -> list[WorkRow]:
    """Everything that was ever owed to an item, the newest first."""
    return _rows(connection, schema.work_task.c.item_id == item_id)


def _rows(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[WorkRow]:
    table = schema.work_task
    query = sa.select(table).where(which).order_by(table.c.id.desc()).limit(_MOST_WORK)
    return [_row(row) for row in connection.execute(query)]


def _row(row: Any) -> WorkRow:
    owner = f"person:{row.person_id}" if row.person_id else f"contact:{row.contact_id}"
    return WorkRow(
        task_id=row.id,
        item_id=row.item_id,
        name=row.name,
        kind=row.kind,
        title=row.title,
        owner=owner,
        state=row.state,
        round=row.round,
        opened_at=row.opened_at,
        begun_at=row.begun_at,
        due_at=row.due_at,
        overdue_at=row.overdue_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by or "",
        result=row.result,
    )


def record_of(
    connection: sa.Connection, entity: str, entity_id: int, item_id: int, kinds: Sequence[str], limit: int
) -> list[RecordRow]:
    """The newest events of an item, the newest first; `kinds` none: all of them."""
    table = schema.event
    query = sa.select(table.c.at, table.c.kind, table.c.actor, table.c.data).where(
        table.c.entity == entity, table.c.entity_id == entity_id
    )
    if kinds:
        query = query.where(table.c.kind.in_(kinds))
    # other items of the same deal are passed over: they have pages of their own
    rows = connection.execute(query.order_by(table.c.id.desc()).limit(4 * limit))
    own = (row for row in rows if row.data.get("item_id", item_id) == item_id)
    return [RecordRow(row.at, row.kind, row.actor, row.data) for row, _ in zip(own, range(limit), strict=False)]


def children_of(connection: sa.Connection, item_id: int) -> list[tuple[int, str]]:
    """The sub-processes of an item, as (row id, number or title)."""
    table = schema.process_item
    query = sa.select(table.c.id, table.c.process, table.c.number).where(table.c.parent_id == item_id)
    return [(row.id, f"{row.process} {row.number}".strip()) for row in connection.execute(query.order_by(table.c.id))]


def keep_papers(
    connection: sa.Connection,
    *,
    origin: str,
    actor: str,
    deal_id: int | None,
    subject: str,
    papers: Sequence[NewPaper],
    at: datetime,
) -> int:
    """Files handed over, as an activity with its documents, once per `origin`; the activity's row id."""
    table = schema.activity
    is_staff = actor.startswith("person:")
    row = {
        "origin_key": origin,
        "kind": _KEPT_KIND,
        "direction": "in",
        "at": at,
        "person_id": id_of(actor) if is_staff else None,
        "contact_id": None if is_staff else id_of(actor),
        "deal_id": deal_id,
        "subject": subject,
    }
    connection.execute(insert(connection, table).on_conflict_do_nothing(), [row])
    activity_id = int(connection.scalars(sa.select(table.c.id).where(table.c.origin_key == origin)).one())
    list_papers(connection, activity_id, deal_id, papers, at)
    return activity_id


def list_papers(
    connection: sa.Connection, activity_id: int, deal_id: int | None, papers: Sequence[NewPaper], at: datetime
) -> None:
    """The files of an activity, each once."""
    rows = [
        {
            "activity_id": activity_id,
            "deal_id": deal_id,
            "sha256": paper.sha256,
            "file_name": paper.file_name,
            "original_name": paper.original_name,
            "content_type": paper.content_type,
            "size_bytes": paper.size_bytes,
            "at": at,
        }
        for paper in papers
    ]
    if rows:
        connection.execute(insert(connection, schema.document).on_conflict_do_nothing(), rows)
