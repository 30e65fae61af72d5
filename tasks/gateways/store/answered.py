"""Which of our own messages a mail names: the ground for replies, bounces and our own mail come back."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from sql import schema
from tasks.rules.mail.surroundings import AnsweredMessage

_IN_CHUNK = 500


def find_answered(connection: sa.Connection, message_ids: Iterable[str]) -> dict[str, AnsweredMessage]:
    """Our messages among these Message-IDs (with angle brackets)."""
    table = schema.outbox
    wanted = sorted(set(message_ids))
    found: dict[str, AnsweredMessage] = {}
    for start in range(0, len(wanted), _IN_CHUNK):
        query = sa.select(
            table.c.id,
            table.c.message_id,
            table.c.recipient,
            table.c.recipient_ref,
            table.c.entity,
            table.c.entity_id,
            table.c.work_task_id,
        ).where(table.c.message_id.in_(wanted[start : start + _IN_CHUNK]))
        for row in connection.execute(query):
            found[row.message_id] = AnsweredMessage(
                row.id, row.recipient, row.recipient_ref, row.entity, row.entity_id, row.work_task_id
            )
    return found
