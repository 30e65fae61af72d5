"""The door: who is signed in, decisions that can still be taken back, posts of web forms, and what limits haste."""

from __future__ import annotations

import sqlalchemy as sa

from sql.column_types import Json, RowId, UtcDateTime
from sql.table_parts import link, metadata, optional, row_id, words
from sql.tables.process import process_item

door_sign_in = sa.Table(
    "door_sign_in",
    metadata,
    row_id(),
    sa.Column("token_hash", sa.Text, nullable=False, unique=True, comment="SHA-256 of the link's random token"),
    link("person_id", "person"),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    optional("used_at", UtcDateTime, "not used"),
)

door_session = sa.Table(
    "door_session",
    metadata,
    row_id(),
    sa.Column("token_hash", sa.Text, nullable=False, unique=True, comment="SHA-256 of the cookie's random token"),
    link("person_id", "person"),
    sa.Column("roles", sa.Text, nullable=False, comment="at sign-in; with other roles the session is over"),
    words("device"),
    sa.Column("began_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False, comment="last page asked for, to the minute"),
    optional("ended_at", UtcDateTime, "not signed out, or ran out by itself"),
)

door_act = sa.Table(
    "door_act",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="link:NONCE, or form:NONCE; the event's key"),
    sa.Column("item_id", RowId, nullable=False, index=True),
    link("work_task_id", "work_task", "NULL: a command, no piece of work"),
    sa.Column("actor", sa.Text, nullable=False, comment="person:ID or contact:ID"),
    sa.Column("name", sa.Text, nullable=False, comment="done, approve, decline, or a command of the process"),
    sa.Column("content", Json, nullable=False, comment="round, content hash, fields to set, words"),
    sa.Column("pressed_at", UtcDateTime, nullable=False),
    sa.Column("act_at", UtcDateTime, nullable=False, comment="can be taken back until then, takes effect then"),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting", comment="waiting, done, refused, undone"),
    optional("ended_at", UtcDateTime, "waiting"),
    words("reason"),
    sa.CheckConstraint("state in ('waiting', 'done', 'refused', 'undone')", name="state"),
    sa.Index("ix_door_act_state_act_at", "state", "act_at"),
)

door_draft = sa.Table(
    "door_draft",
    metadata,
    sa.Column("item_id", RowId, primary_key=True, autoincrement=False),
    sa.Column("person_id", RowId, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("content", Json, nullable=False, comment="the page's fields as they were typed"),
    sa.Column("saved_at", UtcDateTime, nullable=False),
)

door_rate = sa.Table(
    "door_rate",
    metadata,
    sa.Column("key", sa.Text, primary_key=True, comment="what is counted and for whom, hashed"),
    sa.Column("slot", sa.BigInteger, primary_key=True, autoincrement=False, comment="number of the time window"),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False, index=True),
)

form_post = sa.Table(
    "form_post",
    metadata,
    row_id(),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, comment="the sender's idempotency key, else random: the same post once"),
    sa.Column("sha256", sa.Text, nullable=False, comment="of the body; another body under the same key is refused"),
    link("intake_item_id", "intake_item"),
    sa.Column("result", sa.Text, nullable=False, comment="lead, activity, trap"),
    sa.Column("number", sa.Text, nullable=False, comment="the lead's number, or the post's own"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("form", "key"),
)

# a board of one person's overdue items: without it every item of that person would be looked at
sa.Index(
    "ix_process_item_person_overdue",
    process_item.c.process,
    process_item.c.outcome,
    process_item.c.responsible_id,
    process_item.c.is_overdue,
    process_item.c.stage,
    process_item.c.deadline_at,
    process_item.c.id,
)
