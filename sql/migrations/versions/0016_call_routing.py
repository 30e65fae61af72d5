"""Routing: what the PBX was answered, and lines that are given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import Json, RowId, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MISSED = {
    "state": ("open, returned, came_back", "open, returned, came_back, lost"),
    "resolved_by_id": ("NULL: still open", "NULL: still open, or lost"),
}


def upgrade() -> None:
    """Add the tables."""
    _say(1)
    op.create_table(
        "call_route",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text(), nullable=False, comment="of the question; written once however often tried"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column(
            "linked_id", sa.Text(), nullable=False, server_default="", comment="the PBX's id of the call, if it said"
        ),
        sa.Column("line", sa.Text(), nullable=True, comment="NULL: the PBX did not say"),
        sa.Column("caller_phone", sa.Text(), nullable=True, comment="NULL: withheld or unreadable (E.164)"),
        sa.Column("dialled", sa.Text(), nullable=False, server_default=""),
        sa.Column("kind", sa.Text(), nullable=False, comment="extension, manager, queue, last_resort"),
        sa.Column("queue", sa.Text(), nullable=False, server_default=""),
        sa.Column("person_id", RowId, nullable=True, comment="NULL: nobody of ours was to get it first"),
        sa.Column("people", Json, nullable=False, comment="ids of all who were to be rung, in order"),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_call_route_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_route")),
        sa.UniqueConstraint("key", name=op.f("uq_call_route_key")),
    )
    op.create_table(
        "line_ending",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("number", sa.Text(), nullable=False, comment="a line of ours (E.164)"),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column(
            "ends_at",
            UtcDateTime(),
            nullable=False,
            comment="until then the number works and it can be cancelled",
        ),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True, comment="NULL: it stands"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_ending")),
        sa.UniqueConstraint("number", "asked_at", name=op.f("uq_line_ending_number_asked_at")),
    )
    op.create_index("ix_call_route_at", "call_route", ["at"])
    op.create_index(op.f("ix_call_route_person_id"), "call_route", ["person_id"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("line_ending")
    op.drop_table("call_route")
    _say(0)


def _say(place: int) -> None:
    """What the columns of missed calls hold, where the engine keeps such words."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for name, comments in _MISSED.items():
        op.alter_column("missed_call", name, comment=comments[place], existing_comment=comments[1 - place])
