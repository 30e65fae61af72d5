"""How much has left within the last hour: what the brakes count."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.rules.brakes import CAP_WINDOW, Spent, Traffic

_box = schema.outbox


def read_traffic(connection: sa.Connection, recipients: Collection[str], now: datetime) -> Traffic:
    """What was accepted in the hour before `now`, or is being sent: in all, and to each of `recipients`."""
    was_sent = sa.and_(_box.c.sent_at > now - CAP_WINDOW, _box.c.sent_at <= now)
    is_leaving = _box.c.state.in_(("claimed", "in_doubt"))
    figures = sa.func.count().label("count"), sa.func.min(_box.c.sent_at).label("first_at")
    sent = connection.execute(sa.select(*figures).where(was_sent)).one()
    leaving = connection.scalar(sa.select(sa.func.count()).where(is_leaving)) or 0
    query = (
        sa.select(_box.c.recipient, *figures)
        .where(sa.or_(was_sent, is_leaving), _box.c.recipient.in_(recipients))
        .group_by(_box.c.recipient)
    )
    by_recipient = {row.recipient: Spent(int(row[1]), row.first_at) for row in connection.execute(query)}
    return Traffic(Spent(int(sent[0]) + int(leaving), sent.first_at), by_recipient)
