"""Two contacts that are one person: a merge is a link that can be undone, with every key it moved.

What points to the loser is moved to the winner and written down row by row, in processes that run too; identities,
events and sent messages are history and stay: readers follow `canonical_id`. Undoing puts back exactly what was moved
and what was overwritten, except where people have changed a value since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.identity_index import refresh_index
from tasks.gateways.store.merging_items import NOT_LINKS, move_item_refs, put_item_refs_back
from tasks.gateways.store.search_index import drop_texts

# Every column that points to a contact and is read by it.
MOVED = (
    ("contact", "canonical_id"),
    ("contact_point", "contact_id"),
    ("lead", "contact_id"),
    ("deal", "contact_id"),
    ("work_task", "contact_id"),
    ("register_entry", "contact_id"),
    ("activity", "contact_id"),
    ("call", "contact_id"),
)
_FILLED = ("company_id", "manager_id")


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge. `undone_at` is None while it stands; `evidence` holds the kinds of evidence."""

    merge_id: int
    winner_id: int
    loser_id: int
    evidence: tuple[str, ...]
    actor: str
    note: str
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewMerge:
    """A merge to make: who stays, who goes into them, why, and who says so (person:ID)."""

    winner_id: int
    loser_id: int
    evidence: tuple[str, ...]
    actor: str
    note: str
    at: datetime


def load_contact(connection: sa.Connection, contact_id: int) -> sa.Row[Any] | None:
    """The row of a contact, None when there is none."""
    return connection.execute(sa.select(schema.contact).where(schema.contact.c.id == contact_id)).first()


def merge_contacts(connection: sa.Connection, new: NewMerge) -> int:
    """Move everything of the loser to the winner; the merge's id. Both must stand for themselves."""
    values = {
        "winner_id": new.winner_id,
        "loser_id": new.loser_id,
        "evidence": ",".join(new.evidence),
        "actor": new.actor,
        "note": new.note,
        "at": new.at,
    }
    table = schema.contact_merge
    merge_id: int = connection.execute(sa.insert(table).values(values).returning(table.c.id)).scalar_one()
    for table_name, column_name in MOVED:
        _move(connection, merge_id, table_name, column_name, new.loser_id, new.winner_id)
    _change(connection, merge_id, "contact", new.loser_id, "canonical_id", None, new.winner_id)
    _fill(connection, merge_id, new)
    move_item_refs(connection, merge_id, new.loser_id, new.winner_id, new.actor, new.at)
    drop_texts(connection, "contact", [new.loser_id])
    refresh_index(connection, [new.winner_id])
    return merge_id


def _move(connection: sa.Connection, merge_id: int, table_name: str, column_name: str, loser: int, winner: int) -> None:
    """Write down, then move, the rows that point to the loser."""
    table, change = schema.metadata.tables[table_name], schema.merge_change
    rows = sa.select(
        sa.literal(merge_id),
        sa.literal(table_name),
        table.c.id,
        sa.literal(column_name),
        sa.literal(str(loser)),
        sa.literal(str(winner)),
    ).where(table.c[column_name] == loser)
    columns = ["merge_id", "table_name", "row_id", "column_name", "old_value", "new_value"]
    connection.execute(sa.insert(change).from_select(columns, rows))
    connection.execute(sa.update(table).where(table.c[column_name] == loser).values({column_name: winner}))


def _change(
    connection: sa.Connection,
    merge_id: int,
    table_name: str,
    row_id: int,
    column: str,
    old: int | None,
    new: int | None,
) -> None:
    table = schema.metadata.tables[table_name]
    connection.execute(sa.update(table).where(table.c.id == row_id).values({column: new}))
    connection.execute(
        sa.insert(schema.merge_change).values(
            merge_id=merge_id,
            table_name=table_name,
            row_id=row_id,
            column_name=column,
            old_value=None if old is None else str(old),
            new_value=None if new is None else str(new),
        )
    )


def _fill(connection: sa.Connection, merge_id: int, new: NewMerge) -> None:
    """What only the loser knows: the company and the personal manager."""
    winner, loser = load_contact(connection, new.winner_id), load_contact(connection, new.loser_id)
    for column in _FILLED:
        old, known = getattr(winner, column), getattr(loser, column)
        if old is None and known is not None:
            _change(connection, merge_id, "contact", new.winner_id, column, None, known)


def undo_merge(connection: sa.Connection, merge: Merge, actor: str, at: datetime) -> None:
    """Put everything back where it was, the last change first; what was changed since stays as it is."""
    change = schema.merge_change
    columns = (change.c.table_name, change.c.column_name, change.c.old_value, change.c.new_value)
    groups = connection.execute(
        sa.select(*columns, sa.func.max(change.c.id).label("last"))
        .where(change.c.merge_id == merge.merge_id, change.c.table_name.not_in(NOT_LINKS))
        .group_by(*columns)
        .order_by(sa.desc("last"))
    ).all()
    for group in groups:
        _put_back(connection, merge.merge_id, group)
    put_item_refs_back(connection, merge.merge_id, actor, at)
    table = schema.contact_merge
    connection.execute(sa.update(table).where(table.c.id == merge.merge_id).values(undone_at=at, undone_by=actor))
    refresh_index(connection, [merge.winner_id, merge.loser_id])


def _put_back(connection: sa.Connection, merge_id: int, group: sa.Row[Any]) -> None:
    table, change = schema.metadata.tables[group.table_name], schema.merge_change
    column = table.c[group.column_name]
    moved = sa.select(change.c.row_id).where(
        change.c.merge_id == merge_id,
        change.c.table_name == group.table_name,
        change.c.column_name == group.column_name,
        change.c.old_value.is_(None) if group.old_value is None else change.c.old_value == group.old_value,
    )
    old = None if group.old_value is None else int(group.old_value)
    connection.execute(
        sa.update(table).where(table.c.id.in_(moved), column == int(group.new_value)).values({column.name: old})
    )


def load_merge(connection: sa.Connection, merge_id: int) -> Merge | None:
    """One merge, None when there is none of this number."""
    row = connection.execute(sa.select(schema.contact_merge).where(schema.contact_merge.c.id == merge_id)).first()
    return _merge(row) if row is not None else None


def later_merges(connection: sa.Connection, merge: Merge) -> list[int]:
    """Standing merges made after this one that touch its winner: they are undone first."""
    table = schema.contact_merge
    query = sa.select(table.c.id).where(
        table.c.id > merge.merge_id,
        table.c.undone_at.is_(None),
        sa.or_(table.c.winner_id == merge.winner_id, table.c.loser_id == merge.winner_id),
    )
    return list(connection.execute(query.order_by(table.c.id.desc())).scalars())


def standing_merges(connection: sa.Connection, winner_id: int) -> list[Merge]:
    """The merges into a contact that stand, the newest first."""
    table = schema.contact_merge
    query = sa.select(table).where(table.c.winner_id == winner_id, table.c.undone_at.is_(None))
    return [_merge(row) for row in connection.execute(query.order_by(table.c.id.desc()))]


def list_merges(connection: sa.Connection, limit: int) -> list[Merge]:
    """The newest merges, undone ones too."""
    table = schema.contact_merge
    return [_merge(row) for row in connection.execute(sa.select(table).order_by(table.c.id.desc()).limit(limit))]


def _merge(row: sa.Row[Any]) -> Merge:
    evidence = tuple(one for one in row.evidence.split(",") if one)
    return Merge(row.id, row.winner_id, row.loser_id, evidence, row.actor, row.note, row.at, row.undone_at)
