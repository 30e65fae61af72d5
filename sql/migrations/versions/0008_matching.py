"""Who is it: identities, merges, search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import RowId, SortedText, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns; addresses and numbers already known become identities."""
    op.add_column(
        "contact",
        sa.Column(
            "canonical_id",
            RowId,
            nullable=True,
            comment="NULL: stands for itself; else merged into this contact, which readers follow",
        ),
    )
    op.create_index("ix_contact_canonical_id", "contact", ["canonical_id"])
    _create_identity()
    _create_merge()
    _create_search()
    op.execute(
        "INSERT INTO identity (kind, value, contact_id, first_seen, last_seen) "
        "SELECT p.kind, p.value, p.contact_id, c.created_at, c.created_at "
        "FROM contact_point AS p INNER JOIN contact AS c ON p.contact_id = c.id"
    )


def _create_identity() -> None:
    op.create_table(
        "identity",
        sa.Column("kind", sa.Text(), nullable=False, comment="mail, phone"),
        sa.Column(
            "value", sa.Text(), nullable=False, comment="canonical mail; E.164, with ;EXTENSION where one is dialled"
        ),
        sa.Column("contact_id", RowId, nullable=False, comment="never moved: readers follow canonical_id"),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False, comment="numbers are given to others after a while"),
        sa.Column(
            "is_shared",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="seen under names that conflict: evidence of a family or company only",
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_identity_contact_id")),
        sa.PrimaryKeyConstraint("kind", "value", "contact_id", name=op.f("pk_identity")),
    )
    op.create_index("ix_identity_contact_id", "identity", ["contact_id"])
    op.create_table(
        "match_key",
        sa.Column(
            "key",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="hash of a name with something else",
        ),
        sa.Column("contact_id", RowId, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "contact_id", name=op.f("pk_match_key")),
    )
    op.create_index("ix_match_key_contact_id", "match_key", ["contact_id"])


def _create_merge() -> None:
    op.create_table(
        "contact_merge",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("winner_id", RowId, nullable=False),
        sa.Column("loser_id", RowId, nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False, comment="kinds of evidence, separated by commas"),
        sa.Column("actor", sa.Text(), nullable=False, comment="person:ID"),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True, comment="NULL: the merge stands"),
        sa.Column("undone_by", sa.Text(), nullable=True, comment="NULL: the merge stands"),
        sa.ForeignKeyConstraint(["winner_id"], ["contact.id"], name=op.f("fk_contact_merge_winner_id")),
        sa.ForeignKeyConstraint(["loser_id"], ["contact.id"], name=op.f("fk_contact_merge_loser_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_merge")),
    )
    op.create_index("ix_contact_merge_winner_id", "contact_merge", ["winner_id"])
    op.create_index("ix_contact_merge_loser_id", "contact_merge", ["loser_id"])
    op.create_table(
        "merge_change",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("merge_id", RowId, nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", RowId, nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("old_value", sa.Text(), nullable=True, comment="NULL: the column was empty"),
        sa.Column("new_value", sa.Text(), nullable=True, comment="NULL: the column became empty"),
        sa.ForeignKeyConstraint(["merge_id"], ["contact_merge.id"], name=op.f("fk_merge_change_merge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_change")),
    )
    op.create_index("ix_merge_change_merge_id", "merge_change", ["merge_id"])
    op.create_table(
        "not_the_same",
        sa.Column("one_id", RowId, nullable=False, comment="the smaller id"),
        sa.Column("other_id", RowId, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="person:ID who says so"),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["one_id"], ["contact.id"], name=op.f("fk_not_the_same_one_id")),
        sa.ForeignKeyConstraint(["other_id"], ["contact.id"], name=op.f("fk_not_the_same_other_id")),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_not_the_same")),
    )


def _create_search() -> None:
    op.create_table(
        "search_text",
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="1 contact, 2 company, 3 lead, 4 deal, 5 letter"),
        sa.Column("entity_id", RowId, nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="names and titles, as they were written"),
        sa.Column("reach", sa.Text(), nullable=False, comment="addresses and numbers, separated by spaces"),
        sa.PrimaryKeyConstraint("kind", "entity_id", name=op.f("pk_search_text")),
    )
    op.create_table(
        "search_token",
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "token", SortedText, nullable=False, comment="a folded word, two words letter by letter, a number's ends"
        ),
        sa.Column("entity_id", RowId, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("kind", "token", "entity_id", name=op.f("pk_search_token")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take them away again."""
    for table in (
        "search_token",
        "search_text",
        "not_the_same",
        "merge_change",
        "contact_merge",
        "match_key",
        "identity",
    ):
        op.drop_table(table)
    op.drop_index("ix_contact_canonical_id", "contact")
    op.drop_column("contact", "canonical_id")
