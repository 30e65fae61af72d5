"""Posts of the sites' forms: the raw body in the ledger like a mail, and what was made of it, once per key."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sql import schema

_ZLIB_LEVEL = 3
SOURCE = "form:"


@dataclass(frozen=True, slots=True)
class KeptPost:
    """What became of a post: lead, activity or trap, with the number its sender was told."""

    sha256: str
    result: str
    number: str


def hash_of(body: bytes) -> str:
    """The body's identity."""
    return hashlib.sha256(body).hexdigest()


def find_post(connection: sa.Connection, form: str, key: str) -> KeptPost | None:
    """The post that was taken under this key; in the caller's write transaction nobody else can take it meanwhile."""
    table = schema.form_post
    row = connection.execute(sa.select(table).where(table.c.form == form, table.c.key == key)).first()
    return KeptPost(row.sha256, row.result, row.number) if row else None


def keep_raw(connection: sa.Connection, form: str, key: str, body: bytes, *, is_trap: bool, now: datetime) -> int:
    """Keep the body as it came; the intake item's row id. It is settled at once, in the same transaction."""
    digest = hash_of(body)
    row = {
        "source": f"{SOURCE}{form}",
        "natural_key": f"key:{key}",
        "meaning_key": f"{SOURCE}{form}:{digest}",
        "sha256": digest,
        "raw": zlib.compress(body, _ZLIB_LEVEL),
        "size_bytes": len(body),
        "received_at": now,
        "fetched_at": now,
        "state": "ignored" if is_trap else "settled",
        "reason": "the field that people do not see was filled in" if is_trap else None,
        "verdict": "trap" if is_trap else "form",
        "settled_at": now,
    }
    statement = sa.insert(schema.intake_item).values(row).returning(schema.intake_item.c.id)
    return int(connection.scalars(statement).one())


def keep_result(
    connection: sa.Connection, form: str, key: str, intake_id: int, kept: KeptPost, now: datetime, entity_id: int | None
) -> None:
    """Note what was made of the post, and its number."""
    row = {
        "form": form,
        "key": key,
        "sha256": kept.sha256,
        "intake_item_id": intake_id,
        "result": kept.result,
        "number": kept.number,
        "at": now,
    }
    connection.execute(sa.insert(schema.form_post).values(row))
    if entity_id is not None:
        item = schema.intake_item
        values = {"entity": kept.result, "entity_id": entity_id}
        connection.execute(sa.update(item).where(item.c.id == intake_id).values(values))


def open_lead_of(connection: sa.Connection, mail: str | None, phone: str | None) -> tuple[int, str] | None:
    """The open lead of whoever has this mail or phone, as (row id, number); the oldest."""
    table = schema.lead
    same = [table.c.mail == mail] * bool(mail) + [table.c.phone == phone] * bool(phone)
    if not same:
        return None
    query = sa.select(table.c.id, table.c.number).where(table.c.ended_at.is_(None), sa.or_(*same))
    row = connection.execute(query.order_by(table.c.id).limit(1)).first()
    return (row.id, row.number) if row else None


def record_inquiry(
    connection: sa.Connection,
    intake_id: int,
    *,
    subject: str,
    text: str,
    contact_id: int | None,
    lead_id: int,
    at: datetime,
) -> int:
    """The inquiry as an activity of its lead; the row id."""
    table = schema.activity
    row = {
        "origin_key": f"{SOURCE}{intake_id}",
        "kind": "form",
        "direction": "in",
        "at": at,
        "contact_id": contact_id,
        "lead_id": lead_id,
        "subject": subject,
        "body_text": text,
        "reply_text": text,
    }
    return int(connection.scalars(sa.insert(table).values(row).returning(table.c.id)).one())
