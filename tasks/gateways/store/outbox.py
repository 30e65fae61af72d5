"""The outbox's planning side: one row, one Message-ID and one rendering per key, before anything is sent."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from sql import schema
from tasks.gateways.mail_writer import WrittenMail
from tasks.gateways.store.connection import insert, insert_new
from tasks.rules.outgoing import AmbiguousPolicy, Notice

KEY_ROW = "message-id-key"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class PlannedMail:
    """A notice with its bytes; `policy` is what holds for it when it is unknown whether it was accepted."""

    notice: Notice
    mail: WrittenMail
    policy: AmbiguousPolicy
    notification_id: int | None = None


def message_id_secret(connection: sa.Connection, now: datetime) -> bytes:
    """The store's own secret for Message-IDs, made at random once; the caller holds the write transaction."""
    table = schema.source_cursor
    query = sa.select(table.c.position).where(table.c.source == KEY_ROW)
    found = connection.scalar(query)
    if found is None:
        row = {"source": KEY_ROW, "position": {"key": secrets.token_hex(32)}, "updated_at": now}
        connection.execute(insert(connection, table).on_conflict_do_nothing(), [row])
        found = connection.scalar(query)
    return bytes.fromhex(cast(dict[str, str], found)["key"])


def lock_outbox(connection: sa.Connection) -> None:
    """Make others who claim wait until we commit, so that the brakes count each mail once (SQLite has one writer)."""
    table = schema.source_cursor
    connection.execute(sa.select(table.c.source).where(table.c.source == KEY_ROW).with_for_update())


def outbox_ids(connection: sa.Connection, keys: Iterable[str]) -> dict[str, int]:
    """The rows that are there already, key → id."""
    table = schema.outbox
    wanted = sorted(set(keys))
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        found |= {
            row.key: row.id
            for row in connection.execute(sa.select(table.c.key, table.c.id).where(table.c.key.in_(part)))
        }
    return found


def insert_planned(connection: sa.Connection, mails: Sequence[PlannedMail], now: datetime) -> int:
    """Plan each mail once per key; how many were new."""
    if not mails:
        return 0
    return insert_new(connection, schema.outbox, [_row(one, now) for one in mails])


def release_refused(connection: sa.Connection, source: str, keys: Sequence[str]) -> None:
    """Let go of the quarantine rows of notices that could be written after all."""
    table = schema.quarantine_row
    for start in range(0, len(keys), _CHUNK):
        held = table.c.row_key.in_(keys[start : start + _CHUNK]), table.c.source == source, table.c.state == "held"
        connection.execute(sa.update(table).where(*held).values(state="released"))


def _row(planned: PlannedMail, now: datetime) -> dict[str, object]:
    notice, mail = planned.notice, planned.mail
    return {
        "key": notice.key,
        "kind": notice.kind,
        "recipient": notice.to.mail,
        "recipient_ref": notice.to.ref,
        "subject": mail.subject,
        "raw": zlib.compress(mail.raw),
        "message_id": mail.message_id,
        "policy": planned.policy,
        "planned_at": now,
        "not_before": notice.not_before,
        "entity": notice.entity,
        "entity_id": notice.entity_id,
        "item_id": notice.item_id,
        "work_task_id": notice.asks_task_id,
        "cause_event_id": notice.cause_event_id,
        "notification_id": planned.notification_id,
    }
