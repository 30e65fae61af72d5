"""What waits for processes: events routed to their items, taken once, in the order of (time, ledger id)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert_new
from tasks.gateways.store.work import WaitingEvent

_inbox, _event, _item = schema.process_inbox, schema.event, schema.process_item
OWN_COURSE = ("lead",)
"""Entities that move without an item of a process."""


def newest_waiting(connection: sa.Connection) -> int:
    """The ledger id of the newest event that waits, 0 for none."""
    return connection.scalar(sa.select(sa.func.max(_inbox.c.event_id))) or 0


def next_waiting(connection: sa.Connection, item_id: int, until: datetime) -> WaitingEvent | None:
    """The first event that an item has to take, received up to `until`."""
    query = _waiting().where(_inbox.c.item_id == item_id, _inbox.c.at <= until)
    row = connection.execute(query.order_by(_inbox.c.at, _inbox.c.event_id).limit(1)).first()
    return _seen(row) if row else None


def waiting_rows(
    connection: sa.Connection, until: datetime, after: tuple[datetime, int] | None, skipped: set[int], limit: int
) -> list[tuple[WaitingEvent, int | None]]:
    """The next events received up to `until`, each with its item; those of held and `skipped` items are left out.

    Of events that belong to no item, those behind `after` (time, ledger id): they stay where they cannot be taken.
    """
    held = sa.exists().where(_item.c.id == _inbox.c.item_id, _item.c.held_at.is_not(None))
    query = _waiting().where(_inbox.c.at <= until, ~held).order_by(_inbox.c.at, _inbox.c.event_id).limit(limit)
    if after:
        at, event_id = after
        behind = sa.or_(_inbox.c.at > at, sa.and_(_inbox.c.at == at, _inbox.c.event_id > event_id))
        query = query.where(sa.or_(_inbox.c.item_id.is_not(None), behind))
    if skipped:
        query = query.where(sa.or_(_inbox.c.item_id.is_(None), _inbox.c.item_id.not_in(skipped)))
    return [(_seen(row), row.item_id) for row in connection.execute(query)]


def held_answers(connection: sa.Connection, question: str, until: datetime) -> list[tuple[WaitingEvent, int]]:
    """Replies received up to `until` to the `question` (a kind of work) that was put about a held item."""
    held = sa.exists().where(_item.c.id == _inbox.c.item_id, _item.c.held_at.is_not(None))
    task, answered = schema.work_task, _event.c.data["work_task_id"].as_integer()
    asked = sa.exists().where(task.c.id == answered, task.c.name == question)
    query = _waiting().where(_inbox.c.at <= until, _event.c.kind == "reply", held, asked)
    return [(_seen(row), row.item_id) for row in connection.execute(query.order_by(_inbox.c.at, _inbox.c.event_id))]


def _waiting() -> sa.Select[Any]:
    return sa.select(_event, _inbox.c.event_id, _inbox.c.item_id).join(_event, _inbox.c.event_id == _event.c.id)


def _seen(row: Any) -> WaitingEvent:
    return WaitingEvent(row.event_id, row.key, row.at, row.entity, row.entity_id, row.kind, row.actor, row.data)


def take_event_row(connection: sa.Connection, event_id: int) -> bool:
    """Take an event out of the inbox in the caller's transaction; False when another worker has taken it."""
    return connection.execute(sa.delete(_inbox).where(_inbox.c.event_id == event_id)).rowcount == 1


def give_event_back(connection: sa.Connection, waiting: WaitingEvent, item_id: int) -> None:
    """An event that held its item waits for the item's release."""
    row = {
        "event_id": waiting.event_id,
        "entity": waiting.entity,
        "entity_id": waiting.entity_id,
        "item_id": item_id,
        "at": waiting.at,
    }
    insert_new(connection, _inbox, [row])


def route_events(connection: sa.Connection, until: datetime) -> int:
    """Find the item of each event that came without one: by the work or message answered, else the entity's first.

    How many were routed; what belongs to no item stays as it is.
    """
    query = _waiting().where(_inbox.c.item_id.is_(None), _inbox.c.at <= until, _inbox.c.entity.not_in(OWN_COURSE))
    rows = connection.execute(query.order_by(_inbox.c.event_id)).all()
    routed = 0
    for row in rows:
        item_id = _item_of(connection, _seen(row))
        if item_id is not None:
            values = {"item_id": item_id}
            connection.execute(sa.update(_inbox).where(_inbox.c.event_id == row.event_id).values(**values))
            routed += 1
    return routed


def _item_of(connection: sa.Connection, waiting: WaitingEvent) -> int | None:
    data = waiting.data
    for table, name in ((schema.work_task, "work_task_id"), (schema.outbox, "outbox_id")):
        if data.get(name):
            found = connection.scalar(sa.select(table.c.item_id).where(table.c.id == int(data[name])))
            if found is not None:
                return int(found)
    query = sa.select(_item.c.id).where(_item.c.entity == waiting.entity, _item.c.entity_id == waiting.entity_id)
    return connection.scalar(query.order_by(_item.c.id).limit(1))
