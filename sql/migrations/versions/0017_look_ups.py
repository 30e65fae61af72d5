"""Indexes for what is looked up all day: leads by mail and telephone, open work by person."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_lead_mail", "lead", ["mail"]),
    ("ix_lead_phone", "lead", ["phone"]),
    ("ix_work_task_load", "work_task", ["state", "person_id"]),
)


def upgrade() -> None:
    """Add the indexes."""
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Take them away again."""
    for name, table, _ in _INDEXES:
        op.drop_index(name, table_name=table)
