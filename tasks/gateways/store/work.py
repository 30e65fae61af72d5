"""What waits for the process engine, and the tasks people owe: taken once, closed once, held with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert_new, insert_new_ids, update_row
from tasks.gateways.store.quarantine import BadRow, quarantine_rows
from tasks.gateways.store.staff import id_of

_SOURCE = "process"


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """One event of the engine's inbox."""

    event_id: int
    key: str
    at: datetime
    entity: str
    entity_id: int
    kind: str
    actor: str
    data: Mapping[str, Any]

    @property
    def item(self) -> str:
        """The item it is about, as entity:ID."""
        return f"{self.entity}:{self.entity_id}"


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to open; `owner` is person:ID or contact:ID. `key` makes it repeatable."""

    key: str
    entity: str
    entity_id: int
    name: str
    kind: str
    title: str
    owner: str
    opened_at: datetime
    due_at: datetime | None
    round: int = 1
    item_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody wrote, and the names of the files that came with it."""

    text: str
    subject: str
    file_names: tuple[str, ...]


def held_items(connection: sa.Connection) -> set[str]:
    """Items (entity:ID) that wait for a person."""
    table = schema.quarantine_row
    return set(connection.scalars(sa.select(table.c.row_key).where(table.c.source == _SOURCE, table.c.state == "held")))


def hold_item(connection: sa.Connection, item: str, reason: str, raw: str, at: datetime) -> None:
    """Hold an item with the reason; `raw` names the event or clock that could not be carried through."""
    quarantine_rows(connection, [BadRow(_SOURCE, item, reason, raw)], at)
    table = schema.quarantine_row
    connection.execute(
        sa.update(table)
        .where(table.c.source == _SOURCE, table.c.row_key == item)
        .values(reason=reason, raw=raw, at=at, state="held")
    )


def read_reply(connection: sa.Connection, activity_id: int) -> Reply:
    """What the writer wrote in a reply, and its attachments' names.

    An empty reply stays empty: in its body stands our own message, and that must never be taken for an answer.
    """
    row = connection.execute(sa.select(schema.activity).where(schema.activity.c.id == activity_id)).one()
    document = schema.document
    names = connection.scalars(
        sa.select(document.c.original_name).where(document.c.activity_id == activity_id).order_by(document.c.id)
    )
    return Reply(row.reply_text, row.subject, tuple(names))


def attach_documents(connection: sa.Connection, activity_id: int, deal_id: int) -> None:
    """The files of this letter belong to the deal."""
    table = schema.document
    connection.execute(
        sa.update(table).where(table.c.activity_id == activity_id, table.c.deal_id.is_(None)).values(deal_id=deal_id)
    )


def open_task(connection: sa.Connection, task: NewTask) -> int:
    """Open a task once per key; returns its row id."""
    is_staff = task.owner.startswith("person:")
    row = {
        "key": task.key,
        "entity": task.entity,
        "entity_id": task.entity_id,
        "name": task.name,
        "kind": task.kind,
        "title": task.title,
        "person_id": id_of(task.owner) if is_staff else None,
        "contact_id": None if is_staff else id_of(task.owner),
        "round": task.round,
        "item_id": task.item_id,
        "opened_at": task.opened_at,
        "due_at": task.due_at,
    }
    table = schema.work_task
    [task_id] = insert_new_ids(connection, table, [row])
    return task_id or int(connection.scalars(sa.select(table.c.id).where(table.c.key == task.key)).one())


def close_task(connection: sa.Connection, key: str, state: str, by: str, at: datetime, result: str = "") -> None:
    """Close a task that is still open."""
    table = schema.work_task
    connection.execute(
        sa.update(table)
        .where(table.c.key == key, table.c.state.in_(("open", "approved")))
        .values(state=state, closed_at=at, closed_by=by, result=result)
    )


def reopen_task(connection: sa.Connection, key: str, due_at: datetime) -> None:
    """A task that was closed by mistake is owed again, until `due_at`."""
    table = schema.work_task
    values = {"state": "open", "closed_at": None, "closed_by": None, "result": "", "due_at": due_at, "overdue_at": None}
    connection.execute(sa.update(table).where(table.c.key == key).values(values))


def mark_task(connection: sa.Connection, key: str, values: Mapping[str, datetime | None]) -> None:
    """Note on an open task that it was begun, is overdue, or has another due time."""
    table = schema.work_task
    connection.execute(sa.update(table).where(table.c.key == key).values(dict(values)))


def close_row(connection: sa.Connection, task_id: int, state: str, by: str, at: datetime, result: str) -> None:
    """Close a task that is open, or void an answer already given to it."""
    table = schema.work_task
    connection.execute(
        sa.update(table)
        .where(table.c.id == task_id, table.c.state != "withdrawn")
        .values(state=state, closed_at=at, closed_by=by, result=result)
    )


def mark_row(connection: sa.Connection, task_id: int, values: Mapping[str, datetime | None]) -> None:
    """Note on a task that it was begun, or is overdue."""
    update_row(connection, schema.work_task, values, id=task_id)


def give_row(connection: sa.Connection, task_id: int, owner: str) -> None:
    """Open work goes to another owner, a ref."""
    is_staff = owner.startswith("person:")
    owners = {"person_id": id_of(owner) if is_staff else None, "contact_id": None if is_staff else id_of(owner)}
    table = schema.work_task
    connection.execute(sa.update(table).where(table.c.id == task_id).values(**owners))


def record_vote_of(
    connection: sa.Connection, task_id: int, voter: str, is_yes: bool, reason: str, at: datetime
) -> None:
    """Keep a vote, once per task and voter."""
    row = {"work_task_id": task_id, "voter": voter, "is_yes": is_yes, "reason": reason, "at": at}
    insert_new(connection, schema.approval, [row])


def write_incidents(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write breaches, once per key."""
    insert_new(connection, schema.incident, rows)


def close_questions(connection: sa.Connection, item_id: int, name: str, by: str, at: datetime) -> int:
    """The open questions of this name about an item are answered; how many there were."""
    table = schema.work_task
    which = table.c.item_id == item_id, table.c.name == name, table.c.state == "open"
    values = {"state": "done", "closed_at": at, "closed_by": by}
    return connection.execute(sa.update(table).where(*which).values(**values)).rowcount


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A row of work_task as those who answer it need it; `owner` is a ref."""

    task_id: int
    item_id: int | None
    name: str
    kind: str
    state: str
    round: int
    owner: str
    title: str


def read_task(connection: sa.Connection, task_id: int) -> TaskRow | None:
    """One task; None when there is none of this number."""
    table = schema.work_task
    row = connection.execute(sa.select(table).where(table.c.id == task_id)).first()
    if row is None:
        return None
    owner = f"person:{row.person_id}" if row.person_id else f"contact:{row.contact_id}"
    return TaskRow(row.id, row.item_id, row.name, row.kind, row.state, row.round, owner, row.title)
