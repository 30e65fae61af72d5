"""What leaves the house, letters and calls as activities, papers that expire."""

from __future__ import annotations

import sqlalchemy as sa

from sql.column_types import RowId, UtcDateTime
from sql.table_parts import link, metadata, optional, row_id, words

outbox = sa.Table(
    "outbox",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="what was promised to whom, once"),
    sa.Column("kind", sa.Text, nullable=False, comment="notice, task, reminder, report, confirmation"),
    sa.Column("recipient", sa.Text, nullable=False, comment="mail address"),
    sa.Column("recipient_ref", sa.Text, nullable=False, comment="person:ID or contact:ID"),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column(
        "raw",
        sa.LargeBinary,
        nullable=False,
        comment="rendered RFC 5322 bytes, zlib-compressed; every attempt sends the same",
    ),
    sa.Column(
        "message_id", sa.Text, nullable=False, unique=True, comment="keyed hash of the key: stable and not guessable"
    ),
    sa.Column(
        "policy", sa.Text, nullable=False, comment="what to do when it is unknown whether it was accepted: retry, ask"
    ),
    sa.Column(
        "state",
        sa.Text,
        nullable=False,
        server_default="planned",
        comment="planned, claimed, in_doubt, sent, retry, refused, ambiguous",
    ),
    sa.Column("planned_at", UtcDateTime, nullable=False),
    sa.Column("not_before", UtcDateTime, nullable=False),
    optional("claimed_by", sa.Text, "no worker holds it"),
    optional("claimed_until", UtcDateTime, "no worker holds it"),
    sa.Column("attempt_count", sa.Integer, nullable=False, server_default="0"),
    optional("sent_at", UtcDateTime, "not accepted by a mail server"),
    sa.Column(
        "hold_reason", sa.Text, nullable=False, server_default="", comment="why it waits longer than planned: a brake"
    ),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("entity_id", RowId, nullable=False),
    optional("item_id", RowId, "about no process item"),
    link("work_task_id", "work_task", "NULL: asks nobody for an answer"),
    link("cause_event_id", "event", "NULL: caused by a person's command line"),
    sa.Column("channel", sa.Text, nullable=False, server_default="mail", comment="mail, xmpp, sms"),
    optional("notification_id", RowId, "mail of its own, no step of a ladder"),
    optional("after_id", RowId, "a first step; else the row whose failing led here"),
    optional("outside_id", sa.Text, "the gateway named it nothing"),
    sa.CheckConstraint(
        "state in ('planned', 'claimed', 'in_doubt', 'sent', 'retry', 'refused', 'ambiguous')", name="state"
    ),
    sa.Index("ix_outbox_state_not_before", "state", "not_before"),
    sa.Index("ix_outbox_notification_id", "notification_id"),
    sa.Index("ix_outbox_sent_at", "sent_at"),
)

outbox_attempt = sa.Table(
    "outbox_attempt",
    metadata,
    row_id(),
    link("outbox_id", "outbox"),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    optional("ended_at", UtcDateTime, "the process died in it"),
    sa.Column("result", sa.Text, nullable=False, comment="in_doubt, sent, retry, refused"),
    optional("reply_code", sa.Integer, "the server did not answer"),
    words("reply_text"),
    sa.UniqueConstraint("outbox_id", "number"),
)

activity = sa.Table(
    "activity",
    metadata,
    row_id(),
    sa.Column(
        "origin_key", sa.Text, nullable=False, unique=True, comment="mail:ID or call:ID; makes recording repeatable"
    ),
    sa.Column("kind", sa.Text, nullable=False, comment="mail, call"),
    sa.Column("direction", sa.Text, nullable=False, comment="in, out"),
    sa.Column("at", UtcDateTime, nullable=False),
    link("contact_id", "contact", "NULL: the sender is not known"),
    link("person_id", "person", "NULL: no member of staff took part"),
    link("lead_id", "lead", "NULL: about no lead"),
    link("deal_id", "deal", "NULL: about no deal"),
    link("answers_id", "outbox", "NULL: answers no message of ours"),
    words("subject"),
    words("body_text"),
    words("reply_text"),
    sa.Column(
        "is_reply_verified",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="answers our Message-ID and comes from its recipient",
    ),
)

document = sa.Table(
    "document",
    metadata,
    row_id(),
    link("activity_id", "activity"),
    link("deal_id", "deal", "NULL: not about a deal"),
    sa.Column("sha256", sa.Text, nullable=False, comment="names the file in the home's files folder"),
    sa.Column("file_name", sa.Text, nullable=False, comment="generated, safe"),
    words("original_name"),
    sa.Column("content_type", sa.Text, nullable=False, comment="by content, not by the sender's word"),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("activity_id", "file_name"),
)

register_entry = sa.Table(
    "register_entry",
    metadata,
    row_id(),
    sa.Column("register", sa.Text, nullable=False, comment="certificates, policies, licences …"),
    sa.Column("number", sa.Text, nullable=False),
    words("title"),
    link("contact_id", "contact", "NULL: the holder has no contact"),
    link("company_id", "company", "NULL: held by a private person"),
    link("responsible_id", "person", "NULL: the register's role answers for it"),
    sa.Column("issued_on", sa.Date, nullable=False),
    sa.Column("valid_until", sa.Date, nullable=False),
    sa.Column(
        "term_version",
        sa.Integer,
        nullable=False,
        server_default="1",
        comment="grows with every renewal; stops the old reminders",
    ),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.UniqueConstraint("register", "number"),
    sa.Index("ix_register_entry_valid_until", "valid_until"),
)

reminder = sa.Table(
    "reminder",
    metadata,
    row_id(),
    link("register_entry_id", "register_entry"),
    sa.Column("term_version", sa.Integer, nullable=False),
    sa.Column(
        "stage_days", sa.Integer, nullable=False, comment="the ladder's step: days before the end, negative after it"
    ),
    sa.Column("recipient", sa.Text, nullable=False, comment="person:ID or contact:ID"),
    sa.Column("planned_at", UtcDateTime, nullable=False),
    sa.Column("late_days", sa.Integer, nullable=False, server_default="0"),
    link("outbox_id", "outbox", "NULL: overtaken by a more urgent step, nothing was sent"),
    sa.UniqueConstraint("register_entry_id", "term_version", "stage_days", "recipient"),
)
