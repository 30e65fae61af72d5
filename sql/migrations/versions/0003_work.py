"""Leads, deals and what is owed to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import Json, Money, RowId, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "price_item",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("price", Money, nullable=False),
        sa.Column("currency", sa.Text(), server_default="RUB", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_item")),
        sa.UniqueConstraint("key", name=op.f("uq_price_item_key")),
    )
    op.create_table(
        "incident",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", RowId, nullable=False),
        sa.Column("person_id", RowId, nullable=True, comment="NULL: nobody was responsible"),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_incident_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("key", name=op.f("uq_incident_key")),
    )
    op.create_index(op.f("ix_incident_person_id"), "incident", ["person_id"], unique=False)
    op.create_table(
        "lead",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column(
            "origin_key", sa.Text(), nullable=False, comment="what made it: mail:ID, call:ID; makes creation repeatable"
        ),
        sa.Column(
            "status",
            sa.Text(),
            server_default="new",
            nullable=False,
            comment="new, in_work, qualified, converted, junk",
        ),
        sa.Column("channel", sa.Text(), nullable=False, comment="mail, call"),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("person_name", sa.Text(), server_default="", nullable=False),
        sa.Column("mail", sa.Text(), nullable=True, comment="NULL: came by telephone"),
        sa.Column("phone", sa.Text(), nullable=True, comment="NULL: no number known (E.164)"),
        sa.Column("language", sa.Text(), server_default="ru", nullable=False),
        sa.Column("responsible_id", RowId, nullable=True, comment="NULL: nobody could be assigned"),
        sa.Column("contact_id", RowId, nullable=True, comment="NULL: not converted"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("take_due_at", UtcDateTime(), nullable=False, comment="taken into work by then, else a task reminds"),
        sa.Column("taken_at", UtcDateTime(), nullable=True, comment="NULL: not taken into work"),
        sa.Column("qualified_at", UtcDateTime(), nullable=True, comment="NULL: not qualified"),
        sa.Column("ended_at", UtcDateTime(), nullable=True, comment="NULL: neither converted nor junk"),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "status in ('new', 'in_work', 'qualified', 'converted', 'junk')", name=op.f("ck_lead_status")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_lead_contact_id")),
        sa.ForeignKeyConstraint(["responsible_id"], ["person.id"], name=op.f("fk_lead_responsible_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("number", name=op.f("uq_lead_number")),
        sa.UniqueConstraint("origin_key", name=op.f("uq_lead_origin_key")),
    )
    op.create_index(op.f("ix_lead_contact_id"), "lead", ["contact_id"], unique=False)
    op.create_index(op.f("ix_lead_responsible_id"), "lead", ["responsible_id"], unique=False)
    op.create_table(
        "work_task",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the event and decision that asked for it"),
        sa.Column("entity", sa.Text(), nullable=False, comment="deal, lead, missed_call"),
        sa.Column("entity_id", RowId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="the work's name in the pipeline file"),
        sa.Column("kind", sa.Text(), nullable=False, comment="task, approval, confirm"),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("person_id", RowId, nullable=True, comment="NULL: owed by a contact, not by staff"),
        sa.Column("contact_id", RowId, nullable=True, comment="NULL: owed by staff"),
        sa.Column(
            "state",
            sa.Text(),
            server_default="open",
            nullable=False,
            comment="open, done, approved, declined, withdrawn",
        ),
        sa.Column(
            "round",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="how often this work was asked for; votes belong to one round",
        ),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=True, comment="NULL: nobody said they have begun"),
        sa.Column("due_at", UtcDateTime(), nullable=True, comment="NULL: no deadline"),
        sa.Column(
            "overdue_at", UtcDateTime(), nullable=True, comment="NULL: not overdue, or the clock was not looked at yet"
        ),
        sa.Column("closed_at", UtcDateTime(), nullable=True, comment="NULL: open"),
        sa.Column("closed_by", sa.Text(), nullable=True, comment="NULL: open; else person:ID, contact:ID or process"),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_work_task_contact_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_work_task_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_task")),
        sa.UniqueConstraint("key", name=op.f("uq_work_task_key")),
    )
    op.create_index(op.f("ix_work_task_contact_id"), "work_task", ["contact_id"], unique=False)
    op.create_index("ix_work_task_entity", "work_task", ["entity", "entity_id"], unique=False)
    op.create_index(op.f("ix_work_task_person_id"), "work_task", ["person_id"], unique=False)
    op.create_index("ix_work_task_state_due", "work_task", ["state", "due_at"], unique=False)
    op.create_table(
        "approval",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("work_task_id", RowId, nullable=False),
        sa.Column("voter", sa.Text(), nullable=False, comment="person:ID or contact:ID"),
        sa.Column("is_yes", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["work_task_id"], ["work_task.id"], name=op.f("fk_approval_work_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("work_task_id", "voter", name=op.f("uq_approval_work_task_id_voter")),
    )
    op.create_index(op.f("ix_approval_work_task_id"), "approval", ["work_task_id"], unique=False)
    op.create_table(
        "deal",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("pipeline", sa.Text(), nullable=False),
        sa.Column("pipeline_version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column(
            "visit",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="which stay in a stage this is; clocks are keyed by it",
        ),
        sa.Column("stage_entered_at", UtcDateTime(), nullable=False),
        sa.Column("status_text", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("lead_id", RowId, nullable=True, comment="NULL: opened for a known client"),
        sa.Column("contact_id", RowId, nullable=False),
        sa.Column("company_id", RowId, nullable=True, comment="NULL: a private person"),
        sa.Column("manager_id", RowId, nullable=True, comment="NULL: nobody could be assigned"),
        sa.Column("dispatcher_id", RowId, nullable=True, comment="NULL: not chosen yet"),
        sa.Column("executor_id", RowId, nullable=True, comment="NULL: not chosen yet"),
        sa.Column(
            "fields",
            Json,
            nullable=False,
            comment="what the pipeline file declares: kind, work_at, documents, reason …",
        ),
        sa.Column("amount", Money, server_default="0", nullable=False),
        sa.Column("currency", sa.Text(), server_default="RUB", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True, comment="NULL: open; else won, lost, cancelled"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True, comment="NULL: open"),
        sa.Column("next_due_at", UtcDateTime(), nullable=True, comment="NULL: no clock runs"),
        sa.Column(
            "fired",
            Json,
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="rules and clocks of the pipeline that already acted in this visit",
        ),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False, comment="compare-and-set"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_deal_company_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_deal_contact_id")),
        sa.ForeignKeyConstraint(["dispatcher_id"], ["person.id"], name=op.f("fk_deal_dispatcher_id")),
        sa.ForeignKeyConstraint(["executor_id"], ["person.id"], name=op.f("fk_deal_executor_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_deal_lead_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_deal_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
        sa.UniqueConstraint("lead_id", name=op.f("uq_deal_lead_id")),
        sa.UniqueConstraint("number", name=op.f("uq_deal_number")),
    )
    op.create_index(op.f("ix_deal_company_id"), "deal", ["company_id"], unique=False)
    op.create_index(op.f("ix_deal_contact_id"), "deal", ["contact_id"], unique=False)
    op.create_index(op.f("ix_deal_dispatcher_id"), "deal", ["dispatcher_id"], unique=False)
    op.create_index(op.f("ix_deal_executor_id"), "deal", ["executor_id"], unique=False)
    op.create_index(op.f("ix_deal_lead_id"), "deal", ["lead_id"], unique=False)
    op.create_index(op.f("ix_deal_manager_id"), "deal", ["manager_id"], unique=False)
    op.create_index("ix_deal_next_due_at", "deal", ["next_due_at"], unique=False)
    op.create_index("ix_deal_pipeline_stage", "deal", ["pipeline", "stage"], unique=False)
    op.create_table(
        "qualification",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("lead_id", RowId, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("form_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_qualification_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
        sa.UniqueConstraint("lead_id", "field", name=op.f("uq_qualification_lead_id_field")),
    )
    op.create_index(op.f("ix_qualification_lead_id"), "qualification", ["lead_id"], unique=False)
    op.create_table(
        "deal_line",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("deal_id", RowId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("price_item_id", RowId, nullable=True, comment="NULL: a row added by hand, not in the price list"),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("price", Money, nullable=False),
        sa.Column("amount", Money, nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_line_deal_id")),
        sa.ForeignKeyConstraint(["price_item_id"], ["price_item.id"], name=op.f("fk_deal_line_price_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_line")),
        sa.UniqueConstraint("deal_id", "position", name=op.f("uq_deal_line_deal_id_position")),
    )
    op.create_index(op.f("ix_deal_line_deal_id"), "deal_line", ["deal_id"], unique=False)
    op.create_index(op.f("ix_deal_line_price_item_id"), "deal_line", ["price_item_id"], unique=False)
    op.create_table(
        "invoice",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("deal_id", RowId, nullable=False),
        sa.Column("amount", Money, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=True, comment="NULL: not paid"),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_invoice_deal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_invoice_deal_id")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
    )
    op.create_index(op.f("ix_invoice_deal_id"), "invoice", ["deal_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_invoice_deal_id"), table_name="invoice")
    op.drop_table("invoice")
    op.drop_index(op.f("ix_deal_line_price_item_id"), table_name="deal_line")
    op.drop_index(op.f("ix_deal_line_deal_id"), table_name="deal_line")
    op.drop_table("deal_line")
    op.drop_index(op.f("ix_qualification_lead_id"), table_name="qualification")
    op.drop_table("qualification")
    op.drop_index("ix_deal_pipeline_stage", table_name="deal")
    op.drop_index("ix_deal_next_due_at", table_name="deal")
    op.drop_index(op.f("ix_deal_manager_id"), table_name="deal")
    op.drop_index(op.f("ix_deal_lead_id"), table_name="deal")
    op.drop_index(op.f("ix_deal_executor_id"), table_name="deal")
    op.drop_index(op.f("ix_deal_dispatcher_id"), table_name="deal")
    op.drop_index(op.f("ix_deal_contact_id"), table_name="deal")
    op.drop_index(op.f("ix_deal_company_id"), table_name="deal")
    op.drop_table("deal")
    op.drop_index(op.f("ix_approval_work_task_id"), table_name="approval")
    op.drop_table("approval")
    op.drop_index("ix_work_task_state_due", table_name="work_task")
    op.drop_index(op.f("ix_work_task_person_id"), table_name="work_task")
    op.drop_index("ix_work_task_entity", table_name="work_task")
    op.drop_index(op.f("ix_work_task_contact_id"), table_name="work_task")
    op.drop_table("work_task")
    op.drop_index(op.f("ix_lead_responsible_id"), table_name="lead")
    op.drop_index(op.f("ix_lead_contact_id"), table_name="lead")
    op.drop_table("lead")
    op.drop_index(op.f("ix_incident_person_id"), table_name="incident")
    op.drop_table("incident")
    op.drop_table("price_item")
