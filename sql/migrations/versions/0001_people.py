"""Who: staff, clients and how they are reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sql.column_types import RowId, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "client_group",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_group")),
        sa.UniqueConstraint("key", name=op.f("uq_client_group_key")),
    )
    op.create_table(
        "person",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="short name in the office folder"),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("mail", sa.Text(), nullable=False, comment="canonical, lower case"),
        sa.Column("phone", sa.Text(), nullable=True, comment="NULL: no own number (E.164)"),
        sa.Column("extension", sa.Text(), nullable=True, comment="NULL: no telephone on the desk"),
        sa.Column("language", sa.Text(), server_default="ru", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("key", name=op.f("uq_person_key")),
        sa.UniqueConstraint("mail", name=op.f("uq_person_mail")),
    )
    op.create_table(
        "absence",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("person_id", RowId, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="leave", nullable=False),
        sa.Column("substitute_id", RowId, nullable=True, comment="NULL: nobody stands in"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["person.id"], name=op.f("fk_absence_substitute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("person_id", "first_day", name=op.f("uq_absence_person_id_first_day")),
    )
    op.create_index(op.f("ix_absence_person_id"), "absence", ["person_id"], unique=False)
    op.create_index(op.f("ix_absence_substitute_id"), "absence", ["substitute_id"], unique=False)
    op.create_table(
        "company",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=True, comment="NULL: made from a lead, not from the office folder"),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("client_group_id", RowId, nullable=True, comment="NULL: in no group"),
        sa.Column("manager_id", RowId, nullable=True, comment="NULL: no personal manager"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["client_group_id"], ["client_group.id"], name=op.f("fk_company_client_group_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_company_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("key", name=op.f("uq_company_key")),
    )
    op.create_index(op.f("ix_company_client_group_id"), "company", ["client_group_id"], unique=False)
    op.create_index(op.f("ix_company_manager_id"), "company", ["manager_id"], unique=False)
    op.create_table(
        "role_member",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person_id", RowId, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_member_person_id")),
        sa.PrimaryKeyConstraint("role", "person_id", name=op.f("pk_role_member")),
    )
    op.create_table(
        "contact",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=True, comment="NULL: made from a lead, not from the office folder"),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("company_id", RowId, nullable=True, comment="NULL: a private person"),
        sa.Column("manager_id", RowId, nullable=True, comment="NULL: the company's manager, or none"),
        sa.Column("language", sa.Text(), server_default="ru", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_contact_company_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_contact_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("key", name=op.f("uq_contact_key")),
    )
    op.create_index(op.f("ix_contact_company_id"), "contact", ["company_id"], unique=False)
    op.create_index(op.f("ix_contact_manager_id"), "contact", ["manager_id"], unique=False)
    op.create_table(
        "contact_point",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("contact_id", RowId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="mail, phone"),
        sa.Column("value", sa.Text(), nullable=False, comment="canonical mail, or E.164"),
        sa.Column("raw", sa.Text(), nullable=False, comment="as it was written"),
        sa.Column("undeliverable_at", UtcDateTime(), nullable=True, comment="NULL: no bounce came for it"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_point_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint("kind", "value", name=op.f("uq_contact_point_kind_value")),
    )
    op.create_index(op.f("ix_contact_point_contact_id"), "contact_point", ["contact_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_contact_point_contact_id"), table_name="contact_point")
    op.drop_table("contact_point")
    op.drop_index(op.f("ix_contact_manager_id"), table_name="contact")
    op.drop_index(op.f("ix_contact_company_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_table("role_member")
    op.drop_index(op.f("ix_company_manager_id"), table_name="company")
    op.drop_index(op.f("ix_company_client_group_id"), table_name="company")
    op.drop_table("company")
    op.drop_index(op.f("ix_absence_substitute_id"), table_name="absence")
    op.drop_index(op.f("ix_absence_person_id"), table_name="absence")
    op.drop_table("absence")
    op.drop_table("person")
    op.drop_table("client_group")
