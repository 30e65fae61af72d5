"""Taking the open items of a process over to another of its versions: a plan, then one event per item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.deals import project_deal
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.process_courses import record_migration
from tasks.gateways.store.process_items import ConflictError, ItemRow, StoredItem, load_item, save_item
from tasks.office_round import OfficeRound, begin_round
from tasks.process_tools.definitions import KnownDefinitions
from tasks.rules.errors import UsageError
from tasks.rules.process.clocks import deadline, next_due
from tasks.rules.process.definition import Definition
from tasks.rules.process.state import Event, Item
from tasks.rules.process_tools.migration import ItemPlan, Renaming, plan_item

Due = Literal["", "fire", "skip"]


@dataclass(frozen=True, slots=True)
class Planned:
    """One item with its plan; `is_done`: it has gone over."""

    item_id: int
    number: str
    version: int
    plan: ItemPlan
    is_done: bool = False


def plan_migration(desk: Desk, process: str, version: int, names: Renaming, now: datetime) -> list[Planned]:
    """What would become of every open item of another version. Raises UsageError for a version that is not kept."""
    with reading(desk.engine) as connection:
        run, known, new = _prepared(connection, desk, process, version, now)
        return [
            Planned(item_id, stored.number, stored.version, _plan(run, known, new, stored, names))
            for item_id in _open_items(connection, process, version)
            for stored in (load_item(connection, item_id),)
        ]


def apply_migration(
    desk: Desk, process: str, version: int, names: Renaming, due: Due, who: str, now: datetime
) -> list[Planned]:
    """Take over what fits, each item in a transaction of its own; the others are listed and left.

    Raises UsageError, before anything is done, when clocks are due already and `due` does not say what becomes of them.
    """
    planned = plan_migration(desk, process, version, names, now)
    if not due and any(one.plan.due for one in planned):
        raise UsageError("some clocks are due already: say --due fire or --due skip")
    done = []
    for one in planned:
        is_done = not one.plan.unfit and _take_over(desk, one.item_id, process, version, names, due, who, now)
        done.append(Planned(one.item_id, one.number, one.version, one.plan, is_done))
    return done


def _prepared(
    connection: sa.Connection, desk: Desk, process: str, version: int, now: datetime
) -> tuple[OfficeRound, KnownDefinitions, Definition]:
    known = KnownDefinitions(connection, desk)
    new = known.find(process, version)
    if new is None:
        raise UsageError(f"there is no version {version} of {process!r}: import its file first")
    return begin_round(connection, desk.office, now), known, new


def _open_items(connection: sa.Connection, process: str, version: int) -> list[int]:
    item = schema.process_item
    query = sa.select(item.c.id).where(
        item.c.process == process, item.c.version != version, item.c.outcome.is_(None), item.c.held_at.is_(None)
    )
    return list(connection.scalars(query.order_by(item.c.id)))


def _plan(run: OfficeRound, known: KnownDefinitions, new: Definition, stored: StoredItem, names: Renaming) -> ItemPlan:
    old = known.find(stored.process, stored.version)
    if old is None:
        raise UsageError(f"version {stored.version} of {stored.process!r} is not kept")
    return plan_item(old, new, run.calendar, stored.item, names, run.now)


def _take_over(
    desk: Desk, item_id: int, process: str, version: int, names: Renaming, due: Due, who: str, now: datetime
) -> bool:
    """One item in one transaction; False when it no longer fits, or was taken over before."""
    try:
        with writing(desk.engine) as connection:
            run, known, new = _prepared(connection, desk, process, version, now)
            stored = load_item(connection, item_id)
            if stored.version == version or stored.item.outcome or stored.item.is_held:
                return False
            plan = _plan(run, known, new, stored, names)
            item = plan.fired if due == "fire" else plan.skipped
            if item is None:
                return False
            _write(connection, run, new, stored, item, who)
    except ConflictError:
        return False
    return True


def _write(
    connection: sa.Connection, run: OfficeRound, new: Definition, stored: StoredItem, item: Item, who: str
) -> None:
    event = Event(f"{stored.item.key}:migrated:{new.version}:{stored.revision}", run.now, "migrated", who, False)
    rows = [row for work in item.work.values() for row in work.rows if row.state == "open"]
    late = deadline(item)
    is_stage_late = new.stages[item.stage].within is not None and late is None
    row = ItemRow(
        status_text=stored.status_text,
        next_due_at=next_due(item),
        deadline_at=late,
        is_overdue=is_stage_late or any(one.is_overdue for one in rows),
        responsible_id=stored.responsible_id,
        number=stored.number,
        title=stored.title,
        hops=stored.hops,
    )
    record_migration(connection, stored, new.version, run.facts(connection, new, item), event, item)
    saved = save_item(connection, stored, item, row, run.now)
    table, task = schema.process_item, schema.work_task
    connection.execute(sa.update(table).where(table.c.id == stored.item_id).values(version=new.version))
    for one in rows:
        if one.task_id is not None:
            moved = sa.update(task).where(task.c.id == one.task_id)
            connection.execute(moved.values(name=one.name, due_at=one.due_at))
    data = {"item_id": stored.item_id, "process": stored.process, "from": stored.version, "to": new.version}
    fact = NewEvent(event.key, run.now, stored.entity, stored.entity_id, "item.migrated", who or "process", data)
    record_event(connection, fact)
    if stored.is_main and stored.entity == "deal":
        project_deal(connection, saved, None, run.now)
