"""Posts of the sites' forms: the raw body in the ledger like a mail, and what was made of it, once per key.

Everything here takes many posts at once: those that came while the last ones were committed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import update_row
from tasks.gateways.store.packed_bytes import packed

SOURCE = "form:"

# statements are made once: building one costs more than running it
_POSTS, _ITEMS, _LEADS, _SAID = schema.form_post, schema.intake_item, schema.lead, schema.activity
_FIND = sa.select(_POSTS.c.form, _POSTS.c.key, _POSTS.c.sha256, _POSTS.c.result, _POSTS.c.number).where(
    _POSTS.c.form.in_(sa.bindparam("forms", expanding=True)), _POSTS.c.key.in_(sa.bindparam("keys", expanding=True))
)
_KEEP = sa.insert(_ITEMS).returning(_ITEMS.c.id, _ITEMS.c.source, _ITEMS.c.natural_key)
_SAY = sa.insert(_SAID).returning(_SAID.c.id, _SAID.c.origin_key)
_OPEN_BY = {
    column.name: sa.select(column, _LEADS.c.id, _LEADS.c.number).where(
        column.in_(sa.bindparam("values", expanding=True)), _LEADS.c.ended_at.is_(None)
    )
    for column in (_LEADS.c.mail, _LEADS.c.phone)
}


@dataclass(frozen=True, slots=True)
class KeptPost:
    """What became of a post: lead, activity or trap, with the number its sender was told."""

    sha256: str
    result: str
    number: str


@dataclass(frozen=True, slots=True)
class RawPost:
    """A post as it came, under the key that makes it repeatable."""

    form: str
    key: str
    body: bytes
    is_trap: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What was made of a post; `entity_id` None: nothing."""

    form: str
    key: str
    intake_id: int
    kept: KeptPost
    entity_id: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """An inquiry in words, for its lead."""

    intake_id: int
    subject: str
    text: str
    contact_id: int | None
    lead_id: int


def hash_of(body: bytes) -> str:
    """The body's identity."""
    return hashlib.sha256(body).hexdigest()


def find_posts(connection: sa.Connection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], KeptPost]:
    """The posts taken under these (form, key); nobody else can take them before the caller's transaction ends."""
    asked = {"forms": sorted({form for form, _ in keys}), "keys": sorted({key for _, key in keys})}
    found = {(row[0], row[1]): KeptPost(*row[2:]) for row in connection.execute(_FIND, asked)}
    return {key: found[key] for key in keys if key in found}


def keep_raw(connection: sa.Connection, posts: Sequence[RawPost], now: datetime) -> dict[tuple[str, str], int]:
    """Keep the bodies as they came; the intake items' row ids by (form, key). Settled at once, in this transaction."""
    rows = [_item(post, now) for post in posts]
    made = {(row.source, row.natural_key): row.id for row in connection.execute(_KEEP, rows)} if rows else {}
    return {
        (post.form, post.key): made[row["source"], row["natural_key"]] for post, row in zip(posts, rows, strict=True)
    }


def _item(post: RawPost, now: datetime) -> dict[str, Any]:
    digest = hash_of(post.body)
    return {
        "source": f"{SOURCE}{post.form}",
        "natural_key": f"key:{post.key}",
        "meaning_key": f"{SOURCE}{post.form}:{digest}",
        "sha256": digest,
        "raw": packed(post.body),
        "size_bytes": len(post.body),
        "received_at": now,
        "fetched_at": now,
        "state": "ignored" if post.is_trap else "settled",
        "reason": "the field that people do not see was filled in" if post.is_trap else None,
        "verdict": "trap" if post.is_trap else "form",
        "settled_at": now,
    }


def keep_results(connection: sa.Connection, results: Sequence[Result], now: datetime) -> None:
    """Note what was made of the posts, and their numbers. Raises IntegrityError when one was taken before."""
    rows = [
        {
            "form": one.form,
            "key": one.key,
            "sha256": one.kept.sha256,
            "intake_item_id": one.intake_id,
            "result": one.kept.result,
            "number": one.kept.number,
            "at": now,
        }
        for one in results
    ]
    if rows:
        connection.execute(sa.insert(_POSTS), rows)
    for one in results:
        if one.entity_id is not None:
            update_row(connection, _ITEMS, {"entity": one.kept.result, "entity_id": one.entity_id}, id=one.intake_id)


def open_leads(connection: sa.Connection, kind: str, values: Collection[str]) -> dict[str, tuple[int, str]]:
    """The oldest open lead of each of these values ('mail' or 'phone'), as (row id, number)."""
    found: dict[str, tuple[int, str]] = {}
    for value, id_, number in connection.execute(_OPEN_BY[kind], {"values": list(values)}) if values else ():
        found[value] = min(found.get(value, (id_, number)), (id_, number))
    return found


def record_inquiries(connection: sa.Connection, said: Sequence[Said], at: datetime) -> dict[int, int]:
    """The inquiries as activities of their leads; the row ids by intake item."""
    rows = [
        {
            "origin_key": f"{SOURCE}{one.intake_id}",
            "kind": "form",
            "direction": "in",
            "at": at,
            "contact_id": one.contact_id,
            "lead_id": one.lead_id,
            "subject": one.subject,
            "body_text": one.text,
            "reply_text": one.text,
        }
        for one in said
    ]
    made = {row.origin_key: row.id for row in connection.execute(_SAY, rows)} if rows else {}
    return {one.intake_id: made[row["origin_key"]] for one, row in zip(said, rows, strict=True)}
