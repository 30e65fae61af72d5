"""Calls, their legs, and the missed ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import Json, RowId, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "queue_event",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("natural_key", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("call_key", sa.Text(), nullable=False, comment="the uniqueid the queue knows the call by"),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="ENTERQUEUE, CONNECT, ABANDON, COMPLETEAGENT …"),
        sa.Column("data", Json, nullable=False),
        sa.Column("raw_line", sa.Text(), nullable=False),
        sa.Column("file_line", sa.Text(), nullable=False, comment="file name:line number"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_event")),
        sa.UniqueConstraint("source", "natural_key", name=op.f("uq_queue_event_source_natural_key")),
    )
    op.create_index("ix_queue_event_call_key", "queue_event", ["source", "call_key"], unique=False)
    op.create_table(
        "call",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("linked_id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False, comment="in, out, internal"),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True, comment="NULL: nobody answered"),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False, comment="answered, abandoned, no_answer, busy, failed"),
        sa.Column("wait_seconds", sa.Integer(), nullable=True, comment="NULL: the source cannot tell"),
        sa.Column("talk_seconds", sa.Integer(), nullable=False),
        sa.Column("leg_count", sa.Integer(), nullable=False),
        sa.Column("transfer_count", sa.Integer(), nullable=False),
        sa.Column("client_raw", sa.Text(), server_default="", nullable=False),
        sa.Column("client_phone", sa.Text(), nullable=True, comment="NULL: withheld, or an internal call (E.164)"),
        sa.Column("line", sa.Text(), nullable=True, comment="NULL: the source cannot tell"),
        sa.Column("queue", sa.Text(), nullable=True, comment="NULL: not through a queue"),
        sa.Column("person_id", RowId, nullable=True, comment="NULL: no member of staff talked"),
        sa.Column("contact_id", RowId, nullable=True, comment="NULL: number not known"),
        sa.Column("lead_id", RowId, nullable=True, comment="NULL: no lead"),
        sa.Column(
            "settled_at", UtcDateTime(), nullable=True, comment="NULL: legs are stored, lead or activity not made yet"
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_call_contact_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_call_lead_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_call_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("source", "linked_id", name=op.f("uq_call_source_linked_id")),
    )
    op.create_index("ix_call_client_phone", "call", ["client_phone"], unique=False)
    op.create_index(op.f("ix_call_contact_id"), "call", ["contact_id"], unique=False)
    op.create_index(op.f("ix_call_lead_id"), "call", ["lead_id"], unique=False)
    op.create_index(op.f("ix_call_person_id"), "call", ["person_id"], unique=False)
    op.create_index("ix_call_started_at", "call", ["started_at"], unique=False)
    op.create_table(
        "call_leg",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="call log name of the office folder"),
        sa.Column("natural_key", sa.Text(), nullable=False, comment="uniqueid and sequence, or hash of the line"),
        sa.Column("linked_id", sa.Text(), nullable=False, comment="what folds legs into one call"),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True, comment="NULL: not answered"),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=False),
        sa.Column("talk_seconds", sa.Integer(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False, comment="answered, no_answer, busy, failed"),
        sa.Column("caller_raw", sa.Text(), server_default="", nullable=False),
        sa.Column("caller_phone", sa.Text(), nullable=True, comment="NULL: withheld or an extension (E.164)"),
        sa.Column("callee_raw", sa.Text(), server_default="", nullable=False),
        sa.Column("callee_phone", sa.Text(), nullable=True, comment="NULL: an extension or a queue (E.164)"),
        sa.Column("extension", sa.Text(), nullable=True, comment="NULL: no desk telephone took part"),
        sa.Column("queue", sa.Text(), nullable=True, comment="NULL: not through a queue"),
        sa.Column("line", sa.Text(), nullable=True, comment="NULL: the source cannot tell which of our numbers"),
        sa.Column("direction", sa.Text(), server_default="", nullable=False),
        sa.Column("raw_line", sa.Text(), nullable=False),
        sa.Column("file_line", sa.Text(), nullable=False, comment="file name:line number"),
        sa.Column("call_id", RowId, nullable=True, comment="NULL: not folded yet"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_leg_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_leg")),
        sa.UniqueConstraint("source", "natural_key", name=op.f("uq_call_leg_source_natural_key")),
    )
    op.create_index(op.f("ix_call_leg_call_id"), "call_leg", ["call_id"], unique=False)
    op.create_index("ix_call_leg_linked_id", "call_leg", ["source", "linked_id"], unique=False)
    op.create_table(
        "missed_call",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("call_id", RowId, nullable=False),
        sa.Column("client_phone", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False, comment="open, returned, came_back"),
        sa.Column("resolved_by_id", RowId, nullable=True, comment="NULL: still open"),
        sa.Column("resolved_at", UtcDateTime(), nullable=True, comment="NULL: still open"),
        sa.Column("person_id", RowId, nullable=True, comment="NULL: nobody could be assigned"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_missed_call_call_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_missed_call_person_id")),
        sa.ForeignKeyConstraint(["resolved_by_id"], ["call.id"], name=op.f("fk_missed_call_resolved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_call")),
        sa.UniqueConstraint("call_id", name=op.f("uq_missed_call_call_id")),
    )
    op.create_index(op.f("ix_missed_call_call_id"), "missed_call", ["call_id"], unique=False)
    op.create_index(op.f("ix_missed_call_person_id"), "missed_call", ["person_id"], unique=False)
    op.create_index(op.f("ix_missed_call_resolved_by_id"), "missed_call", ["resolved_by_id"], unique=False)
    op.create_index("ix_missed_call_state", "missed_call", ["state", "client_phone"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_missed_call_state", table_name="missed_call")
    op.drop_index(op.f("ix_missed_call_resolved_by_id"), table_name="missed_call")
    op.drop_index(op.f("ix_missed_call_person_id"), table_name="missed_call")
    op.drop_index(op.f("ix_missed_call_call_id"), table_name="missed_call")
    op.drop_table("missed_call")
    op.drop_index("ix_call_leg_linked_id", table_name="call_leg")
    op.drop_index(op.f("ix_call_leg_call_id"), table_name="call_leg")
    op.drop_table("call_leg")
    op.drop_index("ix_call_started_at", table_name="call")
    op.drop_index(op.f("ix_call_person_id"), table_name="call")
    op.drop_index(op.f("ix_call_lead_id"), table_name="call")
    op.drop_index(op.f("ix_call_contact_id"), table_name="call")
    op.drop_index("ix_call_client_phone", table_name="call")
    op.drop_table("call")
    op.drop_index("ix_queue_event_call_key", table_name="queue_event")
    op.drop_table("queue_event")
