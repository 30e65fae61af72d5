"""What came in, what happened, what ran."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import Json, RowId, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "event",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="natural key of the fact; a repeated one is dropped"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="effective time: when we received it"),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", RowId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="person:ID, contact:ID, clock, or the flow's name"),
        sa.Column("data", Json, nullable=False),
        sa.Column("cause_id", RowId, nullable=True, comment="NULL: came from outside"),
        sa.ForeignKeyConstraint(["cause_id"], ["event.id"], name=op.f("fk_event_cause_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("key", name=op.f("uq_event_key")),
    )
    op.create_index(op.f("ix_event_cause_id"), "event", ["cause_id"], unique=False)
    op.create_index("ix_event_entity", "event", ["entity", "entity_id"], unique=False)
    op.create_table(
        "flow_ledger",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("as_of", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True, comment="NULL: runs, or died"),
        sa.Column("result", Json, nullable=True, comment="NULL: runs, or died"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_ledger")),
    )
    op.create_index("ix_flow_ledger_flow_as_of", "flow_ledger", ["flow", "as_of"], unique=False)
    op.create_table(
        "intake_item",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="mailbox name of the office folder"),
        sa.Column(
            "natural_key", sa.Text(), nullable=False, comment="folder:uidvalidity:uid over IMAP, pop3:UIDL over POP3"
        ),
        sa.Column(
            "meaning_key",
            sa.Text(),
            nullable=False,
            comment="Message-ID + hash without trace headers: the same mail twice",
        ),
        sa.Column("sha256", sa.Text(), nullable=False, comment="of the raw bytes"),
        sa.Column("raw", sa.LargeBinary(), nullable=False, comment="raw bytes, zlib-compressed, never changed"),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True, comment="NULL: the mail has none"),
        sa.Column(
            "received_at",
            UtcDateTime(),
            nullable=False,
            comment="INTERNALDATE, over POP3 the newest Received line; never the Date header",
        ),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.Column(
            "state", sa.Text(), server_default="new", nullable=False, comment="new, settled, quarantined, ignored"
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="NULL: state new, or settled without remark"),
        sa.Column("settled_at", UtcDateTime(), nullable=True, comment="NULL: not interpreted yet"),
        sa.Column("entity", sa.Text(), nullable=True, comment="NULL: nothing was made from it"),
        sa.Column("entity_id", RowId, nullable=True, comment="NULL: nothing was made from it"),
        sa.Column("duplicate_of_id", RowId, nullable=True, comment="NULL: the first of its meaning"),
        sa.CheckConstraint("state in ('new', 'settled', 'quarantined', 'ignored')", name=op.f("ck_intake_item_state")),
        sa.ForeignKeyConstraint(["duplicate_of_id"], ["intake_item.id"], name=op.f("fk_intake_item_duplicate_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_item")),
        sa.UniqueConstraint("source", "natural_key", name=op.f("uq_intake_item_source_natural_key")),
    )
    op.create_index(op.f("ix_intake_item_duplicate_of_id"), "intake_item", ["duplicate_of_id"], unique=False)
    op.create_index("ix_intake_item_meaning_key", "intake_item", ["meaning_key"], unique=False)
    op.create_index("ix_intake_item_message_id", "intake_item", ["message_id"], unique=False)
    op.create_index("ix_intake_item_state_id", "intake_item", ["state", "id"], unique=False)
    op.create_table(
        "numerator",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_numerator")),
    )
    op.create_table(
        "quarantine_row",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False, comment="intake:ID, or file:line"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "raw", sa.Text(), nullable=False, comment="the row as it came; mail stays in intake_item and this is empty"
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), server_default="held", nullable=False, comment="held, released, rejected"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_row")),
        sa.UniqueConstraint("source", "row_key", name=op.f("uq_quarantine_row_source_row_key")),
    )
    op.create_table(
        "source_cursor",
        sa.Column("source", sa.Text(), nullable=False, comment="mail:NAME:FOLDER, calls:NAME:PATH, office"),
        sa.Column("position", Json, nullable=False, comment="uidvalidity and uid, or byte offset and file identity"),
        sa.Column(
            "seen_total", sa.BigInteger(), server_default="0", nullable=False, comment="items ever seen at this source"
        ),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_cursor")),
    )
    op.create_table(
        "process_inbox",
        sa.Column("event_id", RowId, nullable=False, comment="still to be taken by the process engine"),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", RowId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_process_inbox_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_process_inbox")),
    )
    op.create_index("ix_process_inbox_entity", "process_inbox", ["entity", "entity_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_process_inbox_entity", table_name="process_inbox")
    op.drop_table("process_inbox")
    op.drop_table("source_cursor")
    op.drop_table("quarantine_row")
    op.drop_table("numerator")
    op.drop_index("ix_intake_item_state_id", table_name="intake_item")
    op.drop_index("ix_intake_item_message_id", table_name="intake_item")
    op.drop_index("ix_intake_item_meaning_key", table_name="intake_item")
    op.drop_index(op.f("ix_intake_item_duplicate_of_id"), table_name="intake_item")
    op.drop_table("intake_item")
    op.drop_index("ix_flow_ledger_flow_as_of", table_name="flow_ledger")
    op.drop_table("flow_ledger")
    op.drop_index("ix_event_entity", table_name="event")
    op.drop_index(op.f("ix_event_cause_id"), table_name="event")
    op.drop_table("event")
