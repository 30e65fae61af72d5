"""What the telephony report is made from, by hour and by day."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sql.column_types import Json, RowId, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLES = ("fact_agent_day", "fact_agent_hour", "fact_line_hour", "fact_call_hour", "fact_day", "fact_touch")
_AGENT = ("answered", "talk_seconds", "made", "reached", "made_talk_seconds")
_AGENT_SAYS = {"answered": "incoming", "made": "outgoing", "reached": "outgoing and answered"}
_IS_SIGN = sa.text(
    "kind IN ('PAUSE', 'PAUSEALL', 'UNPAUSE', 'UNPAUSEALL', 'ADDMEMBER', 'AGENTLOGIN', 'AGENTCALLBACKLOGIN', "
    "'REMOVEMEMBER', 'AGENTLOGOFF', 'AGENTCALLBACKLOGOFF')"
)


def upgrade() -> None:
    """Add the tables, and mark the hours of every call that is stored."""
    op.create_table(
        "fact_touch",
        sa.Column(
            "hour_at",
            UtcDateTime(),
            nullable=False,
            comment="UTC hour in which a call that is new or changed began",
        ),
        sa.PrimaryKeyConstraint("hour_at", name=op.f("pk_fact_touch")),
    )
    op.create_table(
        "fact_day",
        sa.Column("day", sa.Date(), nullable=False, comment="of the office's zone"),
        sa.Column("zone", sa.Text(), nullable=False, comment="IANA name the bounds were made with"),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False, comment="the next day's first moment"),
        sa.Column("is_stale", sa.Boolean(), nullable=False, comment="its facts are to be made again"),
        sa.Column("computed_at", UtcDateTime(), nullable=True, comment="NULL: never yet"),
        sa.Column("call_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_ended_at", UtcDateTime(), nullable=True, comment="NULL: a day without calls"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_fact_day")),
    )
    _create_call_hour()
    op.create_table(
        "fact_line_hour",
        *_hour(),
        sa.Column("line", sa.Text(), nullable=False, comment="'*': all lines together"),
        _number("call_count", "calls with the world outside that began in the hour"),
        _number("busy_seconds", "that these calls held the line, to their end"),
        _number("peak_calls", "most at one moment of the hour"),
        sa.PrimaryKeyConstraint("day", "hour_at", "line", name=op.f("pk_fact_line_hour")),
    )
    op.create_table(
        "fact_agent_hour",
        *_hour(),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("person_id", RowId, autoincrement=False, nullable=False),
        *(_number(name, _AGENT_SAYS.get(name)) for name in _AGENT),
        sa.PrimaryKeyConstraint("day", "hour_at", "queue", "line", "person_id", name=op.f("pk_fact_agent_hour")),
    )
    op.create_table(
        "fact_agent_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person_id", RowId, autoincrement=False, nullable=False),
        *(_number(name) for name in _AGENT),
        sa.Column("present_seconds", sa.BigInteger(), nullable=True, comment="NULL: pauses are not known"),
        sa.Column("pause_seconds", sa.BigInteger(), nullable=True, comment="NULL: pauses are not known"),
        sa.PrimaryKeyConstraint("day", "person_id", name=op.f("pk_fact_agent_day")),
    )
    op.create_index(
        "ix_queue_event_agent_sign", "queue_event", ["at"], sqlite_where=_IS_SIGN, postgresql_where=_IS_SIGN
    )
    _mark_stored_calls()


def downgrade() -> None:
    """Take them away again; the calls hold everything the facts did."""
    op.drop_index("ix_queue_event_agent_sign", table_name="queue_event")
    for name in _TABLES:
        op.drop_table(name)


def _create_call_hour() -> None:
    op.create_table(
        "fact_call_hour",
        *_hour("the hour's first moment, counted from the beginning of the day"),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("source", "line", "queue", "direction")),
        _number("call_count"),
        _number("answered"),
        _number("abandoned"),
        sa.Column("flow_out", sa.BigInteger(), nullable=True, comment="NULL: no queue log tells"),
        _number("answer_wait_seconds", "of the answered calls whose wait is known"),
        _number("talk_seconds", "of the answered calls"),
        sa.Column("answered_waits", Json, nullable=False, comment="wait bin (its upper edge in seconds) to calls"),
        sa.Column("abandoned_waits", Json, nullable=False, comment="likewise"),
        sa.Column("other_waits", Json, nullable=False, comment="likewise, neither answered nor abandoned"),
        sa.PrimaryKeyConstraint(
            "day", "hour_at", "source", "line", "queue", "direction", name=op.f("pk_fact_call_hour")
        ),
    )


def _hour(comment: str | None = None) -> tuple[sa.Column[Any], sa.Column[Any]]:
    return (
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour_at", UtcDateTime(), nullable=False, comment=comment),
    )


def _number(name: str, comment: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, comment=comment)


def _mark_stored_calls() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    hour = "strftime('%Y-%m-%d %H:00:00.000000', started_at)" if is_sqlite else "date_trunc('hour', started_at, 'UTC')"
    op.execute(f'INSERT INTO fact_touch (hour_at) SELECT DISTINCT {hour} FROM "call"')  # noqa: S608  # our own words
