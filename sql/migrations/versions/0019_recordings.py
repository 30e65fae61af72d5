"""Recordings of calls, kept by content, and to whom each was opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import RowId, UtcDateTime

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

_STANDS = sa.text("closed_at IS NULL")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "recording",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("call_id", RowId, nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="call log name of the office folder"),
        sa.Column("name", sa.Text(), nullable=False, comment="file name, number or address that the source tells"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="waiting, kept, linked, forbidden, given_up, removed; never goes back",
        ),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False, comment="of the call: keeping counts from here"),
        sa.Column("try_count", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_try_at", UtcDateTime(), nullable=True, comment="NULL: not waiting"),
        sa.Column(
            "sha256",
            sa.Text(),
            nullable=True,
            comment="NULL: no content; else names the file in the home's recordings folder",
        ),
        sa.Column("content_type", sa.Text(), nullable=False, server_default=""),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True, comment="NULL: never kept"),
        sa.Column("kept_at", UtcDateTime(), nullable=True, comment="NULL: never kept or linked"),
        sa.Column("address", sa.Text(), nullable=True, comment="NULL: not linked"),
        sa.Column("removed_at", UtcDateTime(), nullable=True, comment="NULL: not removed"),
        sa.Column("hold_reason", sa.Text(), nullable=True, comment="NULL: no legal hold: it may be removed"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_recording_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
        sa.UniqueConstraint("call_id", "name", name=op.f("uq_recording_call_id_name")),
    )
    op.create_index("ix_recording_state", "recording", ["state", "next_try_at"])
    op.create_index("ix_recording_keeping", "recording", ["state", "ended_at"])
    op.create_index("ix_recording_sha256", "recording", ["sha256"])
    _create_grants()


def _create_grants() -> None:
    op.create_table(
        "recording_grant",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("recording_id", RowId, nullable=False),
        sa.Column("grantee", sa.Text(), nullable=False, comment="person:ID or role:NAME"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False, comment="person:ID"),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True, comment="NULL: it stands"),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=op.f("fk_recording_grant_recording_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_grant")),
    )
    op.create_index(op.f("ix_recording_grant_recording_id"), "recording_grant", ["recording_id"])
    op.create_index(
        "ix_recording_grant_standing",
        "recording_grant",
        ["recording_id", "grantee"],
        unique=True,
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("recording_grant")
    op.drop_table("recording")
