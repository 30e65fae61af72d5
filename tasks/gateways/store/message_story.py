"""Reading the whole story of one message from the store."""

from __future__ import annotations

import zlib
from email.parser import BytesHeaderParser
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.incoming_cause import cause_chain
from tasks.gateways.store.ladder_story import ladder_steps, read_told
from tasks.rules.message_story import Attempt, Cause, MessageStory, PlannedMessage, Word, mask_mail
from tasks.rules.phones import mask_phone

_box, _event = schema.outbox, schema.event


def read_story(connection: sa.Connection, word: str) -> MessageStory | None:
    """The story of an outbox id, a Message-ID (with or without angle brackets) or a key; None when nothing is known."""
    row = _row(connection, word.strip())
    key = row.key if row else word.strip()
    held = schema.quarantine_row
    kept = connection.execute(sa.select(held).where(held.c.source == "outbox", held.c.row_key == key)).first()
    withheld = connection.execute(sa.select(_event).where(_event.c.key == f"mail.withheld:{key}")).first()
    told = read_told(connection, row.notification_id if row else None, key)
    if row is None and kept is None and withheld is None and told is None:
        return None
    planned = row or told
    cause_id = planned.cause_event_id if planned else withheld.cause_id if withheld else None
    return MessageStory(
        key=key,
        planned=_planned(row) if row else None,
        causes=tuple(
            Cause(e.id, e.at, e.kind, e.entity, e.entity_id, e.actor) for e in cause_chain(connection, cause_id)
        ),
        attempts=tuple(_attempts(connection, row.id)) if row else (),
        words=(*map(_word, [withheld] if withheld else []), *(_words(connection, row) if row else ())),
        quarantine_reason=kept.reason if kept else "",
        quarantine_state=kept.state if kept else "",
        ladder=ladder_steps(connection, told) if told is not None else (),
    )


def _row(connection: sa.Connection, word: str) -> sa.Row[Any] | None:
    wanted = [_box.c.key == word, _box.c.message_id == (word if word.startswith("<") else f"<{word}>")]
    if word.isdigit():
        wanted = [_box.c.id == int(word)]
    return connection.execute(sa.select(_box).where(sa.or_(*wanted)).limit(1)).first()


def _planned(row: sa.Row[Any]) -> PlannedMessage:
    headers = BytesHeaderParser().parsebytes(zlib.decompress(row.raw) if row.channel == "mail" else b"")
    return PlannedMessage(
        outbox_id=row.id,
        message_id=row.message_id,
        kind=row.kind,
        wording=str(headers.get("X-Callout-Wording", "")),
        recipient=mask_phone(row.recipient) if row.channel == "sms" else mask_mail(row.recipient),
        recipient_ref=row.recipient_ref,
        entity=row.entity,
        entity_id=row.entity_id,
        policy=row.policy,
        state=row.state,
        planned_at=row.planned_at,
        not_before=row.not_before,
        sent_at=row.sent_at,
        hold_reason=row.hold_reason,
        channel=row.channel,
    )


def _attempts(connection: sa.Connection, outbox_id: int) -> list[Attempt]:
    table = schema.outbox_attempt
    rows = connection.execute(sa.select(table).where(table.c.outbox_id == outbox_id).order_by(table.c.number))
    return [Attempt(r.number, r.started_at, r.ended_at, r.result, r.reply_code, r.reply_text) for r in rows]


def _words(connection: sa.Connection, row: sa.Row[Any]) -> list[Word]:
    """A person's decisions about it, and bounces that name it."""
    about = sa.and_(_event.c.entity == "outbox", _event.c.entity_id == row.id, _event.c.kind == "mail.decided")
    bounce = sa.and_(_event.c.kind == "bounce", _event.c.at >= row.planned_at)
    events = connection.execute(sa.select(_event).where(sa.or_(about, bounce)).order_by(_event.c.id))
    return [_word(e) for e in events if e.kind != "bounce" or (e.data or {}).get("outbox_id") == row.id]


def _word(event: sa.Row[Any]) -> Word:
    return Word(event.at, event.kind, event.actor, event.data or {})
