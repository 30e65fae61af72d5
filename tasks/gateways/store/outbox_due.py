"""What is due in the outbox, as cheap as a look every two seconds must be."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from sql.schema import outbox


def count_due(connection: sa.Connection, now: datetime) -> int:
    """Mails that may leave at `now` and that nobody has taken up."""
    due = sa.select(sa.func.count()).where(outbox.c.state.in_(("planned", "retry")), outbox.c.not_before <= now)
    return int(connection.scalar(due) or 0)
