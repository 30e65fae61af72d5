"""Looking the index up: the plan with the fewest rows is taken, and what it brings is ranked by the rules.

Never more than a fixed number of rows is looked at; when more could fit, the answer says so.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa

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
    ranked: list[tuple[Rank, int]] = []
    for entity_id, (text, reach) in _rows(connection, code, plan, is_cut=is_cut).items():
        rank = rank_of(query, text, reached(query, reach))
        if rank is not None:
            ranked.append((rank, entity_id))
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
    values: dict[str, object] = {"kind": code, "most": MOST_LOOKED_AT + 1}
    for number, part in enumerate(ranges):
        values |= {f"a{number}": part.start, f"z{number}": part.end}
    rows = connection.execute(_count_statement(len(ranges)), values)
    return {ranges[number]: count for number, count in rows}


@lru_cache(maxsize=100)
def _count_statement(ranges: int) -> sa.TextClause:
    """Built once for each number of ranges: it is asked for every search."""
    one = (
        "SELECT {n} AS n, count(*) AS rows FROM (SELECT 1 FROM search_token WHERE kind = :kind AND token >= :a{n} "
        "AND token < :z{n} LIMIT :most) AS part{n}"
    )
    return sa.text(" UNION ALL ".join(one.format(n=number) for number in range(ranges)))


_LOOK = (
    "SELECT t.entity_id, t.text, t.reach "
    "FROM (SELECT entity_id FROM search_token WHERE kind = :kind AND {tokens} LIMIT :most) AS k "
    "INNER JOIN search_text AS t ON t.kind = :kind AND t.entity_id = k.entity_id"
)
_EXACT = sa.text(_LOOK.format(tokens="token = :a"))
_BEGUN = sa.text(_LOOK.format(tokens="token >= :a AND token < :z"))


def _rows(connection: sa.Connection, code: int, plan: Plan, *, is_cut: bool) -> dict[int, tuple[str, str]]:
    """(text, reach) of the plan's rows by id; where not all can be looked at, those with the whole word first."""
    found: dict[int, tuple[str, str]] = {}
    for part in plan.ranges:
        values = {"kind": code, "a": part.start, "z": part.end, "most": MOST_LOOKED_AT}
        for statement in (_EXACT, _BEGUN) if is_cut else (_BEGUN,):
            bound = {name: value for name, value in values.items() if statement is _BEGUN or name != "z"}
            for entity_id, text, reach in connection.execute(statement, bound):
                if len(found) < MOST_LOOKED_AT:
                    found.setdefault(entity_id, (text, reach))
            if len(found) >= MOST_LOOKED_AT:
                return found
    return found
