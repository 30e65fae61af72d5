"""How people are told: channels of the outbox, messages with their ladders, notices, presence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import Json, RowId, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    _add_columns()
    _create_notification()
    _create_notice()
    op.create_table(
        "presence",
        sa.Column("person_id", RowId, autoincrement=False, nullable=False),
        sa.Column(
            "is_online", sa.Boolean(), server_default=sa.false(), nullable=False, comment="in chat, as last heard"
        ),
        sa.Column("chat_noted_at", UtcDateTime(), nullable=True, comment="NULL: never heard of in chat"),
        sa.Column("last_seen_at", UtcDateTime(), nullable=True, comment="NULL: not signed in at the door"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_presence_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_presence")),
    )


def _add_columns() -> None:
    op.add_column(
        "outbox",
        sa.Column("channel", sa.Text(), server_default="mail", nullable=False, comment="mail, xmpp, sms"),
    )
    op.add_column(
        "outbox",
        sa.Column("notification_id", RowId, nullable=True, comment="NULL: mail of its own, no step of a ladder"),
    )
    op.add_column(
        "outbox",
        sa.Column("after_id", RowId, nullable=True, comment="NULL: a first step; else the row whose failing led here"),
    )
    op.add_column(
        "outbox", sa.Column("outside_id", sa.Text(), nullable=True, comment="NULL: the gateway named it nothing")
    )
    op.create_index(op.f("ix_outbox_notification_id"), "outbox", ["notification_id"], unique=False)
    op.add_column("person", sa.Column("jid", sa.Text(), nullable=True, comment="NULL: does not use chat (XMPP)"))
    op.add_column("person", sa.Column("takes_sms", sa.Boolean(), server_default=sa.false(), nullable=False))
    is_user: sa.Column[bool] = sa.Column(
        "is_user", sa.Boolean(), server_default=sa.true(), nullable=False, comment="signs in at the door"
    )
    op.add_column("person", is_user)


def _create_notification() -> None:
    op.create_table(
        "notification",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="what was to be told to whom, once"),
        sa.Column("recipient_ref", sa.Text(), nullable=False, comment="person:ID or contact:ID"),
        sa.Column("kind", sa.Text(), nullable=False, comment="notice, task, reminder, report, confirmation"),
        sa.Column("wording", sa.Text(), server_default="", nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", RowId, nullable=False),
        sa.Column("steps", Json, nullable=False, comment="the ladder decided: channels, address, why, seconds to wait"),
        sa.Column("known", Json, nullable=False, comment="what was known of the person then: online, last seen"),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False, comment="the step it stands at, from 0"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="climbing: a further step may come; told: the last one is taken; done: taken by somebody or read",
        ),
        sa.Column(
            "look_at",
            UtcDateTime(),
            nullable=True,
            comment="NULL: only its channels' failing leads on, or nothing does",
        ),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False, comment="the words for chat and inbox"),
        sa.Column("short_text", sa.Text(), server_default="", nullable=False, comment="the words for SMS"),
        sa.Column(
            "raw",
            sa.LargeBinary(),
            nullable=True,
            comment="NULL: no further step is mail; else its RFC 5322 bytes, zlib-compressed",
        ),
        sa.Column("message_ids", Json, nullable=False, comment="by channel: what a server there knows it by"),
        sa.Column("policy", sa.Text(), nullable=False, comment="for mail whose acceptance is unknown: retry, ask"),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("work_task_id", RowId, nullable=True, comment="NULL: asks nobody for an answer"),
        sa.Column("item_id", RowId, nullable=True, comment="NULL: about no process item"),
        sa.Column("cause_event_id", RowId, nullable=True, comment="NULL: caused by a person's command line"),
        sa.CheckConstraint("state in ('climbing', 'told', 'done')", name=op.f("ck_notification_state")),
        sa.ForeignKeyConstraint(["cause_event_id"], ["event.id"], name=op.f("fk_notification_cause_event_id")),
        sa.ForeignKeyConstraint(["work_task_id"], ["work_task.id"], name=op.f("fk_notification_work_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("key", name=op.f("uq_notification_key")),
    )
    op.create_index(op.f("ix_notification_cause_event_id"), "notification", ["cause_event_id"], unique=False)
    op.create_index("ix_notification_state_look_at", "notification", ["state", "look_at"], unique=False)
    op.create_index(op.f("ix_notification_work_task_id"), "notification", ["work_task_id"], unique=False)


def _create_notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="of the notification it shows"),
        sa.Column("person_id", RowId, nullable=False),
        sa.Column("notification_id", RowId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="notice, task, reminder, confirmation"),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", RowId, nullable=False),
        sa.Column("work_task_id", RowId, nullable=True, comment="NULL: asks for nothing"),
        sa.Column("item_id", RowId, nullable=True, comment="NULL: about no process item"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="from then on it is shown"),
        sa.Column("read_at", UtcDateTime(), nullable=True, comment="NULL: not read yet"),
        sa.ForeignKeyConstraint(["notification_id"], ["notification.id"], name=op.f("fk_notice_notification_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index(op.f("ix_notice_notification_id"), "notice", ["notification_id"], unique=False)
    op.create_index("ix_notice_person_id_read_at_at", "notice", ["person_id", "read_at", "at"], unique=False)


def downgrade() -> None:
    """Take them away again; what waits for a further step of its ladder is not told any more."""
    op.drop_table("presence")
    op.drop_table("notice")
    op.drop_table("notification")
    for column in ("is_user", "takes_sms", "jid"):
        op.drop_column("person", column)
    op.execute("DELETE FROM outbox_attempt WHERE outbox_id IN (SELECT id FROM outbox WHERE channel <> 'mail')")
    op.execute("DELETE FROM outbox WHERE channel <> 'mail'")
    op.drop_index(op.f("ix_outbox_notification_id"), table_name="outbox")
    for column in ("outside_id", "after_id", "notification_id", "channel"):
        op.drop_column("outbox", column)
