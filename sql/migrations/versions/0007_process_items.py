"""Processes as data: items of every process, definitions, calendar entries, papers; what deals knew moves over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from sql.column_types import Json, RowId, UtcDateTime
from sql.migrations.deals_to_items import move_deals

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("absence", "is_registered"),
    ("invoice", "cancelled_at"),
    ("invoice", "uid"),
    ("outbox", "item_id"),
    ("process_inbox", "item_id"),
    ("work_task", "item_id"),
)
_MOVED = ("pipeline_version", "visit", "fields", "next_due_at", "fired", "revision")
_WORK_COMMENTS = {
    "name": ("the work's name in the pipeline file", "the work's name in the process file"),
    "kind": ("task, approval, confirm", "task, approval, confirm, question"),
}


def upgrade() -> None:
    """Add the tables and columns."""
    op.create_table(
        "process_definition",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "digest", sa.Text(), nullable=False, comment="SHA-256 of the content; a version never changes its content"
        ),
        sa.Column("content", sa.Text(), nullable=False, comment="the process file as JSON, in the order of its keys"),
        sa.Column("loaded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_process_definition")),
    )
    op.create_table(
        "process_item",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="what started it, once: a lead, a form, PARENT:WORK"),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="of the process file; an item keeps it unless migrated"
        ),
        sa.Column("entity", sa.Text(), nullable=False, comment="what it is about: deal, candidate, document …"),
        sa.Column(
            "entity_id", RowId, nullable=False, comment="row of that entity; of one without a table the item's own"
        ),
        sa.Column(
            "parent_id", RowId, nullable=True, comment="NULL: started by nobody but a person, a lead or an ended item"
        ),
        sa.Column("parent_work", sa.Text(), server_default="", nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column(
            "visit", sa.Integer(), nullable=False, comment="which stay in a stage this is; clocks are keyed by it"
        ),
        sa.Column("stage_entered_at", UtcDateTime(), nullable=False),
        sa.Column("status_text", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "fields", Json, nullable=False, comment="values of the file's fields: refs, ISO times, money as text"
        ),
        sa.Column(
            "memory", Json, nullable=False, comment="what the engine remembers: work, votes, clocks, fired rules"
        ),
        sa.Column("outcome", sa.Text(), nullable=True, comment="NULL: open; else won, lost, cancelled"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True, comment="NULL: open"),
        sa.Column("next_due_at", UtcDateTime(), nullable=True, comment="NULL: no clock runs"),
        sa.Column("deadline_at", UtcDateTime(), nullable=True, comment="NULL: the stage has none"),
        sa.Column(
            "is_overdue",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="the stage or a piece of open work has passed its time",
        ),
        sa.Column("responsible_id", RowId, nullable=True, comment="NULL: nobody leads it"),
        sa.Column(
            "hops", sa.Integer(), server_default="0", nullable=False, comment="of the event that last acted on it"
        ),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False, comment="compare-and-set"),
        sa.Column("held_at", UtcDateTime(), nullable=True, comment="NULL: it goes on; else it waits for a person"),
        sa.Column("held_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("held_path", Json, server_default=sa.text("'[]'"), nullable=False, comment="the rules that acted"),
        sa.Column("held_event", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["process_item.id"], name=op.f("fk_process_item_parent_id")),
        sa.ForeignKeyConstraint(["responsible_id"], ["person.id"], name=op.f("fk_process_item_responsible_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_item")),
        sa.UniqueConstraint("key", name=op.f("uq_process_item_key")),
    )
    op.create_index(
        "ix_process_item_board", "process_item", ["process", "outcome", "stage", "deadline_at", "id"], unique=False
    )
    op.create_index("ix_process_item_entity", "process_item", ["entity", "entity_id"], unique=False)
    op.create_index("ix_process_item_held_at", "process_item", ["held_at"], unique=False)
    op.create_index("ix_process_item_next_due_at", "process_item", ["next_due_at", "id"], unique=False)
    op.create_index(
        "ix_process_item_overdue",
        "process_item",
        ["process", "outcome", "is_overdue", "stage", "deadline_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_process_item_parent_id"), "process_item", ["parent_id"], unique=False)
    op.create_index(
        "ix_process_item_person",
        "process_item",
        ["process", "outcome", "responsible_id", "stage", "deadline_at", "id"],
        unique=False,
    )
    op.create_table(
        "calendar_entry",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="uid and who: one invitation, moved or taken back"),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False, comment="of the promise; one may be made to several"),
        sa.Column("who", sa.Text(), nullable=False, comment="person:ID or contact:ID"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "sequence", sa.Integer(), server_default="0", nullable=False, comment="RFC 5545: grows with every change"
        ),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False, comment="planned, cancelled"),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("cause_event_id", RowId, nullable=False),
        sa.CheckConstraint("state in ('planned', 'cancelled')", name=op.f("ck_calendar_entry_state")),
        sa.ForeignKeyConstraint(["cause_event_id"], ["event.id"], name=op.f("fk_calendar_entry_cause_event_id")),
        sa.ForeignKeyConstraint(["item_id"], ["process_item.id"], name=op.f("fk_calendar_entry_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_calendar_entry_key")),
    )
    op.create_index(op.f("ix_calendar_entry_cause_event_id"), "calendar_entry", ["cause_event_id"], unique=False)
    op.create_index(op.f("ix_calendar_entry_changed_at"), "calendar_entry", ["changed_at"], unique=False)
    op.create_index(op.f("ix_calendar_entry_item_id"), "calendar_entry", ["item_id"], unique=False)
    op.create_index(op.f("ix_calendar_entry_uid"), "calendar_entry", ["uid"], unique=False)
    op.create_table(
        "issued_paper",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the event and decision that made it"),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="act, order, invoice; those of deals stand in invoice"),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False, comment="of the promise; a new one cancels the one before"),
        sa.Column("facts", Json, nullable=False, comment="the item's fields when it was made, for rendering"),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True, comment="NULL: it stands; else it was taken back"),
        sa.ForeignKeyConstraint(["item_id"], ["process_item.id"], name=op.f("fk_issued_paper_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_paper")),
        sa.UniqueConstraint("key", name=op.f("uq_issued_paper_key")),
        sa.UniqueConstraint("number", name=op.f("uq_issued_paper_number")),
    )
    op.create_index(op.f("ix_issued_paper_item_id"), "issued_paper", ["item_id"], unique=False)
    op.create_index(op.f("ix_issued_paper_uid"), "issued_paper", ["uid"], unique=False)
    op.add_column(
        "invoice",
        sa.Column("cancelled_at", UtcDateTime(), nullable=True, comment="NULL: it stands; else it was taken back"),
    )
    op.add_column(
        "invoice",
        sa.Column(
            "uid", sa.Text(), server_default="", nullable=False, comment="of the item's promise; '' when made by hand"
        ),
    )
    op.add_column("outbox", sa.Column("item_id", RowId, nullable=True, comment="NULL: about no process item"))
    op.add_column(
        "process_inbox",
        sa.Column("item_id", RowId, nullable=True, comment="NULL: about no process item, or not looked at yet"),
    )
    op.create_index("ix_process_inbox_at", "process_inbox", ["at", "event_id"], unique=False)
    op.add_column(
        "work_task",
        sa.Column(
            "item_id",
            RowId,
            nullable=True,
            comment="NULL: work of a lead or a missed call; else the process item that asked for it",
        ),
    )
    op.create_index("ix_work_task_item_id", "work_task", ["item_id"], unique=False)
    op.add_column(
        "absence",
        sa.Column(
            "is_registered",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="entered by a form; the office folder does not drop it",
        ),
    )
    with op.batch_alter_table("invoice") as invoice:
        invoice.drop_constraint("uq_invoice_deal_id", type_="unique")
    _comment("work_task", _WORK_COMMENTS, 1)
    op.create_index("ix_work_task_clock", "work_task", ["entity", "state", "overdue_at", "due_at"])
    move_deals(op.get_bind())
    op.drop_index("ix_deal_next_due_at", "deal")
    for name in _MOVED:
        op.drop_column("deal", name)


def downgrade() -> None:
    """Take them away again; deals keep their stage, and what had no column then is lost."""
    for kept in _deal_columns():
        op.add_column("deal", kept)
    op.create_index("ix_deal_next_due_at", "deal", ["next_due_at"])
    op.execute(
        "UPDATE deal SET (pipeline_version, visit, next_due_at, revision) = (SELECT i.version, i.visit, i.next_due_at, "
        "i.revision FROM process_item AS i WHERE i.key = 'deal:' || deal.id) "
        "WHERE EXISTS (SELECT 1 FROM process_item AS i WHERE i.key = 'deal:' || deal.id)"
    )
    op.drop_index("ix_work_task_clock", "work_task")
    _comment("work_task", _WORK_COMMENTS, 0)
    op.execute("DELETE FROM invoice WHERE cancelled_at IS NOT NULL")
    op.execute("DELETE FROM invoice WHERE id NOT IN (SELECT max(id) FROM invoice GROUP BY deal_id)")
    with op.batch_alter_table("invoice") as invoice:
        invoice.create_unique_constraint("uq_invoice_deal_id", ["deal_id"])
    op.drop_index("ix_work_task_item_id", "work_task")
    op.drop_index("ix_process_inbox_at", "process_inbox")
    for table, column in _COLUMNS:
        op.drop_column(table, column)
    for table in ("issued_paper", "calendar_entry", "process_item", "process_definition"):
        op.drop_table(table)


def _deal_columns() -> list[sa.Column[Any]]:
    clock: sa.Column[Any] = sa.Column("next_due_at", UtcDateTime(), nullable=True, comment="NULL: no clock runs")
    return [
        sa.Column("pipeline_version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("visit", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("fields", Json, nullable=False, server_default=sa.text("'{}'")),
        clock,
        sa.Column("fired", Json, nullable=False, server_default=sa.text("'[]'")),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
    ]


def _comment(table: str, comments: Mapping[str, tuple[str, str]], side: int) -> None:
    """Only PostgreSQL keeps comments."""
    if op.get_bind().dialect.name == "postgresql":
        for name, texts in comments.items():
            op.alter_column(table, name, existing_type=sa.Text(), existing_nullable=False, comment=texts[side])
