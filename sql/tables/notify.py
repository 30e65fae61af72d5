"""How people are told: each message with its ladder, notices in the inbox at the door, and who is there."""

from __future__ import annotations

import sqlalchemy as sa

from sql.column_types import Json, RowId, UtcDateTime
from sql.table_parts import link, metadata, optional, row_id, words

notification = sa.Table(
    "notification",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="what was to be told to whom, once"),
    sa.Column("recipient_ref", sa.Text, nullable=False, comment="person:ID or contact:ID"),
    sa.Column("kind", sa.Text, nullable=False, comment="notice, task, reminder, report, confirmation"),
    words("wording"),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("entity_id", RowId, nullable=False),
    sa.Column("steps", Json, nullable=False, comment="the ladder decided: channels, address, why, seconds to wait"),
    sa.Column("known", Json, nullable=False, comment="what was known of the person then: online, last seen"),
    sa.Column("step", sa.Integer, nullable=False, server_default="0", comment="the step it stands at, from 0"),
    sa.Column(
        "state",
        sa.Text,
        nullable=False,
        comment="climbing: a further step may come; told: the last one is taken; done: taken by somebody or read",
    ),
    optional("look_at", UtcDateTime, "only its channels' failing leads on, or nothing does"),
    words("subject"),
    sa.Column("body", sa.Text, nullable=False, server_default="", comment="the words for chat and inbox"),
    sa.Column("short_text", sa.Text, nullable=False, server_default="", comment="the words for SMS"),
    optional("raw", sa.LargeBinary, "no further step is mail; else its RFC 5322 bytes, zlib-compressed"),
    sa.Column("message_ids", Json, nullable=False, comment="by channel: what a server there knows it by"),
    sa.Column("policy", sa.Text, nullable=False, comment="for mail whose acceptance is unknown: retry, ask"),
    sa.Column("planned_at", UtcDateTime, nullable=False),
    sa.Column("not_before", UtcDateTime, nullable=False),
    link("work_task_id", "work_task", "NULL: asks nobody for an answer"),
    optional("item_id", RowId, "about no process item"),
    link("cause_event_id", "event", "NULL: caused by a person's command line"),
    sa.CheckConstraint("state in ('climbing', 'told', 'done')", name="state"),
    sa.Index("ix_notification_state_look_at", "state", "look_at"),
)

notice = sa.Table(
    "notice",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="of the notification it shows"),
    link("person_id", "person", index=False),
    link("notification_id", "notification"),
    sa.Column("kind", sa.Text, nullable=False, comment="notice, task, reminder, confirmation"),
    words("subject"),
    words("body"),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("entity_id", RowId, nullable=False),
    optional("work_task_id", RowId, "asks for nothing"),
    optional("item_id", RowId, "about no process item"),
    sa.Column("at", UtcDateTime, nullable=False, comment="from then on it is shown"),
    optional("read_at", UtcDateTime, "not read yet"),
    sa.Index("ix_notice_person_id_read_at_at", "person_id", "read_at", "at"),
)

presence = sa.Table(
    "presence",
    metadata,
    sa.Column("person_id", RowId, sa.ForeignKey("person.id"), primary_key=True, autoincrement=False),
    sa.Column("is_online", sa.Boolean, nullable=False, server_default=sa.false(), comment="in chat, as last heard"),
    optional("chat_noted_at", UtcDateTime, "never heard of in chat"),
    optional("last_seen_at", UtcDateTime, "not signed in at the door"),
)
