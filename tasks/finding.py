"""Free-text search for the person at the desk."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.desk import Desk
from tasks.gateways.store.connection import reading
from tasks.gateways.store.finding import find_hits
from tasks.rules.errors import UsageError
from tasks.rules.finding import KINDS, Hit, Query, read_query


def find(desk: Desk, text: str, kinds: Sequence[str], limit: int) -> tuple[Query, list[Hit]]:
    """What fits the typed words, the best first; no kinds: all of them.

    Raises UsageError for words without a letter or digit, for an unknown kind and for a limit below 1.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise UsageError(f"there is no kind {unknown[0]!r}; there are: {', '.join(KINDS)}")
    if limit < 1:
        raise UsageError("the limit is at least 1")
    query = read_query(text)
    with reading(desk.engine) as connection:
        return query, find_hits(connection, query, kinds or KINDS, limit)
