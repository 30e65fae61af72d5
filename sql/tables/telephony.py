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
    optional("wait_seconds", sa.Integer, "the source cannot tell how long it rang before the answer or the end"),
    words("recording"),
    words("note"),
    sa.UniqueConstraint("source", "natural_key"),
    sa.Index("ix_call_leg_linked_id", "source", "linked_id"),
)

# When agents come, go and pause: few rows, asked for by the day.
IS_AGENT_SIGN = sa.text(
    "kind IN ('PAUSE', 'PAUSEALL', 'UNPAUSE', 'UNPAUSEALL', 'ADDMEMBER', 'AGENTLOGIN', 'AGENTCALLBACKLOGIN', "
    "'REMOVEMEMBER', 'AGENTLOGOFF', 'AGENTCALLBACKLOGOFF')"
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
    sa.Index("ix_queue_event_agent_sign", "at", sqlite_where=IS_AGENT_SIGN, postgresql_where=IS_AGENT_SIGN),
)

missed_call = sa.Table(
    "missed_call",
    metadata,
    row_id(),
    link("call_id", "call"),
    sa.Column("client_phone", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="open", comment="open, returned, came_back, lost"),
    link("resolved_by_id", "call", "NULL: still open, or lost"),
    optional("resolved_at", UtcDateTime, "still open"),
    link("person_id", "person", "NULL: nobody could be assigned"),
    sa.UniqueConstraint("call_id"),
    sa.Index("ix_missed_call_state", "state", "client_phone"),
)

call_route = sa.Table(
    "call_route",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="of the question; written once however often tried"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("linked_id", sa.Text, nullable=False, server_default="", comment="the PBX's id of the call, if it said"),
    optional("line", sa.Text, "the PBX did not say"),
    optional("caller_phone", sa.Text, "withheld or unreadable (E.164)"),
    words("dialled"),
    sa.Column("kind", sa.Text, nullable=False, comment="extension, manager, queue, last_resort"),
    words("queue"),
    link("person_id", "person", "NULL: nobody of ours was to get it first"),
    sa.Column("people", Json, nullable=False, comment="ids of all who were to be rung, in order"),
    words("reason"),
    sa.Index("ix_call_route_at", "at"),
)

line_ending = sa.Table(
    "line_ending",
    metadata,
    row_id(),
    sa.Column("number", sa.Text, nullable=False, comment="a line of ours (E.164)"),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False, comment="until then the number works and it can be cancelled"),
    optional("cancelled_at", UtcDateTime, "it stands"),
    sa.UniqueConstraint("number", "asked_at"),
)
