"""Items of processes in the store: read whole, saved by compare-and-set, found by what is due or waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert_new_ids, update_row
from tasks.gateways.store.numerators import next_numbers
from tasks.gateways.store.process_codec import pack_fields, pack_memory, unpack_item
from tasks.rules.process.state import Item

_table = schema.process_item


class ConflictError(Exception):
    """Another worker changed the row first; read it again."""


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item as the engine sees it, with its place among the office's rows."""

    item_id: int
    item: Item
    process: str
    version: int
    entity: str
    entity_id: int
    number: str
    title: str
    status_text: str
    created_at: datetime
    parent_id: int | None
    parent_work: str
    deadline_at: datetime | None
    responsible_id: int | None
    hops: int
    revision: int
    held_reason: str
    held_path: tuple[str, ...]
    held_event: str

    @property
    def is_main(self) -> bool:
        """Whether the entity's own row shows this item's course."""
        return self.item.key == f"{self.entity}:{self.entity_id}"


@dataclass(frozen=True, slots=True)
class ItemRow:
    """What lists show of an item, beside what the engine remembers."""

    status_text: str
    next_due_at: datetime | None
    deadline_at: datetime | None
    is_overdue: bool
    responsible_id: int | None
    number: str
    title: str
    hops: int


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item to begin; `entity_id` None: the item is its own entity."""

    process: str
    version: int
    entity: str
    entity_id: int | None
    parent_id: int | None = None
    parent_work: str = ""


def insert_item(connection: sa.Connection, new: NewItem, item: Item, row: ItemRow, at: datetime) -> int | None:
    """Keep an item that has begun; its row id, None when one of this key is there already."""
    values = _columns(item, row) | {
        "key": item.key,
        "process": new.process,
        "version": new.version,
        "entity": new.entity,
        "entity_id": new.entity_id or 0,
        "parent_id": new.parent_id,
        "parent_work": new.parent_work,
        "created_at": at,
        "ended_at": at if item.outcome else None,
    }
    [item_id] = insert_new_ids(connection, _table, [values])
    if item_id is not None and new.entity_id is None:
        connection.execute(sa.update(_table).where(_table.c.id == item_id).values(entity_id=item_id))
    return item_id


def save_item(connection: sa.Connection, stored: StoredItem, item: Item, row: ItemRow, at: datetime) -> StoredItem:
    """Save the item that a chain has left at `at`. Raises ConflictError when it has changed since it was read."""
    ended = {"ended_at": at} if item.outcome and not stored.item.outcome else {}
    values = _columns(item, row) | ended | {"revision": stored.revision + 1}
    if update_row(connection, _table, values, id=stored.item_id, revision=stored.revision) != 1:
        raise ConflictError(f"item {stored.item_id} was changed meanwhile")
    return replace(
        stored,
        item=item,
        number=row.number,
        title=row.title,
        status_text=row.status_text,
        deadline_at=row.deadline_at,
        responsible_id=row.responsible_id,
        hops=row.hops,
        revision=stored.revision + 1,
    )


def _columns(item: Item, row: ItemRow) -> dict[str, Any]:
    return {
        "stage": item.stage,
        "visit": item.visit,
        "stage_entered_at": item.entered_at,
        "fields": pack_fields(item.fields),
        "memory": pack_memory(item),
        "outcome": item.outcome,
        "number": row.number,
        "title": row.title,
        "status_text": row.status_text,
        "next_due_at": row.next_due_at,
        "deadline_at": row.deadline_at,
        "is_overdue": row.is_overdue,
        "responsible_id": row.responsible_id,
        "hops": row.hops,
    }


def load_item(connection: sa.Connection, item_id: int) -> StoredItem:
    """One item. Raises sqlalchemy.exc.NoResultFound when it is not there."""
    return _stored(connection.execute(sa.select(_table).where(_table.c.id == item_id)).one())


def load_items(connection: sa.Connection, item_ids: Sequence[int]) -> list[StoredItem]:
    """Several items, those that are there, by id."""
    found: list[StoredItem] = []
    for start in range(0, len(item_ids), 500):
        query = sa.select(_table).where(_table.c.id.in_(item_ids[start : start + 500])).order_by(_table.c.id)
        found += [_stored(row) for row in connection.execute(query)]
    return found


def find_item(connection: sa.Connection, key: str) -> int | None:
    """The row id of the item with this key."""
    return connection.scalar(sa.select(_table.c.id).where(_table.c.key == key))


def item_by_number(connection: sa.Connection, number: str) -> int | None:
    """The item that people know by this number: the first that has it; after a slash the newest of that process.

    An order's sub-processes have its number: `D-000012/receive_payment`, or as the order calls it, `D-000012/payment`.
    """
    plain, _, process = number.partition("/")
    query = sa.select(_table.c.id).where(_table.c.number == plain)
    if process:
        query = query.where(sa.or_(_table.c.process == process, _table.c.parent_work == process))
        return connection.scalar(query.order_by(_table.c.id.desc()).limit(1))
    return connection.scalar(query.order_by(_table.c.id).limit(1))


def items_of(connection: sa.Connection, entity: str, entity_id: int) -> list[int]:
    """The items of an entity, the oldest first."""
    query = sa.select(_table.c.id).where(_table.c.entity == entity, _table.c.entity_id == entity_id)
    return list(connection.scalars(query.order_by(_table.c.id)))


def open_item_ids(connection: sa.Connection) -> list[int]:
    """Every item that has not ended."""
    return list(connection.scalars(sa.select(_table.c.id).where(_table.c.outcome.is_(None)).order_by(_table.c.id)))


def items_with_work_of(connection: sa.Connection, people: Sequence[int]) -> list[int]:
    """Items for which somebody of `people` owes open work."""
    task = schema.work_task
    query = sa.select(task.c.item_id).where(
        task.c.person_id.in_(people), task.c.state == "open", task.c.kind != "question", task.c.item_id.is_not(None)
    )
    return sorted(set(connection.scalars(query)))


def item_places(connection: sa.Connection, item_ids: Sequence[int]) -> list[tuple[int, str, str, int]]:
    """Row id, key, entity and its row of each item."""
    query = sa.select(_table.c.id, _table.c.key, _table.c.entity, _table.c.entity_id).where(_table.c.id.in_(item_ids))
    return [(row.id, row.key, row.entity, row.entity_id) for row in connection.execute(query.order_by(_table.c.id))]


def due_items(connection: sa.Connection, until: datetime, limit: int) -> list[tuple[datetime, int]]:
    """Items whose first clock is due by `until`, as (due, item id), the earliest first; held ones wait for a person."""
    query = (
        sa.select(_table.c.next_due_at, _table.c.id)
        .where(_table.c.next_due_at <= until)
        .order_by(_table.c.next_due_at, _table.c.id)
        .limit(limit)
    )
    return [(row.next_due_at, row.id) for row in connection.execute(query)]


def hold_stored(
    connection: sa.Connection, stored: StoredItem, reason: str, path: Sequence[str], event_key: str, at: datetime
) -> bool:
    """Stop an item until a person releases it; False when it is held already or has changed."""
    result = connection.execute(
        sa.update(_table)
        .where(_table.c.id == stored.item_id, _table.c.revision == stored.revision, _table.c.held_at.is_(None))
        .values(
            revision=stored.revision + 1,
            held_at=at,
            held_reason=reason,
            held_path=list(path),
            held_event=event_key,
            next_due_at=None,
        )
    )
    return result.rowcount == 1


def release_stored(connection: sa.Connection, stored: StoredItem, next_due_at: datetime | None) -> None:
    """A held item goes on. Raises ConflictError when it has changed since it was read."""
    result = connection.execute(
        sa.update(_table)
        .where(_table.c.id == stored.item_id, _table.c.revision == stored.revision)
        .values(
            revision=stored.revision + 1,
            held_at=None,
            held_reason="",
            held_path=[],
            held_event="",
            next_due_at=next_due_at,
        )
    )
    if result.rowcount != 1:
        raise ConflictError(f"item {stored.item_id} was changed meanwhile")


def held_items(connection: sa.Connection, process: str, limit: int) -> list[tuple[StoredItem, datetime]]:
    """Items (of one process; "": of all) that wait for a person, the longest held first, with the time since when."""
    query = sa.select(_table).where(_table.c.held_at.is_not(None)).order_by(_table.c.held_at, _table.c.id)
    query = query.where(_table.c.process == process) if process else query
    return [(_stored(row), row.held_at) for row in connection.execute(query.limit(limit))]


def new_number(connection: sa.Connection, process: str) -> str:
    """A public number for an item without one, after its process: HIR-000001, CA-000002."""
    words = process.upper().split("_")
    prefix = words[0][:3] if len(words) == 1 else "".join(word[0] for word in words)
    return next_numbers(connection, f"item:{prefix}", prefix)[0]


def _stored(row: Any) -> StoredItem:
    return StoredItem(
        item_id=row.id,
        item=unpack_item(row),
        process=row.process,
        version=row.version,
        entity=row.entity,
        entity_id=row.entity_id,
        number=row.number,
        title=row.title,
        status_text=row.status_text,
        created_at=row.created_at,
        parent_id=row.parent_id,
        parent_work=row.parent_work,
        deadline_at=row.deadline_at,
        responsible_id=row.responsible_id,
        hops=row.hops,
        revision=row.revision,
        held_reason=row.held_reason,
        held_path=tuple(row.held_path),
        held_event=row.held_event,
    )
