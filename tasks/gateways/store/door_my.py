"""What one person owes, and what others owe to the items that person leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema

_MOST = 200


@dataclass(frozen=True, slots=True)
class OpenWork:
    """A piece of open work. `item_id` 0: of no process; `lead_id` 0: of no lead. `owner` and `waits` are names."""

    task_id: int
    kind: str
    title: str
    due_at: datetime | None
    is_begun: bool
    number: str
    status: str
    item_id: int
    lead_id: int
    owner: str
    waits: str

    def is_late(self, now: datetime) -> bool:
        """Whether it has passed its time."""
        return bool(self.due_at and self.due_at < now)


def own_work(connection: sa.Connection, person_id: int) -> list[OpenWork]:
    """What the person owes, the most urgent first; who waits for it is who leads the item."""
    task = schema.work_task
    return _read(connection, task.c.person_id == person_id)


def awaited_work(connection: sa.Connection, person_id: int) -> list[OpenWork]:
    """What others owe to items that the person leads, the most urgent first."""
    task, item = schema.work_task, schema.process_item
    is_other = sa.or_(task.c.person_id.is_(None), task.c.person_id != person_id)
    return _read(connection, item.c.responsible_id == person_id, item.c.outcome.is_(None), is_other)


def _read(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> list[OpenWork]:
    task, item, contact = schema.work_task, schema.process_item, schema.contact
    owner, leader = schema.person.alias("owner"), schema.person.alias("leader")
    columns = (task.c.id, task.c.kind, task.c.title, task.c.due_at, task.c.begun_at, task.c.entity, task.c.entity_id)
    more = (
        task.c.item_id,
        item.c.number,
        item.c.status_text,
        sa.func.coalesce(owner.c.name, contact.c.name, "").label("owner"),
        sa.func.coalesce(leader.c.name, "").label("waits"),
    )
    query = (
        sa.select(*columns, *more)
        .outerjoin(item, task.c.item_id == item.c.id)
        .outerjoin(owner, task.c.person_id == owner.c.id)
        .outerjoin(contact, task.c.contact_id == contact.c.id)
        .outerjoin(leader, item.c.responsible_id == leader.c.id)
        .where(task.c.state == "open", *which)
        .order_by(task.c.due_at.is_(None), task.c.due_at, task.c.id)
        .limit(_MOST)
    )
    return [_open(row) for row in connection.execute(query)]


def _open(row: Any) -> OpenWork:
    return OpenWork(
        task_id=row.id,
        kind=row.kind,
        title=row.title,
        due_at=row.due_at,
        is_begun=row.begun_at is not None,
        number=row.number or "",
        status=row.status_text or "",
        item_id=row.item_id or 0,
        lead_id=row.entity_id if row.entity == "lead" else 0,
        owner=row.owner,
        waits=row.waits,
    )


def lead_of_number(connection: sa.Connection, number: str) -> int | None:
    """The row id of the lead that people know by this number."""
    return connection.scalar(sa.select(schema.lead.c.id).where(schema.lead.c.number == number))


def newest_step(connection: sa.Connection, lead_id: int, actor: str, since: datetime) -> tuple[str, datetime] | None:
    """What somebody did to a lead last since a moment, as (verb, when); None when nothing, or when it was refused."""
    table = schema.event
    which = (table.c.entity == "lead", table.c.entity_id == lead_id, table.c.actor == actor, table.c.at >= since)
    kinds = table.c.kind.in_(("lead.act", "refused"))
    query = sa.select(table.c.kind, table.c.at, table.c.data).where(*which, kinds).order_by(table.c.id.desc())
    row = connection.execute(query.limit(1)).first()
    return (str(row.data.get("verb", "")), row.at) if row and row.kind == "lead.act" else None


def item_of_lead(connection: sa.Connection, lead_id: int) -> int | None:
    """The row id of the item that a lead has become."""
    item, deal = schema.process_item, schema.deal
    joined = sa.and_(item.c.entity == "deal", item.c.entity_id == deal.c.id)
    query = sa.select(item.c.id).join(deal, joined).where(deal.c.lead_id == lead_id).order_by(item.c.id)
    return connection.scalar(query.limit(1))
