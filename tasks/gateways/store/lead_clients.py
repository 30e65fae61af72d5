"""What people said about whose a lead is, before it is converted: this contact's, or surely not that one's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.identity_lookup import canonical_ids

NOT_THE_SAME, SAME_AGAIN = "lead.not_the_same", "lead.same_again"


@dataclass(frozen=True, slots=True)
class ClientCard:
    """A contact as lists show it."""

    name: str
    company: str
    mails: tuple[str, ...]
    phones: tuple[str, ...]


def linked_contact(connection: sa.Connection, lead_id: int) -> int | None:
    """Whose the lead is, by who they stand for; None while nobody has said so. None too for an unknown lead."""
    table = schema.lead
    found = connection.scalar(sa.select(table.c.contact_id).where(table.c.id == lead_id))
    return canonical_ids(connection, [found])[found] if found else None


def said_apart(connection: sa.Connection, lead_id: int) -> frozenset[int]:
    """Contacts of which somebody said that the lead is not theirs, by who they stand for; the last word counts."""
    table = schema.event
    query = sa.select(table.c.kind, table.c.data).where(
        table.c.entity == "lead", table.c.entity_id == lead_id, table.c.kind.in_((NOT_THE_SAME, SAME_AGAIN))
    )
    apart: set[int] = set()
    for row in connection.execute(query.order_by(table.c.id)):
        contact_id = int(row.data["contact_id"])
        apart = apart | {contact_id} if row.kind == NOT_THE_SAME else apart - {contact_id}
    return frozenset(canonical_ids(connection, apart).values()) if apart else frozenset()


def client_cards(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, ClientCard]:
    """Name, company, addresses and numbers of these contacts, by id."""
    contact, company = schema.contact, schema.company
    rows = connection.execute(
        sa.select(contact.c.id, contact.c.name, sa.func.coalesce(company.c.name, "").label("company"))
        .select_from(contact.outerjoin(company, contact.c.company_id == company.c.id))
        .where(contact.c.id.in_(contact_ids))
    ).all()
    reach: dict[tuple[int, str], dict[str, None]] = {}
    for table in (schema.contact_point, schema.identity):  # a shared number is the point of one, and seen with both
        points = sa.select(table.c.contact_id, table.c.kind, table.c.value).where(table.c.contact_id.in_(contact_ids))
        for row in connection.execute(points.order_by(table.c.kind, table.c.value)):
            reach.setdefault((row.contact_id, row.kind), {})[row.value] = None
    return {
        row.id: ClientCard(
            row.name, row.company, tuple(reach.get((row.id, "mail"), ())), tuple(reach.get((row.id, "phone"), ()))
        )
        for row in rows
    }
