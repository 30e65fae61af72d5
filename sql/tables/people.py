"""Who: staff, their roles and absences, clients and how they are reached."""

from __future__ import annotations

import sqlalchemy as sa

from sql.column_types import RowId, UtcDateTime
from sql.table_parts import link, metadata, optional, row_id, words

person = sa.Table(
    "person",
    metadata,
    row_id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="short name in the office folder"),
    words("name"),
    sa.Column("mail", sa.Text, nullable=False, unique=True, comment="canonical, lower case"),
    optional("phone", sa.Text, "no own number (E.164)"),
    optional("extension", sa.Text, "no telephone on the desk"),
    sa.Column("language", sa.Text, nullable=False, server_default="ru"),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    optional("jid", sa.Text, "does not use chat (XMPP)"),
    sa.Column("takes_sms", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("is_user", sa.Boolean, nullable=False, server_default=sa.true(), comment="signs in at the door"),
)

role_member = sa.Table(
    "role_member",
    metadata,
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("person_id", RowId, sa.ForeignKey("person.id"), primary_key=True),
)

absence = sa.Table(
    "absence",
    metadata,
    row_id(),
    link("person_id", "person"),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    words("kind", "leave"),
    link("substitute_id", "person", "NULL: nobody stands in"),
    sa.Column(
        "is_registered",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="entered by a form; the office folder does not drop it",
    ),
    sa.UniqueConstraint("person_id", "first_day"),
)

client_group = sa.Table(
    "client_group", metadata, row_id(), sa.Column("key", sa.Text, nullable=False, unique=True), words("name")
)

company = sa.Table(
    "company",
    metadata,
    row_id(),
    optional("key", sa.Text, "made from a lead, not from the office folder"),
    words("name"),
    link("client_group_id", "client_group", "NULL: in no group"),
    link("manager_id", "person", "NULL: no personal manager"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("key"),
)

contact = sa.Table(
    "contact",
    metadata,
    row_id(),
    optional("key", sa.Text, "made from a lead, not from the office folder"),
    words("name"),
    link("company_id", "company", "NULL: a private person"),
    link("manager_id", "person", "NULL: the company's manager, or none"),
    sa.Column("language", sa.Text, nullable=False, server_default="ru"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    optional("zone", sa.Text, "the office's time zone"),
    optional("canonical_id", RowId, "stands for itself; else merged into this contact, which readers follow"),
    sa.UniqueConstraint("key"),
    sa.Index("ix_contact_canonical_id", "canonical_id"),
)

contact_point = sa.Table(
    "contact_point",
    metadata,
    row_id(),
    link("contact_id", "contact"),
    sa.Column("kind", sa.Text, nullable=False, comment="mail, phone"),
    sa.Column("value", sa.Text, nullable=False, comment="canonical mail, or E.164"),
    sa.Column("raw", sa.Text, nullable=False, comment="as it was written"),
    optional("undeliverable_at", UtcDateTime, "no bounce came for it"),
    sa.UniqueConstraint("kind", "value"),
)
