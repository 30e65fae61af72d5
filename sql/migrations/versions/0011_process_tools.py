"""Trying processes: the recorded course, shadow runs, answers kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import OrderedJson, RowId, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLES = ("answer_revocation", "kept_answer", "shadow_act", "shadow_run", "process_course", "office_snapshot")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "office_snapshot",
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the content"),
        sa.Column("content", OrderedJson, nullable=False, comment="staff with roles and absences, hours and zone"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_office_snapshot")),
    )
    op.create_table(
        "process_course",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("item_id", RowId, nullable=False, comment="row of process_item"),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="of the process file that the event was taken under"
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="begin, event, migrated"),
        sa.Column("key", sa.Text(), nullable=False, comment="key of the event; of a refused one its own"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="effective time of the event"),
        sa.Column("event_id", RowId, nullable=True, comment="NULL: the event has no row of its own"),
        sa.Column("event", OrderedJson, nullable=False, comment="all of the event that the engine was given"),
        sa.Column("office", sa.Text(), nullable=False, comment="digest of the office_snapshot it was taken under"),
        sa.Column("loads", OrderedJson, nullable=False, comment="open work per person at that moment"),
        sa.Column("reachable", OrderedJson, nullable=False, comment="contacts that could be written to"),
        sa.Column("decisions", OrderedJson, nullable=False, comment="what was decided, in order"),
        sa.Column("state", OrderedJson, nullable=True, comment="NULL: not a migration; else the item after it"),
        sa.CheckConstraint("kind in ('begin', 'event', 'migrated')", name=op.f("ck_process_course_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_course")),
        sa.UniqueConstraint("item_id", "key", name=op.f("uq_process_course_item_id_key")),
    )
    op.create_index("ix_process_course_at", "process_course", ["at"], unique=False)
    op.create_table(
        "shadow_run",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="what the watching file calls itself"),
        sa.Column("content", sa.Text(), nullable=False, comment="the watching process file as JSON"),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("started_by", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True, comment="NULL: it watches"),
        sa.Column(
            "seen_id", RowId, server_default="0", nullable=False, comment="row of process_course it has seen last"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_run")),
    )
    op.create_table(
        "shadow_act",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("run_id", RowId, nullable=False),
        sa.Column("item_id", RowId, nullable=False, comment="row of process_item"),
        sa.Column("key", sa.Text(), nullable=False, comment="key of the event"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("would", OrderedJson, nullable=False, comment="decisions of the watching version"),
        sa.Column("did", OrderedJson, nullable=False, comment="decisions of the live version; empty: no such event"),
        sa.Column("is_same", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["shadow_run.id"], name=op.f("fk_shadow_act_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_act")),
        sa.UniqueConstraint("run_id", "item_id", "key", name=op.f("uq_shadow_act_run_id_item_id_key")),
    )
    op.create_index(op.f("ix_shadow_act_run_id"), "shadow_act", ["run_id"], unique=False)
    op.create_table(
        "kept_answer",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the exception that was answered, once"),
        sa.Column(
            "signature", sa.Text(), nullable=False, comment="what is alike in exceptions: process, reasons, rule path"
        ),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("facts", OrderedJson, nullable=False, comment="what was known when it was answered"),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False, comment="person:ID, or rule when it was applied by itself"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("item_id", RowId, nullable=True, comment="NULL: about no process item"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answer")),
        sa.UniqueConstraint("key", name=op.f("uq_kept_answer_key")),
    )
    op.create_index("ix_kept_answer_signature", "kept_answer", ["signature", "id"], unique=False)
    op.create_table(
        "answer_revocation",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("signature", sa.Text(), nullable=False, comment="answers before this no longer count"),
        sa.Column("revoked_by", sa.Text(), nullable=False, comment="person:ID"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("answer_id", RowId, nullable=False, comment="the last kept_answer that no longer counts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_revocation")),
        sa.UniqueConstraint("signature", "answer_id", name=op.f("uq_answer_revocation_signature_answer_id")),
    )


def downgrade() -> None:
    """Take them away again."""
    for name in _TABLES:
        op.drop_table(name)
