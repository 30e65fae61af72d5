"""Free-text search for the person at the desk, and keeping its index up to date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.finding import find_hits
from tasks.gateways.store.identity_index import refresh_index
from tasks.gateways.store.search_index import KIND_CODES, index_companies, index_papers, missing_rows
from tasks.rules.errors import UsageError
from tasks.rules.finding import KINDS, Hit, Query, read_query

_ROWS_AT_ONCE = 1000


def find(desk: Desk, text: str, kinds: Sequence[str], limit: int) -> tuple[Query, list[Hit]]:
    """What fits the typed words, the best first; no kinds: all of them. The query says when more could fit.

    Raises UsageError for words without a letter or digit, for an unknown kind and for a limit below 1.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise UsageError(f"there is no kind {unknown[0]!r}; there are: {', '.join(KINDS)}")
    if limit < 1:
        raise UsageError("the limit is at least 1")
    query = read_query(text)
    with reading(desk.engine) as connection:
        found = find_hits(connection, query, kinds or KINDS, limit)
    return replace(query, is_cut=found.is_cut), found.hits


@task(name="index-search", cache_policy=NO_CACHE)
def index_search(desk: Desk) -> dict[str, int]:
    """Take into the index what is not in it: leads, deals, letters, and what was written earlier."""
    counts = dict.fromkeys(KIND_CODES, 0)
    for kind in KIND_CODES:
        while True:
            with reading(desk.engine) as connection:
                ids = missing_rows(connection, kind, _ROWS_AT_ONCE)
            if not ids:
                break
            with writing(desk.engine) as connection:
                _INDEXERS[kind](connection, ids)
            counts[kind] += len(ids)
    return {"rows_indexed": sum(counts.values())}


_INDEXERS: dict[str, Callable[[sa.Connection, Sequence[int]], None]] = {
    "contact": refresh_index,
    "company": index_companies,
    "lead": partial(index_papers, "lead"),
    "deal": partial(index_papers, "deal"),
    "letter": partial(index_papers, "letter"),
}
