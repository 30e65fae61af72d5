"""Mail in depth: verdicts and spam labels, how each source fares, decisions about the quarantine, brakes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sql.column_types import RowId, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    op.create_table(
        "spam_label",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("intake_item_id", RowId, nullable=False),
        sa.Column("label", sa.Text(), nullable=False, comment="spam, good"),
        sa.Column("actor", sa.Text(), nullable=False, comment="person:ID who says so; the last word of each counts"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("label in ('spam', 'good')", name=op.f("ck_spam_label_label")),
        sa.ForeignKeyConstraint(["intake_item_id"], ["intake_item.id"], name=op.f("fk_spam_label_intake_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spam_label")),
        sa.UniqueConstraint("intake_item_id", "actor", name=op.f("uq_spam_label_intake_item_id_actor")),
    )
    op.create_index("ix_spam_label_intake_item_id", "spam_label", ["intake_item_id"])
    op.create_table(
        "source_health",
        sa.Column("source", sa.Text(), nullable=False, comment="mail:NAME"),
        sa.Column(
            "failure_count", sa.Integer(), server_default="0", nullable=False, comment="in a row; 0 after a success"
        ),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("last_success_at", UtcDateTime(), nullable=True, comment="NULL: never read"),
        sa.Column("next_try_at", UtcDateTime(), nullable=True, comment="NULL: no back-off: it may be tried at once"),
        sa.Column("beat_at", UtcDateTime(), nullable=True, comment="NULL: nobody listens at it"),
        sa.Column("alarmed_at", UtcDateTime(), nullable=True, comment="NULL: no alarm is open"),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_health")),
    )
    for table, column in _columns():
        op.add_column(table, column)
    op.create_index("ix_outbox_sent_at", "outbox", ["sent_at"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_index("ix_outbox_sent_at", "outbox")
    for table, column in reversed(_columns()):
        op.drop_column(table, column.name)
    op.drop_table("source_health")
    op.drop_table("spam_label")


def _columns() -> list[tuple[str, sa.Column[Any]]]:
    return [
        ("intake_item", sa.Column("verdict", sa.Text(), nullable=True, comment="NULL: not interpreted yet")),
        (
            "intake_item",
            sa.Column(
                "spam_score",
                sa.Float(),
                nullable=True,
                comment="NULL: not judged: too few labels, or not a stranger's mail",
            ),
        ),
        ("quarantine_row", sa.Column("decided_by", sa.Text(), nullable=True, comment="NULL: nobody decided")),
        ("quarantine_row", sa.Column("decided_at", UtcDateTime(), nullable=True, comment="NULL: nobody decided")),
        ("quarantine_row", sa.Column("decision_note", sa.Text(), server_default="", nullable=False)),
        (
            "outbox",
            sa.Column(
                "hold_reason",
                sa.Text(),
                server_default="",
                nullable=False,
                comment="why it waits longer than planned: a brake",
            ),
        ),
    ]
