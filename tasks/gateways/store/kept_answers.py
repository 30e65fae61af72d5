"""Answers to exceptions as they were given, and the revocations from which on they no longer count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.gateways.store.process_items import StoredItem
from tasks.rules.process_tools.answers import KeptAnswer

_answer, _revoked = schema.kept_answer, schema.answer_revocation


def why_held(connection: sa.Connection, stored: StoredItem) -> tuple[list[str], list[str]]:
    """The reasons (English) and the rule path of an item's last hold."""
    event = schema.event
    query = (
        sa.select(event.c.data)
        .where(event.c.entity == stored.entity, event.c.entity_id == stored.entity_id, event.c.kind == "item.held")
        .order_by(event.c.id.desc())
    )
    found = (row.data for row in connection.execute(query) if row.data.get("item_id") == stored.item_id)
    data: Mapping[str, Any] = next(found, {})
    return list(data.get("reasons", ())), list(data.get("path", ()))


def keep_answer(
    connection: sa.Connection,
    *,
    key: str,
    signature: str,
    question: str,
    facts: Mapping[str, Any],
    choice: str,
    by: str,
    at: datetime,
    item_id: int | None,
) -> bool:
    """Keep an answer, once per key; False when it was given before."""
    row = {
        "key": key,
        "signature": signature,
        "question": question,
        "facts": dict(facts),
        "choice": choice,
        "answered_by": by,
        "at": at,
        "item_id": item_id,
    }
    return connection.execute(insert(connection, _answer).on_conflict_do_nothing(), row).rowcount == 1


def is_kept(connection: sa.Connection, key: str) -> bool:
    """Whether an answer was given under this key."""
    return connection.scalar(sa.select(_answer.c.id).where(_answer.c.key == key)) is not None


def answers_by_signature(
    connection: sa.Connection, signatures: Sequence[str] | None = None
) -> dict[str, list[KeptAnswer]]:
    """Every answer, or those of some signatures, in the order in which they were given."""
    query = sa.select(_answer).order_by(_answer.c.id)
    if signatures is not None:
        query = query.where(_answer.c.signature.in_(signatures))
    found: dict[str, list[KeptAnswer]] = {}
    for row in connection.execute(query):
        answer = KeptAnswer(row.id, row.choice, row.answered_by, row.at)
        found.setdefault(row.signature, []).append(answer)
    return found


def revocations(connection: sa.Connection) -> dict[str, int]:
    """The last answer that no longer counts, by signature."""
    query = sa.select(_revoked.c.signature, sa.func.max(_revoked.c.answer_id)).group_by(_revoked.c.signature)
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def revoke(connection: sa.Connection, signature: str, last_id: int, by: str, at: datetime, note: str) -> bool:
    """Let the answers of a signature up to `last_id` no longer count; False when that was said before."""
    row = {"signature": signature, "revoked_by": by, "at": at, "note": note, "answer_id": last_id}
    return connection.execute(insert(connection, _revoked).on_conflict_do_nothing(), row).rowcount == 1
