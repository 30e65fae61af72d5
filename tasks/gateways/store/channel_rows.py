"""Outbox rows of chat and SMS: doubts to ask about, names that gateways gave, and rows of a channel switched off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sql import schema

_box = schema.outbox
_WAITING = ("planned", "retry")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message that may have reached the gateway; `outside_id` is the gateway's name of it, '' for none."""

    outbox_id: int
    recipient: str
    message_id: str
    outside_id: str


def name_outside(connection: sa.Connection, outbox_id: int, outside_id: str) -> None:
    """Keep what the gateway calls this message."""
    connection.execute(sa.update(_box).where(_box.c.id == outbox_id).values(outside_id=outside_id))


def read_doubts(connection: sa.Connection, channel: str, now: datetime, limit: int) -> list[Doubt]:
    """Messages of one channel of which nobody knows whether they were taken, the newest first."""
    query = (
        sa.select(_box.c.id, _box.c.recipient, _box.c.message_id, _box.c.outside_id)
        .where(_box.c.state == "ambiguous", _box.c.channel == channel, _box.c.planned_at <= now)
        .order_by(_box.c.id.desc())
        .limit(limit)
    )
    return [Doubt(row.id, row.recipient, row.message_id, row.outside_id or "") for row in connection.execute(query)]


def clear_doubt(connection: sa.Connection, outbox_id: int) -> None:
    """The gateway says that it never got this message: no earlier attempt can have been taken."""
    attempt = schema.outbox_attempt
    doubtful = attempt.c.outbox_id == outbox_id, attempt.c.result == "in_doubt"
    connection.execute(sa.update(attempt).where(*doubtful).values(result="retry"))


def channels_due(connection: sa.Connection, now: datetime) -> set[str]:
    """The channels besides mail that have something due."""
    due = _box.c.state.in_(_WAITING), _box.c.channel != "mail", _box.c.not_before <= now
    return set(connection.scalars(sa.select(_box.c.channel).where(*due).distinct()))


def refuse_waiting(connection: sa.Connection, channel: str) -> int:
    """The office has switched this channel off: what waits in it is refused, and the ladders go on; how many."""
    waiting = _box.c.channel == channel, _box.c.state.in_(_WAITING)
    values = {"state": "refused", "hold_reason": "channel_off"}
    return int(connection.execute(sa.update(_box).where(*waiting).values(values)).rowcount)
