"""How a process really runs: items per stage, and the moves of the last days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sql import schema


@dataclass(frozen=True, slots=True)
class StageCount:
    """Open items that stand in a stage, or ended ones that ended there, and how many of them are late."""

    stage: str
    items: int
    overdue: int


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One move of an item; the source '' is its beginning."""

    item_id: int
    at: datetime
    source: str
    target: str


def count_stages(connection: sa.Connection, process: str) -> list[StageCount]:
    """Where the items of a process stand."""
    item = schema.process_item
    late = sa.func.sum(sa.case((item.c.is_overdue & item.c.outcome.is_(None), 1), else_=0))
    query = sa.select(item.c.stage, sa.func.count(), late).where(item.c.process == process).group_by(item.c.stage)
    return [StageCount(row[0], int(row[1]), int(row[2])) for row in connection.execute(query)]


def read_moves(connection: sa.Connection, process: str, since: datetime) -> Iterator[MoveRow]:
    """Every recorded move since then, item by item in the order of time."""
    course = schema.process_course
    query = (
        sa.select(course.c.item_id, course.c.at, course.c.decisions)
        .where(course.c.process == process, course.c.at >= since)
        .order_by(course.c.item_id, course.c.id)
    )
    for row in connection.execute(query):
        for decision in row.decisions:
            if decision["is"] == "Move":
                yield MoveRow(row.item_id, row.at, decision.get("source", ""), decision["target"])
