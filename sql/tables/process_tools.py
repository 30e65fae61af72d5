"""What processes did, as the engine saw it; new versions that only watch; answers kept for the next time."""

from __future__ import annotations

import sqlalchemy as sa

from sql.column_types import OrderedJson, RowId, UtcDateTime
from sql.table_parts import link, metadata, optional, row_id, words

office_snapshot = sa.Table(
    "office_snapshot",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True, comment="SHA-256 of the content"),
    sa.Column("content", OrderedJson, nullable=False, comment="staff with roles and absences, hours and zone"),
)

process_course = sa.Table(
    "process_course",
    metadata,
    row_id(),
    sa.Column("item_id", RowId, nullable=False, comment="row of process_item"),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="of the process file that the event was taken under"),
    sa.Column("kind", sa.Text, nullable=False, comment="begin, event, migrated"),
    sa.Column("key", sa.Text, nullable=False, comment="key of the event; of a refused one its own"),
    sa.Column("at", UtcDateTime, nullable=False, comment="effective time of the event"),
    optional("event_id", RowId, "the event has no row of its own"),
    sa.Column("event", OrderedJson, nullable=False, comment="all of the event that the engine was given"),
    sa.Column("office", sa.Text, nullable=False, comment="digest of the office_snapshot it was taken under"),
    sa.Column("loads", OrderedJson, nullable=False, comment="open work per person at that moment"),
    sa.Column("reachable", OrderedJson, nullable=False, comment="contacts that could be written to"),
    sa.Column("decisions", OrderedJson, nullable=False, comment="what was decided, in order"),
    optional("state", OrderedJson, "not a migration; else the item after it"),
    sa.CheckConstraint("kind in ('begin', 'event', 'migrated')", name="kind"),
    sa.UniqueConstraint("item_id", "key"),
    sa.Index("ix_process_course_at", "at"),
)

shadow_run = sa.Table(
    "shadow_run",
    metadata,
    row_id(),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="what the watching file calls itself"),
    sa.Column("content", sa.Text, nullable=False, comment="the watching process file as JSON"),
    sa.Column("started_at", UtcDateTime, nullable=False),
    words("started_by"),
    optional("ended_at", UtcDateTime, "it watches"),
    sa.Column("seen_id", RowId, nullable=False, server_default="0", comment="row of process_course it has seen last"),
)

shadow_act = sa.Table(
    "shadow_act",
    metadata,
    row_id(),
    link("run_id", "shadow_run"),
    sa.Column("item_id", RowId, nullable=False, comment="row of process_item"),
    sa.Column("key", sa.Text, nullable=False, comment="key of the event"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("would", OrderedJson, nullable=False, comment="decisions of the watching version"),
    sa.Column("did", OrderedJson, nullable=False, comment="decisions of the live version; empty: no such event"),
    sa.Column("is_same", sa.Boolean, nullable=False),
    sa.UniqueConstraint("run_id", "item_id", "key"),
)

kept_answer = sa.Table(
    "kept_answer",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="the exception that was answered, once"),
    sa.Column("signature", sa.Text, nullable=False, comment="what is alike in exceptions: process, reasons, rule path"),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("facts", OrderedJson, nullable=False, comment="what was known when it was answered"),
    sa.Column("choice", sa.Text, nullable=False),
    sa.Column("answered_by", sa.Text, nullable=False, comment="person:ID, or rule when it was applied by itself"),
    sa.Column("at", UtcDateTime, nullable=False),
    optional("item_id", RowId, "about no process item"),
    sa.Index("ix_kept_answer_signature", "signature", "id"),
)

answer_revocation = sa.Table(
    "answer_revocation",
    metadata,
    row_id(),
    sa.Column("signature", sa.Text, nullable=False, comment="answers before this no longer count"),
    sa.Column("revoked_by", sa.Text, nullable=False, comment="person:ID"),
    sa.Column("at", UtcDateTime, nullable=False),
    words("note"),
    sa.Column("answer_id", RowId, nullable=False, comment="the last kept_answer that no longer counts"),
    sa.UniqueConstraint("signature", "answer_id"),
)
