"""Leads, deals and what is owed to them."""

from __future__ import annotations

import sqlalchemy as sa

from sql.column_types import Json, Money, RowId, UtcDateTime
from sql.table_parts import link, metadata, optional, row_id, words

lead = sa.Table(
    "lead",
    metadata,
    row_id(),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column(
        "origin_key",
        sa.Text,
        nullable=False,
        unique=True,
        comment="what made it: mail:ID, call:ID; makes creation repeatable",
    ),
    sa.Column(
        "status", sa.Text, nullable=False, server_default="new", comment="new, in_work, qualified, converted, junk"
    ),
    sa.Column("channel", sa.Text, nullable=False, comment="mail, call"),
    words("title"),
    words("person_name"),
    optional("mail", sa.Text, "came by telephone"),
    optional("phone", sa.Text, "no number known (E.164)"),
    sa.Column("language", sa.Text, nullable=False, server_default="ru"),
    link("responsible_id", "person", "NULL: nobody could be assigned"),
    link("contact_id", "contact", "NULL: not converted"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("take_due_at", UtcDateTime, nullable=False, comment="taken into work by then, else a task reminds"),
    optional("taken_at", UtcDateTime, "not taken into work"),
    optional("qualified_at", UtcDateTime, "not qualified"),
    optional("ended_at", UtcDateTime, "neither converted nor junk"),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("status in ('new', 'in_work', 'qualified', 'converted', 'junk')", name="status"),
    sa.Index("ix_lead_mail", "mail"),
    sa.Index("ix_lead_phone", "phone"),
)

qualification = sa.Table(
    "qualification",
    metadata,
    row_id(),
    link("lead_id", "lead"),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("form_version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("lead_id", "field"),
)

qualification_form = sa.Table(
    "qualification_form",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.Text, nullable=False, comment="of the content; a version never changes"),
    sa.Column("content", Json, nullable=False, comment="groups, fields and what is required, as the file said it"),
    sa.Column("at", UtcDateTime, nullable=False),
)

deal = sa.Table(
    "deal",
    metadata,
    row_id(),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("pipeline", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("stage_entered_at", UtcDateTime, nullable=False),
    words("status_text"),
    words("title"),
    link("lead_id", "lead", "NULL: opened for a known client"),
    link("contact_id", "contact"),
    link("company_id", "company", "NULL: a private person"),
    link("manager_id", "person", "NULL: nobody could be assigned"),
    link("dispatcher_id", "person", "NULL: not chosen yet"),
    link("executor_id", "person", "NULL: not chosen yet"),
    sa.Column("amount", Money, nullable=False, server_default="0"),
    sa.Column("currency", sa.Text, nullable=False, server_default="RUB"),
    optional("outcome", sa.Text, "open; else won, lost, cancelled"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    optional("ended_at", UtcDateTime, "open"),
    sa.UniqueConstraint("lead_id"),
    sa.Index("ix_deal_pipeline_stage", "pipeline", "stage"),
)

price_item = sa.Table(
    "price_item",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    words("title"),
    sa.Column("price", Money, nullable=False),
    sa.Column("currency", sa.Text, nullable=False, server_default="RUB"),
    words("unit"),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
)

deal_line = sa.Table(
    "deal_line",
    metadata,
    row_id(),
    link("deal_id", "deal"),
    sa.Column("position", sa.Integer, nullable=False),
    link("price_item_id", "price_item", "NULL: a row added by hand, not in the price list"),
    words("title"),
    sa.Column("quantity", sa.Numeric(12, 3), nullable=False),
    sa.Column("price", Money, nullable=False),
    sa.Column("amount", Money, nullable=False),
    sa.UniqueConstraint("deal_id", "position"),
)

work_task = sa.Table(
    "work_task",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="the event and decision that asked for it"),
    sa.Column("entity", sa.Text, nullable=False, comment="deal, lead, missed_call"),
    sa.Column("entity_id", RowId, nullable=False),
    optional("item_id", RowId, "work of a lead or a missed call; else the process item that asked for it"),
    sa.Column("name", sa.Text, nullable=False, comment="the work's name in the process file"),
    sa.Column("kind", sa.Text, nullable=False, comment="task, approval, confirm, question"),
    words("title"),
    link("person_id", "person", "NULL: owed by a contact, not by staff"),
    link("contact_id", "contact", "NULL: owed by staff"),
    sa.Column(
        "state", sa.Text, nullable=False, server_default="open", comment="open, done, approved, declined, withdrawn"
    ),
    sa.Column(
        "round",
        sa.Integer,
        nullable=False,
        server_default="1",
        comment="how often this work was asked for; votes belong to one round",
    ),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    optional("begun_at", UtcDateTime, "nobody said they have begun"),
    optional("due_at", UtcDateTime, "no deadline"),
    optional("overdue_at", UtcDateTime, "not overdue, or the clock was not looked at yet"),
    optional("closed_at", UtcDateTime, "open"),
    optional("closed_by", sa.Text, "open; else person:ID, contact:ID or process"),
    words("result"),
    sa.Index("ix_work_task_entity", "entity", "entity_id"),
    sa.Index("ix_work_task_state_due", "state", "due_at"),
    sa.Index("ix_work_task_item_id", "item_id"),
    sa.Index("ix_work_task_clock", "entity", "state", "overdue_at", "due_at"),
    sa.Index("ix_work_task_load", "state", "person_id"),
)

approval = sa.Table(
    "approval",
    metadata,
    row_id(),
    link("work_task_id", "work_task"),
    sa.Column("voter", sa.Text, nullable=False, comment="person:ID or contact:ID"),
    sa.Column("is_yes", sa.Boolean, nullable=False),
    words("reason"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("work_task_id", "voter"),
)

incident = sa.Table(
    "incident",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("entity_id", RowId, nullable=False),
    link("person_id", "person", "NULL: nobody was responsible"),
    sa.Column("step", sa.Text, nullable=False),
    words("what"),
    sa.Column("at", UtcDateTime, nullable=False),
)

invoice = sa.Table(
    "invoice",
    metadata,
    row_id(),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    link("deal_id", "deal"),
    sa.Column("amount", Money, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    optional("paid_at", UtcDateTime, "not paid"),
    optional("cancelled_at", UtcDateTime, "it stands; else it was taken back"),
    sa.Column("uid", sa.Text, nullable=False, server_default="", comment="of the item's promise; '' when made by hand"),
)
