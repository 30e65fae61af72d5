"""What the telephony report is made from: calls summed by the hour, employees by the day, and which days are current.

Every row belongs to one day of the office's zone and is made anew with it. The facts hold nothing that the calls
do not: they can be thrown away and made again at any time. In keys '' stands for "unknown", person 0 for "nobody".
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sql.column_types import Json, RowId, UtcDateTime
from sql.table_parts import metadata, optional


def _key(name: str, kind: Any, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False, comment=comment)


def _number(name: str, comment: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, comment=comment)


fact_touch = sa.Table(
    "fact_touch",
    metadata,
    _key("hour_at", UtcDateTime, "UTC hour in which a call that is new or changed began"),
)

fact_day = sa.Table(
    "fact_day",
    metadata,
    _key("day", sa.Date, "of the office's zone"),
    sa.Column("zone", sa.Text, nullable=False, comment="IANA name the bounds were made with"),
    sa.Column("begins_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False, comment="the next day's first moment"),
    sa.Column("is_stale", sa.Boolean, nullable=False, comment="its facts are to be made again"),
    optional("computed_at", UtcDateTime, "never yet"),
    sa.Column("call_count", sa.BigInteger, nullable=False, server_default="0"),
    optional("last_ended_at", UtcDateTime, "a day without calls"),
)

fact_call_hour = sa.Table(
    "fact_call_hour",
    metadata,
    _key("day", sa.Date),
    _key("hour_at", UtcDateTime, "the hour's first moment, counted from the beginning of the day"),
    _key("source", sa.Text),
    _key("line", sa.Text),
    _key("queue", sa.Text),
    _key("direction", sa.Text),
    _number("call_count"),
    _number("answered"),
    _number("abandoned"),
    optional("flow_out", sa.BigInteger, "no queue log tells"),
    _number("answer_wait_seconds", "of the answered calls whose wait is known"),
    _number("talk_seconds", "of the answered calls"),
    sa.Column("answered_waits", Json, nullable=False, comment="wait bin (its upper edge in seconds) to calls"),
    sa.Column("abandoned_waits", Json, nullable=False, comment="likewise"),
    sa.Column("other_waits", Json, nullable=False, comment="likewise, neither answered nor abandoned"),
)

fact_line_hour = sa.Table(
    "fact_line_hour",
    metadata,
    _key("day", sa.Date),
    _key("hour_at", UtcDateTime),
    _key("line", sa.Text, "'*': all lines together"),
    _number("call_count", "calls with the world outside that began in the hour"),
    _number("busy_seconds", "that these calls held the line, to their end"),
    _number("peak_calls", "most at one moment of the hour"),
)

fact_agent_hour = sa.Table(
    "fact_agent_hour",
    metadata,
    _key("day", sa.Date),
    _key("hour_at", UtcDateTime),
    _key("queue", sa.Text),
    _key("line", sa.Text),
    _key("person_id", RowId),
    _number("answered", "incoming"),
    _number("talk_seconds"),
    _number("made", "outgoing"),
    _number("reached", "outgoing and answered"),
    _number("made_talk_seconds"),
)

fact_agent_day = sa.Table(
    "fact_agent_day",
    metadata,
    _key("day", sa.Date),
    _key("person_id", RowId),
    _number("answered"),
    _number("talk_seconds"),
    _number("made"),
    _number("reached"),
    _number("made_talk_seconds"),
    optional("present_seconds", sa.BigInteger, "pauses are not known"),
    optional("pause_seconds", sa.BigInteger, "pauses are not known"),
)
