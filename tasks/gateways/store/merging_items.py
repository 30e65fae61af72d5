"""A merged contact in processes that run: whoever is owed or owes something there is the one who stays.

Fields and memory of open items and planned calendar entries hold contacts as refs. They are moved by a merge, written
down place by place, and put back by its undoing, except where they have changed since. The recorded course of an item
says how it went on, so that playing it again comes to the same; what has ended is history and stays.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.process_courses import record_restated
from tasks.gateways.store.process_items import load_item
from tasks.rules.matching.moved_refs import put_back_ref, replace_ref
from tasks.rules.process.state import Event

ITEM, ENTRY = "process_item", "calendar_entry"
NOT_LINKS = (ITEM, ENTRY)
_PARTS = ("fields", "memory")
_item, _entry, _change = schema.process_item, schema.calendar_entry, schema.merge_change


def move_item_refs(
    connection: sa.Connection, merge_id: int, loser_id: int, winner_id: int, actor: str, at: datetime
) -> int:
    """Open items and planned entries speak of the winner from now on; how many items were changed."""
    loser, winner = f"contact:{loser_id}", f"contact:{winner_id}"
    changed = 0
    for row in _items_that_name(connection, loser):
        values: dict[str, Any] = {}
        places: list[str] = []
        for part in _PARTS:
            values[part], found = replace_ref(getattr(row, part), loser, winner, f"/{part}")
            places += found
        if places:
            _note(connection, merge_id, ITEM, row.id, places, loser, winner)
            _save(connection, row, values, f"merge:{merge_id}", actor, at)
            changed += 1
    _move_entries(connection, merge_id, loser, winner)
    return changed


def put_item_refs_back(connection: sa.Connection, merge_id: int, actor: str, at: datetime) -> int:
    """Undo `move_item_refs`; what was changed since stays. How many items were changed."""
    query = sa.select(_change).where(_change.c.merge_id == merge_id, _change.c.table_name == ITEM)
    moved: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in connection.execute(query.order_by(_change.c.id)):
        moved[row.row_id].append(row)
    changed = 0
    for item_id, rows in moved.items():
        item = connection.execute(sa.select(_item).where(_item.c.id == item_id).with_for_update()).one()
        places = {row.column_name for row in rows}
        former = {part: getattr(item, part) for part in _PARTS}
        values = put_back_ref(former, places, rows[0].new_value, rows[0].old_value)
        if values != former:
            _save(connection, item, values, f"unmerge:{merge_id}", actor, at)
            changed += 1
    _put_entries_back(connection, merge_id)
    return changed


def _items_that_name(connection: sa.Connection, ref: str) -> list[sa.Row[Any]]:
    """Open items that hold the ref, read whole: a merge is a rare act of a person, so no index is kept for it."""
    named = [sa.cast(_item.c[part], sa.Text).contains(f'"{ref}"') for part in _PARTS]
    query = sa.select(_item).where(_item.c.outcome.is_(None), sa.or_(*named))
    return list(connection.execute(query.order_by(_item.c.id).with_for_update()))


def _save(
    connection: sa.Connection, row: sa.Row[Any], values: dict[str, Any], key: str, actor: str, at: datetime
) -> None:
    connection.execute(sa.update(_item).where(_item.c.id == row.id).values(**values, revision=row.revision + 1))
    event = Event(f"{row.key}:{key}", at, "migrated", actor, is_command=False)
    record_restated(connection, load_item(connection, row.id), event)


def _note(
    connection: sa.Connection, merge_id: int, table: str, row_id: int, places: list[str], old: str, new: str
) -> None:
    row = {"merge_id": merge_id, "table_name": table, "row_id": row_id, "old_value": old, "new_value": new}
    connection.execute(sa.insert(_change), [row | {"column_name": place} for place in places])


def _move_entries(connection: sa.Connection, merge_id: int, loser: str, winner: str) -> None:
    """Planned invitations of the loser; where the winner has one of the same promise, both stay as they are."""
    planned = sa.select(_entry.c.id, _entry.c.uid, _entry.c.key).where(
        _entry.c.who == loser, _entry.c.state == "planned"
    )
    for row in connection.execute(planned.order_by(_entry.c.id)).all():
        key = f"{row.uid}:{winner}"
        if connection.scalar(sa.select(sa.exists().where(_entry.c.key == key))):
            continue
        connection.execute(sa.update(_entry).where(_entry.c.id == row.id).values(who=winner, key=key))
        _note(connection, merge_id, ENTRY, row.id, ["key"], row.key, key)
        _note(connection, merge_id, ENTRY, row.id, ["who"], loser, winner)


def _put_entries_back(connection: sa.Connection, merge_id: int) -> None:
    query = sa.select(_change).where(_change.c.merge_id == merge_id, _change.c.table_name == ENTRY)
    for row in connection.execute(query.order_by(_change.c.id)).all():
        column = _entry.c[row.column_name]
        if row.column_name == "key" and connection.scalar(sa.select(sa.exists().where(column == row.old_value))):
            continue
        connection.execute(
            sa.update(_entry)
            .where(_entry.c.id == row.row_id, column == row.new_value)
            .values({row.column_name: row.old_value})
        )
