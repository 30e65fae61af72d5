"""Who is it: which addresses and numbers lead to whom, who was merged with whom, and what people search by."""

from __future__ import annotations

import sqlalchemy as sa

from sql.column_types import RowId, SortedText, UtcDateTime
from sql.table_parts import link, metadata, optional, row_id, words

identity = sa.Table(
    "identity",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True, comment="mail, phone"),
    sa.Column(
        "value", sa.Text, primary_key=True, comment="canonical mail; E.164, with ;EXTENSION where one is dialled"
    ),
    sa.Column(
        "contact_id",
        RowId,
        sa.ForeignKey("contact.id"),
        primary_key=True,
        comment="never moved: readers follow canonical_id",
    ),
    sa.Column("first_seen", UtcDateTime, nullable=False),
    sa.Column("last_seen", UtcDateTime, nullable=False, comment="numbers are given to others after a while"),
    sa.Column(
        "is_shared",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="seen under names that conflict: evidence of a family or company only",
    ),
    sa.Index("ix_identity_contact_id", "contact_id"),
)

match_key = sa.Table(
    "match_key",
    metadata,
    sa.Column(
        "key", sa.BigInteger, primary_key=True, autoincrement=False, comment="hash of a name with something else"
    ),
    sa.Column("contact_id", RowId, primary_key=True, autoincrement=False),
    sa.Index("ix_match_key_contact_id", "contact_id"),
)

contact_merge = sa.Table(
    "contact_merge",
    metadata,
    row_id(),
    link("winner_id", "contact"),
    link("loser_id", "contact"),
    sa.Column("evidence", sa.Text, nullable=False, comment="kinds of evidence, separated by commas"),
    sa.Column("actor", sa.Text, nullable=False, comment="person:ID"),
    words("note"),
    sa.Column("at", UtcDateTime, nullable=False),
    optional("undone_at", UtcDateTime, "the merge stands"),
    optional("undone_by", sa.Text, "the merge stands"),
)

merge_change = sa.Table(
    "merge_change",
    metadata,
    row_id(),
    link("merge_id", "contact_merge"),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("row_id", RowId, nullable=False),
    sa.Column("column_name", sa.Text, nullable=False),
    optional("old_value", sa.Text, "the column was empty"),
    optional("new_value", sa.Text, "the column became empty"),
)

not_the_same = sa.Table(
    "not_the_same",
    metadata,
    sa.Column("one_id", RowId, sa.ForeignKey("contact.id"), primary_key=True, comment="the smaller id"),
    sa.Column("other_id", RowId, sa.ForeignKey("contact.id"), primary_key=True),
    sa.Column("actor", sa.Text, nullable=False, comment="person:ID who says so"),
    words("note"),
    sa.Column("at", UtcDateTime, nullable=False),
)

search_text = sa.Table(
    "search_text",
    metadata,
    sa.Column(
        "kind",
        sa.SmallInteger,
        primary_key=True,
        autoincrement=False,
        comment="1 contact, 2 company, 3 lead, 4 deal, 5 letter",
    ),
    sa.Column("entity_id", RowId, primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text, nullable=False, comment="names and titles, as they were written"),
    sa.Column("reach", sa.Text, nullable=False, comment="addresses and numbers, separated by spaces"),
)

search_token = sa.Table(
    "search_token",
    metadata,
    sa.Column("kind", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column(
        "token", SortedText, primary_key=True, comment="a folded word, two words letter by letter, a number's ends"
    ),
    sa.Column("entity_id", RowId, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
