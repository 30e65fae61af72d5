"""A board from the store: a few cards of every stage by one query, capped counts by another, whatever is filtered.

Each stage is read from an index in the order it is shown (deadline, id; those without one last), so that the cost
follows what is shown, not what exists. The SQL is text, made once per shape: twenty visitors at once pay for building
a statement of twenty parts more than for running it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from sql import schema
from sql.column_types import UtcDateTime
from tasks.rules.door.board import COUNT_CAP, BoardFilter, Card, Place

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# in the order of a card's values
_COLUMNS = (
    "id, stage, number, title, status_text, deadline_at, is_overdue, "
    "CASE WHEN held_at IS NULL THEN 0 ELSE 1 END AS is_held, coalesce(responsible_id, 0) AS responsible_id"
)
_SHOWN = "id, stage, number, title, status_text, deadline_at, is_overdue, is_held, responsible_id"
Shape = tuple[bool, bool, bool]


def read_cards(
    connection: sa.Connection, chosen: BoardFilter, stages: Sequence[str], limit: int, after: Place | None = None
) -> dict[str, list[Card]]:
    """The first `limit` + 1 cards of each stage (behind `after`): one more than shown tells that there are more."""
    if not stages:
        return {}
    shape = _shape(chosen)
    values = _values(chosen, stages) | {"limit": limit + 1} | _after_values(after)
    with_deadline = after is None or after.deadline is not None
    statement = _cards_statement(shape, len(stages), after is not None, with_deadline)
    found: dict[str, list[Card]] = {stage: [] for stage in stages}
    for row in connection.execute(statement, values).all():
        found[row[1]].append(Card(*row))
    return found


def count_cards(connection: sa.Connection, chosen: BoardFilter, stages: Sequence[str]) -> dict[str, int]:
    """How many cards each stage has, no further than one more than is ever shown as a number."""
    if not stages:
        return {}
    statement = _counts_statement(_shape(chosen), len(stages))
    values = _values(chosen, stages) | {"cap": COUNT_CAP + 1}
    return {row.stage: int(row.cards) for row in connection.execute(statement, values)}


def place_of(card: Card) -> Place:
    """Where a page that ends with this card ended."""
    deadline = None if card.deadline_at is None else (card.deadline_at - _EPOCH) // _MICROSECOND
    return Place(deadline, card.item_id)


def person_names(connection: sa.Connection) -> dict[int, tuple[str, str]]:
    """Everybody's key and name by id; staff are few."""
    person = schema.person
    rows = connection.execute(sa.select(person.c.id, person.c.key, person.c.name).order_by(person.c.name))
    return {row.id: (row.key, row.name) for row in rows}


def _shape(chosen: BoardFilter) -> Shape:
    return (bool(chosen.outcome), chosen.responsible_id is not None, chosen.is_overdue)


def _where(shape: Shape, number: int) -> str:
    is_ended, is_of_one, is_overdue = shape
    tests = ["process = :process", "outcome = :outcome" if is_ended else "outcome IS NULL", f"stage = :stage{number}"]
    tests += ["responsible_id = :responsible"] * is_of_one + ["is_overdue = :overdue"] * is_overdue
    return " AND ".join(tests)


@lru_cache(maxsize=256)
def _cards_statement(shape: Shape, stages: int, is_behind: bool, with_deadline: bool) -> sa.TextualSelect:
    parts = []
    for number in range(stages):
        where = _where(shape, number)
        parts.append(_part(_stage_part(where, is_behind, with_deadline), "undated, deadline_at, id"))
    text = sa.text(" UNION ALL ".join(parts)).bindparams(sa.bindparam("limit", type_=sa.Integer()))
    if is_behind and with_deadline:
        text = text.bindparams(sa.bindparam("after", type_=UtcDateTime()))
    return text.columns(
        id=sa.Integer(),
        stage=sa.Text(),
        number=sa.Text(),
        title=sa.Text(),
        status_text=sa.Text(),
        deadline_at=UtcDateTime(),
        is_overdue=sa.Boolean(),
        is_held=sa.Boolean(),
        responsible_id=sa.Integer(),
    )


def _stage_part(where: str, is_behind: bool, with_deadline: bool) -> str:
    """The cards of one stage: those with a deadline from their index, then those without one."""
    after_id = " AND id > :after_id" if is_behind and not with_deadline else ""
    undated = _limited(_rows(f"{where} AND deadline_at IS NULL{after_id}", 1), "id")
    if not with_deadline:
        return undated
    behind = " AND (deadline_at > :after OR (deadline_at = :after AND id > :after_id))" if is_behind else ""
    dated = _limited(_rows(f"{where} AND deadline_at IS NOT NULL{behind}", 0), "deadline_at, id")
    return f"{dated} UNION ALL {undated}"


def _rows(where: str, undated: int) -> str:
    return f"SELECT {_COLUMNS}, {undated} AS undated FROM {schema.process_item.name} WHERE {where}"  # noqa: S608 - our own words


def _limited(rows: str, order: str) -> str:
    return f"SELECT * FROM ({rows} ORDER BY {order} LIMIT :limit) AS part"  # noqa: S608 - our own words


def _part(rows: str, order: str) -> str:
    return f"SELECT {_SHOWN} FROM (SELECT * FROM ({rows}) AS rows_of ORDER BY {order} LIMIT :limit) AS part"  # noqa: S608 - our own words


@lru_cache(maxsize=256)
def _counts_statement(shape: Shape, stages: int) -> sa.TextClause:
    table = schema.process_item.name
    parts = [
        f"SELECT CAST(:stage{n} AS TEXT) AS stage, count(*) AS cards FROM "  # noqa: S608 - our own words
        f"(SELECT 1 FROM {table} WHERE {_where(shape, n)} LIMIT :cap) AS part"
        for n in range(stages)
    ]
    return sa.text(" UNION ALL ".join(parts))


def _values(chosen: BoardFilter, stages: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {"process": chosen.process}
    values |= {f"stage{number}": stage for number, stage in enumerate(stages)}
    values |= {"outcome": chosen.outcome} if chosen.outcome else {}
    values |= {} if chosen.responsible_id is None else {"responsible": chosen.responsible_id}
    return values | ({"overdue": True} if chosen.is_overdue else {})


def _after_values(after: Place | None) -> dict[str, Any]:
    if after is None:
        return {}
    if after.deadline is None:
        return {"after_id": after.item_id}
    return {"after_id": after.item_id, "after": _EPOCH + after.deadline * _MICROSECOND}
