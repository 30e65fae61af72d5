"""Senders as they are commonly written, one mistake each: the harness has to catch them when they are killed.

Undisturbed, both keep the outbox as ours does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zlib import decompress

import sqlalchemy as sa

from sql.schema import event, outbox, outbox_attempt
from tasks.desk import Desk
from tasks.gateways.smtp_sender import MailServer
from tasks.gateways.store.connection import reading, writing

SEND_THEN_MARK, MARK_THEN_SEND = "send-then-mark", "mark-then-send"


async def send_naively(desk: Desk, now: datetime, mistake: str) -> None:
    """Send what is planned, and note each mail as sent after (SEND_THEN_MARK) or before (MARK_THEN_SEND) sending it."""
    with reading(desk.engine) as connection:
        due = connection.execute(sa.select(outbox).where(outbox.c.state == "planned").order_by(outbox.c.id)).all()
    async with MailServer(desk.office.sender) as server:
        for row in due:
            if mistake == MARK_THEN_SEND:
                _mark(desk, row, now)
            if (await server.offer(row.recipient)).outcome == "accepted":
                await server.deliver(decompress(row.raw))
            if mistake == SEND_THEN_MARK:
                _mark(desk, row, now)


def _mark(desk: Desk, row: Any, now: datetime) -> None:
    with writing(desk.engine) as connection:
        sent = {"state": "sent", "sent_at": now, "attempt_count": 1}
        connection.execute(sa.update(outbox).where(outbox.c.id == row.id).values(sent))
        attempt = {"outbox_id": row.id, "number": 1, "started_at": now, "ended_at": now, "result": "sent"}
        connection.execute(sa.insert(outbox_attempt).values(attempt))
        fact = {"key": f"mail.sent:{row.id}", "at": now, "entity": "outbox", "entity_id": row.id, "kind": "mail.sent"}
        connection.execute(sa.insert(event).values(fact | {"actor": "naive", "data": {}}))
