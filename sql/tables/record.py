"""What came in, what happened, what ran."""

from __future__ import annotations

import sqlalchemy as sa

from sql.column_types import Json, RowId, UtcDateTime
from sql.table_parts import link, metadata, optional, row_id, words

intake_item = sa.Table(
    "intake_item",
    metadata,
    row_id(),
    sa.Column("source", sa.Text, nullable=False, comment="mailbox name of the office folder"),
    sa.Column("natural_key", sa.Text, nullable=False, comment="folder:uidvalidity:uid over IMAP, pop3:UIDL over POP3"),
    sa.Column(
        "meaning_key", sa.Text, nullable=False, comment="Message-ID + hash without trace headers: the same mail twice"
    ),
    sa.Column("sha256", sa.Text, nullable=False, comment="of the raw bytes"),
    sa.Column("raw", sa.LargeBinary, nullable=False, comment="raw bytes, zlib-compressed, never changed"),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    optional("message_id", sa.Text, "the mail has none"),
    sa.Column(
        "received_at",
        UtcDateTime,
        nullable=False,
        comment="INTERNALDATE, over POP3 the newest Received line; never the Date header",
    ),
    sa.Column("fetched_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="new", comment="new, settled, quarantined, ignored"),
    optional("reason", sa.Text, "state new, or settled without remark"),
    optional("settled_at", UtcDateTime, "not interpreted yet"),
    optional("verdict", sa.Text, "not interpreted yet"),
    optional("spam_score", sa.Float, "not judged: too few labels, or not a stranger's mail"),
    optional("entity", sa.Text, "nothing was made from it"),
    optional("entity_id", RowId, "nothing was made from it"),
    link("duplicate_of_id", "intake_item", "NULL: the first of its meaning"),
    sa.UniqueConstraint("source", "natural_key"),
    sa.CheckConstraint("state in ('new', 'settled', 'quarantined', 'ignored')", name="state"),
    sa.Index("ix_intake_item_state_id", "state", "id"),
    sa.Index("ix_intake_item_meaning_key", "meaning_key"),
    sa.Index("ix_intake_item_message_id", "message_id"),
)

spam_label = sa.Table(
    "spam_label",
    metadata,
    row_id(),
    link("intake_item_id", "intake_item"),
    sa.Column("label", sa.Text, nullable=False, comment="spam, good"),
    sa.Column("actor", sa.Text, nullable=False, comment="person:ID who says so; the last word of each counts"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.CheckConstraint("label in ('spam', 'good')", name="label"),
    sa.UniqueConstraint("intake_item_id", "actor"),
)

source_health = sa.Table(
    "source_health",
    metadata,
    sa.Column("source", sa.Text, primary_key=True, comment="mail:NAME"),
    sa.Column("failure_count", sa.Integer, nullable=False, server_default="0", comment="in a row; 0 after a success"),
    words("last_error"),
    optional("last_success_at", UtcDateTime, "never read"),
    optional("next_try_at", UtcDateTime, "no back-off: it may be tried at once"),
    optional("beat_at", UtcDateTime, "nobody listens at it"),
    optional("alarmed_at", UtcDateTime, "no alarm is open"),
)

source_cursor = sa.Table(
    "source_cursor",
    metadata,
    sa.Column("source", sa.Text, primary_key=True, comment="mail:NAME:FOLDER, calls:NAME:PATH, office"),
    sa.Column("position", Json, nullable=False, comment="uidvalidity and uid, or byte offset and file identity"),
    sa.Column(
        "seen_total", sa.BigInteger, nullable=False, server_default="0", comment="items ever seen at this source"
    ),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

quarantine_row = sa.Table(
    "quarantine_row",
    metadata,
    row_id(),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("row_key", sa.Text, nullable=False, comment="intake:ID, or file:line"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column(
        "raw", sa.Text, nullable=False, comment="the row as it came; mail stays in intake_item and this is empty"
    ),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="held", comment="held, released, rejected"),
    optional("decided_by", sa.Text, "nobody decided"),
    optional("decided_at", UtcDateTime, "nobody decided"),
    words("decision_note"),
    sa.UniqueConstraint("source", "row_key"),
)

event = sa.Table(
    "event",
    metadata,
    row_id(),
    sa.Column(
        "key", sa.Text, nullable=False, unique=True, comment="natural key of the fact; a repeated one is dropped"
    ),
    sa.Column("at", UtcDateTime, nullable=False, comment="effective time: when we received it"),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("entity_id", RowId, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False, comment="person:ID, contact:ID, clock, or the flow's name"),
    sa.Column("data", Json, nullable=False),
    link("cause_id", "event", "NULL: came from outside"),
    sa.Index("ix_event_entity", "entity", "entity_id"),
)

process_inbox = sa.Table(
    "process_inbox",
    metadata,
    sa.Column(
        "event_id",
        RowId,
        sa.ForeignKey("event.id"),
        primary_key=True,
        comment="still to be taken by the process engine",
    ),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("entity_id", RowId, nullable=False),
    optional("item_id", RowId, "about no process item, or not looked at yet"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_process_inbox_entity", "entity", "entity_id"),
    sa.Index("ix_process_inbox_at", "at", "event_id"),
)

numerator = sa.Table(
    "numerator",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("last_value", sa.BigInteger, nullable=False),
)

flow_ledger = sa.Table(
    "flow_ledger",
    metadata,
    row_id(),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("as_of", UtcDateTime, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    optional("ended_at", UtcDateTime, "runs, or died"),
    optional("result", Json, "runs, or died"),
    sa.Index("ix_flow_ledger_flow_as_of", "flow", "as_of"),
)
