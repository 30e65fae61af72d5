"""The ladder of one message, read back: which ways were taken, how each fared, and which were not needed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.rules.message_story import LadderStep

_told, _box, _notice = schema.notification, schema.outbox, schema.notice


def read_told(connection: sa.Connection, notification_id: int | None, key: str) -> sa.Row[Any] | None:
    """The message behind an outbox row, or told under a key; None when it went by no ladder."""
    which = _told.c.id == notification_id if notification_id is not None else _told.c.key == key
    return connection.execute(sa.select(_told).where(which)).first()


def ladder_steps(connection: sa.Connection, told: sa.Row[Any]) -> tuple[LadderStep, ...]:
    """Every step of the message's ladder, first to last."""
    rows = connection.execute(sa.select(_box).where(_box.c.notification_id == told.id)).all()
    states = {row.channel: _state(row) for row in rows}
    notice = connection.execute(sa.select(_notice).where(_notice.c.notification_id == told.id)).first()
    if notice is not None:
        states["notice"] = "read" if notice.read_at else "unread"
    return tuple(
        LadderStep(
            number + 1,
            step["why"],
            number <= told.step,
            {channel: states.get(channel, "") if number <= told.step else "" for channel in step["channels"]},
        )
        for number, step in enumerate(told.steps)
    )


def _state(row: sa.Row[Any]) -> str:
    """A row that waited too long, or in a channel switched off, says that instead of being refused."""
    was_stopped = row.state == "refused" and row.hold_reason in ("overtaken", "channel_off")
    return str(row.hold_reason if was_stopped else row.state)
