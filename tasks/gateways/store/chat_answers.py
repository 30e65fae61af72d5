"""What people say in chat: the raw message in the ledger, which question of ours it answers, and its event."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.gateways.store.events import NewEvent, record_event
from tasks.rules.notify.chat_answer import Asked, Heard

_box, _task, _item = schema.outbox, schema.work_task, schema.process_item
SOURCE = "chat:"
CHANNEL = "chat"
_STRANGER = "stranger"
_DAY = timedelta(days=1)


def keep_heard(connection: sa.Connection, line: str, heard: Heard, now: datetime) -> int | None:
    """Keep a message as it came on this `line` (the office's jid), settled at once; None when it is known already."""
    table, digest = schema.intake_item, hashlib.sha256(heard.raw).hexdigest()
    row = {
        "source": f"{SOURCE}{line}",
        "natural_key": heard.key,
        "meaning_key": f"{SOURCE}{heard.key}",
        "sha256": digest,
        "raw": zlib.compress(heard.raw),
        "size_bytes": len(heard.raw),
        "received_at": now,
        "fetched_at": now,
        "state": "settled",
        "verdict": CHANNEL,
        "settled_at": now,
    }
    statement = insert(connection, table).values(row).on_conflict_do_nothing().returning(table.c.id)
    kept: int | None = connection.scalar(statement)
    return kept


def person_of_jid(connection: sa.Connection, jid: str) -> int | None:
    """Whose chat address this is, of those who work here."""
    person = schema.person
    query = sa.select(person.c.id).where(person.c.is_active, sa.func.lower(person.c.jid) == jid)
    found: int | None = connection.scalar(query.order_by(person.c.id).limit(1))
    return found


def named_message(connection: sa.Connection, ref: str, our_id: str, domain: str) -> Asked | None:
    """The chat message of ours that went to `ref` under this id."""
    if not our_id:
        return None
    query = _messages().where(_box.c.recipient_ref == ref, _box.c.message_id == f"<{our_id}@{domain}>")
    row = connection.execute(query).first()
    return _asked(row) if row else None


def open_questions(connection: sa.Connection, ref: str) -> list[Asked]:
    """What `ref` was asked in chat and has not answered, oldest first."""
    left = _box.c.recipient_ref == ref, _box.c.state.in_(("sent", "ambiguous", "in_doubt")), _task.c.state == "open"
    return [_asked(row) for row in connection.execute(_messages().where(*left).order_by(_box.c.id))]


def _messages() -> sa.Select[Any]:
    lead = schema.lead
    return (
        sa.select(
            _box.c.id,
            _box.c.entity,
            _box.c.entity_id,
            _box.c.work_task_id,
            _box.c.item_id,
            sa.func.coalesce(_item.c.number, lead.c.number, "").label("number"),
        )
        .outerjoin(_task, _task.c.id == _box.c.work_task_id)
        .outerjoin(_item, _item.c.id == _box.c.item_id)
        .outerjoin(lead, sa.and_(_box.c.entity == "lead", lead.c.id == _box.c.entity_id))
        .where(_box.c.channel == "xmpp")
    )


def _asked(row: Any) -> Asked:
    return Asked(row.id, row.entity, row.entity_id, row.work_task_id, row.number, row.item_id)


def record_chat(
    connection: sa.Connection, intake_id: int, text: str, ref: str, asked: Asked | None, now: datetime
) -> None:
    """The message as an activity of who said it, and the reply that waits for its item.

    What answers nothing of ours is a letter: its event belongs to no item, and an operator reads it.
    """
    table, (kind, _, id_) = schema.activity, ref.partition(":")
    person_id = int(id_) if kind == "person" else None
    row = {
        "origin_key": f"{SOURCE}{intake_id}",
        "kind": CHANNEL,
        "direction": "in",
        "at": now,
        "person_id": person_id,
        "lead_id": asked.entity_id if asked and asked.entity == "lead" else None,
        "deal_id": asked.entity_id if asked and asked.entity == "deal" else None,
        "answers_id": asked.outbox_id if asked else None,
        "body_text": text,
        "reply_text": text,
        "is_reply_verified": asked is not None,
    }
    activity_id = int(connection.scalars(sa.insert(table).values(row).returning(table.c.id)).one())
    data = {
        "activity_id": activity_id,
        "outbox_id": asked.outbox_id if asked else None,
        "work_task_id": asked.work_task_id if asked else None,
        "channel": CHANNEL,
    }
    entity, entity_id = (asked.entity, asked.entity_id) if asked else ("activity", activity_id)
    reply = NewEvent(f"reply:{intake_id}", now, entity, entity_id, "reply", ref, data, for_process=True)
    record_event(connection, reply)
    item = schema.intake_item
    values = {"entity": "activity", "entity_id": activity_id}
    connection.execute(sa.update(item).where(item.c.id == intake_id).values(values))


def is_stranger_heard(connection: sa.Connection, intake_id: int, most_a_day: int, now: datetime) -> bool:
    """Mark a stranger's message; False when strangers have said so much today that it is only kept."""
    item = schema.intake_item
    lately = item.c.verdict == _STRANGER, item.c.source.startswith(SOURCE), item.c.received_at > now - _DAY
    count = connection.scalar(sa.select(sa.func.count()).where(*lately)) or 0
    values: dict[str, str] = {"verdict": _STRANGER}
    if count >= most_a_day:
        values |= {"state": "ignored", "reason": f"more than {most_a_day} messages of strangers within a day"}
    connection.execute(sa.update(item).where(item.c.id == intake_id).values(**values))
    return count < most_a_day
