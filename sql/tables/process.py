"""Items of every process, the definitions they run by, and what their chains have promised outside the office."""

from __future__ import annotations

import sqlalchemy as sa

from sql.column_types import Json, RowId, UtcDateTime
from sql.table_parts import link, metadata, optional, row_id, words

process_definition = sa.Table(
    "process_definition",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of the content; a version never changes its content"),
    sa.Column("content", sa.Text, nullable=False, comment="the process file as JSON, in the order of its keys"),
    sa.Column("loaded_at", UtcDateTime, nullable=False),
)

process_item = sa.Table(
    "process_item",
    metadata,
    row_id(),
    sa.Column(
        "key", sa.Text, nullable=False, unique=True, comment="what started it, once: a lead, a form, PARENT:WORK"
    ),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="of the process file; an item keeps it unless migrated"),
    sa.Column("entity", sa.Text, nullable=False, comment="what it is about: deal, candidate, document …"),
    sa.Column("entity_id", RowId, nullable=False, comment="row of that entity; of one without a table the item's own"),
    link("parent_id", "process_item", "NULL: started by nobody but a person, a lead or an ended item"),
    words("parent_work"),
    words("number"),
    words("title"),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("visit", sa.Integer, nullable=False, comment="which stay in a stage this is; clocks are keyed by it"),
    sa.Column("stage_entered_at", UtcDateTime, nullable=False),
    words("status_text"),
    sa.Column("fields", Json, nullable=False, comment="values of the file's fields: refs, ISO times, money as text"),
    sa.Column("memory", Json, nullable=False, comment="what the engine remembers: work, votes, clocks, fired rules"),
    optional("outcome", sa.Text, "open; else won, lost, cancelled"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    optional("ended_at", UtcDateTime, "open"),
    optional("next_due_at", UtcDateTime, "no clock runs"),
    optional("deadline_at", UtcDateTime, "the stage has none"),
    sa.Column(
        "is_overdue",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="the stage or a piece of open work has passed its time",
    ),
    link("responsible_id", "person", "NULL: nobody leads it", index=False),
    sa.Column("hops", sa.Integer, nullable=False, server_default="0", comment="of the event that last acted on it"),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0", comment="compare-and-set"),
    optional("held_at", UtcDateTime, "it goes on; else it waits for a person"),
    words("held_reason"),
    sa.Column("held_path", Json, nullable=False, server_default=sa.text("'[]'"), comment="the rules that acted"),
    words("held_event"),
    sa.Index("ix_process_item_entity", "entity", "entity_id"),
    sa.Index("ix_process_item_next_due_at", "next_due_at", "id"),
    sa.Index("ix_process_item_held_at", "held_at"),
    # a board reads one stage by deadline: one index per filter, whatever else it shows
    sa.Index("ix_process_item_board", "process", "outcome", "stage", "deadline_at", "id"),
    sa.Index("ix_process_item_person", "process", "outcome", "responsible_id", "stage", "deadline_at", "id"),
    sa.Index("ix_process_item_overdue", "process", "outcome", "is_overdue", "stage", "deadline_at", "id"),
)

calendar_entry = sa.Table(
    "calendar_entry",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="uid and who: one invitation, moved or taken back"),
    link("item_id", "process_item"),
    sa.Column("uid", sa.Text, nullable=False, index=True, comment="of the promise; one may be made to several"),
    sa.Column("who", sa.Text, nullable=False, comment="person:ID or contact:ID"),
    sa.Column("at", UtcDateTime, nullable=False),
    words("title"),
    sa.Column("sequence", sa.Integer, nullable=False, server_default="0", comment="RFC 5545: grows with every change"),
    sa.Column("state", sa.Text, nullable=False, server_default="planned", comment="planned, cancelled"),
    sa.Column("changed_at", UtcDateTime, nullable=False, index=True),
    link("cause_event_id", "event"),
    sa.CheckConstraint("state in ('planned', 'cancelled')", name="state"),
)

issued_paper = sa.Table(
    "issued_paper",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="the event and decision that made it"),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False, comment="act, order, invoice; those of deals stand in invoice"),
    link("item_id", "process_item"),
    sa.Column("uid", sa.Text, nullable=False, index=True, comment="of the promise; a new one cancels the one before"),
    sa.Column("facts", Json, nullable=False, comment="the item's fields when it was made, for rendering"),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    optional("cancelled_at", UtcDateTime, "it stands; else it was taken back"),
)
