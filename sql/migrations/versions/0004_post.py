"""What leaves the house, letters and papers that expire."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import RowId, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "register_entry",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("register", sa.Text(), nullable=False, comment="certificates, policies, licences …"),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("contact_id", RowId, nullable=True, comment="NULL: the holder has no contact"),
        sa.Column("company_id", RowId, nullable=True, comment="NULL: held by a private person"),
        sa.Column("responsible_id", RowId, nullable=True, comment="NULL: the register's role answers for it"),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column(
            "term_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="grows with every renewal; stops the old reminders",
        ),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_register_entry_company_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_register_entry_contact_id")),
        sa.ForeignKeyConstraint(["responsible_id"], ["person.id"], name=op.f("fk_register_entry_responsible_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entry")),
        sa.UniqueConstraint("register", "number", name=op.f("uq_register_entry_register_number")),
    )
    op.create_index(op.f("ix_register_entry_company_id"), "register_entry", ["company_id"], unique=False)
    op.create_index(op.f("ix_register_entry_contact_id"), "register_entry", ["contact_id"], unique=False)
    op.create_index(op.f("ix_register_entry_responsible_id"), "register_entry", ["responsible_id"], unique=False)
    op.create_index("ix_register_entry_valid_until", "register_entry", ["valid_until"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="what was promised to whom, once"),
        sa.Column("kind", sa.Text(), nullable=False, comment="notice, task, reminder, report, confirmation"),
        sa.Column("recipient", sa.Text(), nullable=False, comment="mail address"),
        sa.Column("recipient_ref", sa.Text(), nullable=False, comment="person:ID or contact:ID"),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "raw",
            sa.LargeBinary(),
            nullable=False,
            comment="rendered RFC 5322 bytes, zlib-compressed; every attempt sends the same",
        ),
        sa.Column("message_id", sa.Text(), nullable=False, comment="keyed hash of the key: stable and not guessable"),
        sa.Column(
            "policy",
            sa.Text(),
            nullable=False,
            comment="what to do when it is unknown whether it was accepted: retry, ask",
        ),
        sa.Column(
            "state",
            sa.Text(),
            server_default="planned",
            nullable=False,
            comment="planned, claimed, in_doubt, sent, retry, refused, ambiguous",
        ),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True, comment="NULL: no worker holds it"),
        sa.Column("claimed_until", UtcDateTime(), nullable=True, comment="NULL: no worker holds it"),
        sa.Column("attempt_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True, comment="NULL: not accepted by a mail server"),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", RowId, nullable=False),
        sa.Column("work_task_id", RowId, nullable=True, comment="NULL: asks nobody for an answer"),
        sa.Column("cause_event_id", RowId, nullable=True, comment="NULL: caused by a person's command line"),
        sa.CheckConstraint(
            "state in ('planned', 'claimed', 'in_doubt', 'sent', 'retry', 'refused', 'ambiguous')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(["cause_event_id"], ["event.id"], name=op.f("fk_outbox_cause_event_id")),
        sa.ForeignKeyConstraint(["work_task_id"], ["work_task.id"], name=op.f("fk_outbox_work_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(op.f("ix_outbox_cause_event_id"), "outbox", ["cause_event_id"], unique=False)
    op.create_index("ix_outbox_state_not_before", "outbox", ["state", "not_before"], unique=False)
    op.create_index(op.f("ix_outbox_work_task_id"), "outbox", ["work_task_id"], unique=False)
    op.create_table(
        "activity",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("origin_key", sa.Text(), nullable=False, comment="mail:ID or call:ID; makes recording repeatable"),
        sa.Column("kind", sa.Text(), nullable=False, comment="mail, call"),
        sa.Column("direction", sa.Text(), nullable=False, comment="in, out"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("contact_id", RowId, nullable=True, comment="NULL: the sender is not known"),
        sa.Column("person_id", RowId, nullable=True, comment="NULL: no member of staff took part"),
        sa.Column("lead_id", RowId, nullable=True, comment="NULL: about no lead"),
        sa.Column("deal_id", RowId, nullable=True, comment="NULL: about no deal"),
        sa.Column("answers_id", RowId, nullable=True, comment="NULL: answers no message of ours"),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("body_text", sa.Text(), server_default="", nullable=False),
        sa.Column("reply_text", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "is_reply_verified",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="answers our Message-ID and comes from its recipient",
        ),
        sa.ForeignKeyConstraint(["answers_id"], ["outbox.id"], name=op.f("fk_activity_answers_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_activity_contact_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_activity_deal_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_activity_lead_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_activity_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("origin_key", name=op.f("uq_activity_origin_key")),
    )
    op.create_index(op.f("ix_activity_answers_id"), "activity", ["answers_id"], unique=False)
    op.create_index(op.f("ix_activity_contact_id"), "activity", ["contact_id"], unique=False)
    op.create_index(op.f("ix_activity_deal_id"), "activity", ["deal_id"], unique=False)
    op.create_index(op.f("ix_activity_lead_id"), "activity", ["lead_id"], unique=False)
    op.create_index(op.f("ix_activity_person_id"), "activity", ["person_id"], unique=False)
    op.create_table(
        "outbox_attempt",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("outbox_id", RowId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True, comment="NULL: the process died in it"),
        sa.Column("result", sa.Text(), nullable=False, comment="in_doubt, sent, retry, refused"),
        sa.Column("reply_code", sa.Integer(), nullable=True, comment="NULL: the server did not answer"),
        sa.Column("reply_text", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_outbox_attempt_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_attempt")),
        sa.UniqueConstraint("outbox_id", "number", name=op.f("uq_outbox_attempt_outbox_id_number")),
    )
    op.create_index(op.f("ix_outbox_attempt_outbox_id"), "outbox_attempt", ["outbox_id"], unique=False)
    op.create_table(
        "reminder",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("register_entry_id", RowId, nullable=False),
        sa.Column("term_version", sa.Integer(), nullable=False),
        sa.Column(
            "stage_days",
            sa.Integer(),
            nullable=False,
            comment="the ladder's step: days before the end, negative after it",
        ),
        sa.Column("recipient", sa.Text(), nullable=False, comment="person:ID or contact:ID"),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("late_days", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outbox_id", RowId, nullable=True, comment="NULL: overtaken by a more urgent step, nothing was sent"),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_reminder_outbox_id")),
        sa.ForeignKeyConstraint(
            ["register_entry_id"], ["register_entry.id"], name=op.f("fk_reminder_register_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "register_entry_id",
            "term_version",
            "stage_days",
            "recipient",
            name=op.f("uq_reminder_register_entry_id_term_version_stage_days_recipient"),
        ),
    )
    op.create_index(op.f("ix_reminder_outbox_id"), "reminder", ["outbox_id"], unique=False)
    op.create_index(op.f("ix_reminder_register_entry_id"), "reminder", ["register_entry_id"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("activity_id", RowId, nullable=False),
        sa.Column("deal_id", RowId, nullable=True, comment="NULL: not about a deal"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="names the file in the home's files folder"),
        sa.Column("file_name", sa.Text(), nullable=False, comment="generated, safe"),
        sa.Column("original_name", sa.Text(), server_default="", nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False, comment="by content, not by the sender's word"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_document_activity_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_document_deal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("activity_id", "file_name", name=op.f("uq_document_activity_id_file_name")),
    )
    op.create_index(op.f("ix_document_activity_id"), "document", ["activity_id"], unique=False)
    op.create_index(op.f("ix_document_deal_id"), "document", ["deal_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_document_deal_id"), table_name="document")
    op.drop_index(op.f("ix_document_activity_id"), table_name="document")
    op.drop_table("document")
    op.drop_index(op.f("ix_reminder_register_entry_id"), table_name="reminder")
    op.drop_index(op.f("ix_reminder_outbox_id"), table_name="reminder")
    op.drop_table("reminder")
    op.drop_index(op.f("ix_outbox_attempt_outbox_id"), table_name="outbox_attempt")
    op.drop_table("outbox_attempt")
    op.drop_index(op.f("ix_activity_person_id"), table_name="activity")
    op.drop_index(op.f("ix_activity_lead_id"), table_name="activity")
    op.drop_index(op.f("ix_activity_deal_id"), table_name="activity")
    op.drop_index(op.f("ix_activity_contact_id"), table_name="activity")
    op.drop_index(op.f("ix_activity_answers_id"), table_name="activity")
    op.drop_table("activity")
    op.drop_index(op.f("ix_outbox_work_task_id"), table_name="outbox")
    op.drop_index("ix_outbox_state_not_before", table_name="outbox")
    op.drop_index(op.f("ix_outbox_cause_event_id"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_register_entry_valid_until", table_name="register_entry")
    op.drop_index(op.f("ix_register_entry_responsible_id"), table_name="register_entry")
    op.drop_index(op.f("ix_register_entry_contact_id"), table_name="register_entry")
    op.drop_index(op.f("ix_register_entry_company_id"), table_name="register_entry")
    op.drop_table("register_entry")
