"""Looking the index up: the plan with the fewest rows is taken, and what it brings is ranked by the rules.

Never more than a fixed number of rows is looked at; when more could fit, the answer says so.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.search_index import KIND_CODES
from tasks.rules.finding import Query, Rank, has_points, rank_of
from tasks.rules.search_tokens import Plan, TokenRange, plans_of

MOST_LOOKED_AT = 600


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best rows of one kind, by id; `is_cut`: more rows could fit than were looked at."""

    best: tuple[tuple[Rank, int], ...]
    is_cut: bool


def look_up(connection: sa.Connection, kind: str, query: Query, limit: int) -> Ranked:
    """The `limit` best rows of a kind that fit every word."""
    code = KIND_CODES[kind]
    plan, is_cut = _cheapest(connection, code, plans_of(query))
    if plan is None:
        return Ranked((), is_cut=False)
    ids = _ids(connection, code, plan, is_cut=is_cut)
    table = schema.search_text
    select = sa.select(table.c.entity_id, table.c.text, table.c.reach).where(table.c.kind == code)
    ranked: list[tuple[Rank, int]] = []
    for start in range(0, len(ids), 500):
        for row in connection.execute(select.where(table.c.entity_id.in_(ids[start : start + 500]))):
            rank = rank_of(query, row.text, reached(query, row.reach))
            if rank is not None:
                ranked.append((rank, row.entity_id))
    return Ranked(tuple(heapq.nsmallest(limit, ranked)), is_cut)


def reached(query: Query, reach: str) -> tuple[bool, ...]:
    """For each word: whether one of the addresses or numbers has it."""
    found = (False,) * len(query.words)
    if not any(wanted.mail_starts or wanted.digits for wanted in query.words):
        return found
    for value in reach.split():
        has = has_points(query, value, None) if "@" in value else has_points(query, None, value)
        found = tuple(one or other for one, other in zip(found, has, strict=True))
    return found


def _cheapest(connection: sa.Connection, code: int, plans: Sequence[Plan]) -> tuple[Plan | None, bool]:
    """The plan that brings the fewest rows, and whether even that brings too many; no plan when nothing fits."""
    wanted = list(dict.fromkeys(one for plan in plans for one in plan.ranges))
    counts = _counts(connection, code, wanted)
    sizes = [(sum(counts[one] for one in plan.ranges), number) for number, plan in enumerate(plans)]
    size, number = min(sizes, default=(0, 0))
    held = Plan(tuple(one for one in plans[number].ranges if counts[one])) if size else None
    return held, size > MOST_LOOKED_AT


def _counts(connection: sa.Connection, code: int, ranges: Sequence[TokenRange]) -> dict[TokenRange, int]:
    """How many tokens each range holds, counted no further than matters."""
    one = (
        "SELECT {n} AS n, count(*) AS rows FROM (SELECT 1 FROM search_token WHERE kind = :kind AND token >= :a{n} "
        "AND token < :z{n} LIMIT :most) AS part{n}"
    )
    parts = " UNION ALL ".join(one.format(n=number) for number in range(len(ranges)))
    values: dict[str, object] = {"kind": code, "most": MOST_LOOKED_AT + 1}
    for number, part in enumerate(ranges):
        values |= {f"a{number}": part.start, f"z{number}": part.end}
    return {ranges[row.n]: row.rows for row in connection.execute(sa.text(parts), values)}


_EXACT = sa.text("SELECT entity_id FROM search_token WHERE kind = :kind AND token = :a LIMIT :most")
_BEGUN = sa.text("SELECT entity_id FROM search_token WHERE kind = :kind AND token >= :a AND token < :z LIMIT :most")


def _ids(connection: sa.Connection, code: int, plan: Plan, *, is_cut: bool) -> list[int]:
    """Rows of the plan; where not all can be looked at, those with the whole word first."""
    found: dict[int, None] = {}
    for part in plan.ranges:
        values = {"kind": code, "a": part.start, "z": part.end, "most": MOST_LOOKED_AT}
        for statement in (_EXACT, _BEGUN) if is_cut else (_BEGUN,):
            bound = {name: value for name, value in values.items() if statement is _BEGUN or name != "z"}
            found |= dict.fromkeys(connection.execute(statement, bound).scalars())
            if len(found) >= MOST_LOOKED_AT:
                return list(found)[:MOST_LOOKED_AT]
    return list(found)
