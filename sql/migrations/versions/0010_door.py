"""The door: sessions, decisions that can be taken back, posts of the sites' forms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import Json, RowId, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    _create_people()
    _create_acts()
    op.create_table(
        "door_rate",
        sa.Column("key", sa.Text(), nullable=False, comment="what is counted and for whom, hashed"),
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=False, comment="number of the time window"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", "slot", name=op.f("pk_door_rate")),
    )
    op.create_index("ix_door_rate_ends_at", "door_rate", ["ends_at"])
    op.create_table(
        "form_post",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="the sender's idempotency key, else random: the same post once"
        ),
        sa.Column(
            "sha256", sa.Text(), nullable=False, comment="of the body; another body under the same key is refused"
        ),
        sa.Column("intake_item_id", RowId, nullable=False),
        sa.Column("result", sa.Text(), nullable=False, comment="lead, activity, trap"),
        sa.Column("number", sa.Text(), nullable=False, comment="the lead's number, or the post's own"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["intake_item_id"], ["intake_item.id"], name=op.f("fk_form_post_intake_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_post")),
        sa.UniqueConstraint("form", "key", name=op.f("uq_form_post_form_key")),
    )
    op.create_index("ix_form_post_intake_item_id", "form_post", ["intake_item_id"])
    columns = ["process", "outcome", "responsible_id", "is_overdue", "stage", "deadline_at", "id"]
    op.create_index("ix_process_item_person_overdue", "process_item", columns)


def downgrade() -> None:
    """Take them away again."""
    op.drop_index("ix_process_item_person_overdue", "process_item")
    for table in ("form_post", "door_rate", "door_draft", "door_act", "door_session", "door_sign_in"):
        op.drop_table(table)


def _create_people() -> None:
    op.create_table(
        "door_sign_in",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False, comment="SHA-256 of the link's random token"),
        sa.Column("person_id", RowId, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True, comment="NULL: not used"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_door_sign_in_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_door_sign_in_token_hash")),
    )
    op.create_index("ix_door_sign_in_person_id", "door_sign_in", ["person_id"])
    op.create_table(
        "door_session",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False, comment="SHA-256 of the cookie's random token"),
        sa.Column("person_id", RowId, nullable=False),
        sa.Column("roles", sa.Text(), nullable=False, comment="at sign-in; with other roles the session is over"),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False, comment="last page asked for, to the minute"),
        sa.Column("ended_at", UtcDateTime(), nullable=True, comment="NULL: not signed out, or ran out by itself"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_door_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_door_session_token_hash")),
    )
    op.create_index("ix_door_session_person_id", "door_session", ["person_id"])


def _create_acts() -> None:
    op.create_table(
        "door_act",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="link:NONCE, or form:NONCE; the event's key"),
        sa.Column("item_id", RowId, nullable=False),
        sa.Column("work_task_id", RowId, nullable=True, comment="NULL: a command, no piece of work"),
        sa.Column("actor", sa.Text(), nullable=False, comment="person:ID or contact:ID"),
        sa.Column("name", sa.Text(), nullable=False, comment="done, approve, decline, or a command of the process"),
        sa.Column("content", Json, nullable=False, comment="round, content hash, fields to set, words"),
        sa.Column("pressed_at", UtcDateTime(), nullable=False),
        sa.Column("act_at", UtcDateTime(), nullable=False, comment="can be taken back until then, takes effect then"),
        sa.Column(
            "state", sa.Text(), server_default="waiting", nullable=False, comment="waiting, done, refused, undone"
        ),
        sa.Column("ended_at", UtcDateTime(), nullable=True, comment="NULL: waiting"),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state in ('waiting', 'done', 'refused', 'undone')", name=op.f("ck_door_act_state")),
        sa.ForeignKeyConstraint(["work_task_id"], ["work_task.id"], name=op.f("fk_door_act_work_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_act")),
        sa.UniqueConstraint("key", name=op.f("uq_door_act_key")),
    )
    for column in ("item_id", "work_task_id"):
        op.create_index(f"ix_door_act_{column}", "door_act", [column])
    op.create_index("ix_door_act_state_act_at", "door_act", ["state", "act_at"])
    op.create_table(
        "door_draft",
        sa.Column("item_id", RowId, autoincrement=False, nullable=False),
        sa.Column("person_id", RowId, nullable=False),
        sa.Column("content", Json, nullable=False, comment="the page's fields as they were typed"),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_door_draft_person_id")),
        sa.PrimaryKeyConstraint("item_id", "person_id", name=op.f("pk_door_draft")),
    )
