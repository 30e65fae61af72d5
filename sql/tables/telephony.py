"""Calls, their legs, what the queues said, and the missed ones."""

from __future__ import annotations

import sqlalchemy as sa

from sql.column_types import Json, UtcDateTime
from sql.table_parts import link, metadata, optional, row_id, words

call = sa.Table(
    "call",
    metadata,
    row_id(),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("linked_id", sa.Text, nullable=False),
    sa.Column("direction", sa.Text, nullable=False, comment="in, out, internal"),
    sa.Column("started_at", UtcDateTime, nullable=False),
    optional("answered_at", UtcDateTime, "nobody answered"),
    sa.Column("ended_at", UtcDateTime, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False, comment="answered, abandoned, no_answer, busy, failed"),
    optional("wait_seconds", sa.Integer, "the source cannot tell"),
    sa.Column("talk_seconds", sa.Integer, nullable=False),
    sa.Column("leg_count", sa.Integer, nullable=False),
    sa.Column("transfer_count", sa.Integer, nullable=False),
    words("client_raw"),
    optional("client_phone", sa.Text, "withheld, or an internal call (E.164)"),
    optional("line", sa.Text, "the source cannot tell"),
    optional("queue", sa.Text, "not through a queue"),
    link("person_id", "person", "NULL: no member of staff talked"),
    link("contact_id", "contact", "NULL: number not known"),
    link("lead_id", "lead", "NULL: no lead"),
    sa.Column("settled_at", UtcDateTime, nullable=True, comment="NULL: legs are stored, lead or activity not made yet"),
    sa.UniqueConstraint("source", "linked_id"),
    sa.Index("ix_call_started_at", "started_at"),
    sa.Index("ix_call_client_phone", "client_phone"),
)

call_leg = sa.Table(
    "call_leg",
    metadata,
    row_id(),
    sa.Column("source", sa.Text, nullable=False, comment="call log name of the office folder"),
    sa.Column("natural_key", sa.Text, nullable=False, comment="uniqueid and sequence, or hash of the line"),
    sa.Column("linked_id", sa.Text, nullable=False, comment="what folds legs into one call"),
    sa.Column("started_at", UtcDateTime, nullable=False),
    optional("answered_at", UtcDateTime, "not answered"),
    sa.Column("ended_at", UtcDateTime, nullable=False),
    sa.Column("duration_seconds", sa.Integer, nullable=False),
    sa.Column("talk_seconds", sa.Integer, nullable=False),
    sa.Column("disposition", sa.Text, nullable=False, comment="answered, no_answer, busy, failed"),
    words("caller_raw"),
    optional("caller_phone", sa.Text, "withheld or an extension (E.164)"),
    words("callee_raw"),
    optional("callee_phone", sa.Text, "an extension or a queue (E.164)"),
    optional("extension", sa.Text, "no desk telephone took part"),
    optional("queue", sa.Text, "not through a queue"),
    optional("line", sa.Text, "the source cannot tell which of our numbers"),
    words("direction"),
    sa.Column("raw_line", sa.Text, nullable=False),
    sa.Column("file_line", sa.Text, nullable=False, comment="file name:line number"),
    link("call_id", "call", "NULL: not folded yet"),
    sa.UniqueConstraint("source", "natural_key"),
    sa.Index("ix_call_leg_linked_id", "source", "linked_id"),
)

queue_event = sa.Table(
    "queue_event",
    metadata,
    row_id(),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("natural_key", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("call_key", sa.Text, nullable=False, comment="the uniqueid the queue knows the call by"),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="ENTERQUEUE, CONNECT, ABANDON, COMPLETEAGENT …"),
    sa.Column("data", Json, nullable=False),
    sa.Column("raw_line", sa.Text, nullable=False),
    sa.Column("file_line", sa.Text, nullable=False, comment="file name:line number"),
    sa.UniqueConstraint("source", "natural_key"),
    sa.Index("ix_queue_event_call_key", "source", "call_key"),
)

missed_call = sa.Table(
    "missed_call",
    metadata,
    row_id(),
    link("call_id", "call"),
    sa.Column("client_phone", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="open", comment="open, returned, came_back"),
    link("resolved_by_id", "call", "NULL: still open"),
    optional("resolved_at", UtcDateTime, "still open"),
    link("person_id", "person", "NULL: nobody could be assigned"),
    sa.UniqueConstraint("call_id"),
    sa.Index("ix_missed_call_state", "state", "client_phone"),
)
