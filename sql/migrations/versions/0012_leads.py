"""Leads in depth: the time zone a client lives by, and the versions of the qualification form."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import Json, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    op.add_column("contact", sa.Column("zone", sa.Text(), nullable=True, comment="NULL: the office's time zone"))
    op.create_table(
        "qualification_form",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="of the content; a version never changes"),
        sa.Column("content", Json, nullable=False, comment="groups, fields and what is required, as the file said it"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_qualification_form")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("qualification_form")
    op.drop_column("contact", "zone")
