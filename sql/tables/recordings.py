"""Recordings of calls: what became of each, and to whom it was opened. Every hearing is an event."""

from __future__ import annotations

import sqlalchemy as sa

from sql.column_types import UtcDateTime
from sql.table_parts import link, metadata, optional, row_id, words

recording = sa.Table(
    "recording",
    metadata,
    row_id(),
    link("call_id", "call", index=False),
    sa.Column("source", sa.Text, nullable=False, comment="call log name of the office folder"),
    sa.Column("name", sa.Text, nullable=False, comment="file name, number or address that the source tells"),
    sa.Column(
        "state", sa.Text, nullable=False, comment="waiting, kept, linked, forbidden, given_up, removed; never goes back"
    ),
    words("reason"),
    sa.Column("noted_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime, nullable=False, comment="of the call: keeping counts from here"),
    sa.Column("try_count", sa.Integer, nullable=False, server_default="0"),
    optional("next_try_at", UtcDateTime, "not waiting"),
    optional("sha256", sa.Text, "no content; else names the file in the home's recordings folder"),
    words("content_type"),
    optional("size_bytes", sa.BigInteger, "never kept"),
    optional("kept_at", UtcDateTime, "never kept or linked"),
    optional("address", sa.Text, "not linked"),
    optional("removed_at", UtcDateTime, "not removed"),
    optional("hold_reason", sa.Text, "no legal hold: it may be removed"),
    sa.UniqueConstraint("call_id", "name"),
    sa.Index("ix_recording_state", "state", "next_try_at"),
    sa.Index("ix_recording_keeping", "state", "ended_at"),
    sa.Index("ix_recording_sha256", "sha256"),
)

_STANDS = sa.text("closed_at IS NULL")

recording_grant = sa.Table(
    "recording_grant",
    metadata,
    row_id(),
    link("recording_id", "recording"),
    sa.Column("grantee", sa.Text, nullable=False, comment="person:ID or role:NAME"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("opened_by", sa.Text, nullable=False, comment="person:ID"),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    optional("closed_at", UtcDateTime, "it stands"),
    sa.Index(
        "ix_recording_grant_standing",
        "recording_id",
        "grantee",
        unique=True,
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    ),
)
