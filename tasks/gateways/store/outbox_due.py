"""What is due in the outbox, as cheap as a look every two seconds must be."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from sql.schema import outbox


def count_due(connection: sa.Connection, now: datetime, channel: str = "") -> int:
    """Messages that may leave at `now` and that nobody has taken up: of one channel, or of all."""
    due = sa.select(sa.func.count()).where(outbox.c.state.in_(("planned", "retry")), outbox.c.not_before <= now)
    return int(connection.scalar(due.where(outbox.c.channel == channel) if channel else due) or 0)


def count_planned_now(connection: sa.Connection, now: datetime) -> int:
    """Mails that the run of the moment `now` has planned, and that may leave at once."""
    fresh = outbox.c.state == "planned", outbox.c.not_before <= now, outbox.c.planned_at == now
    return int(connection.scalar(sa.select(sa.func.count()).where(*fresh)) or 0)
