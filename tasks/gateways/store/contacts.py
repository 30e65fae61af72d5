"""Who a mail address or a telephone number belongs to. Identities are exact: canonical mail, E.164 phone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact found by one of its points; `manager_id` is its own or its company's, `company_id` None if private."""

    contact_id: int
    name: str
    language: str
    company_id: int | None
    manager_id: int | None


def find_contacts(
    connection: sa.Connection, kind: str, values: Iterable[str], known_at: datetime | None = None
) -> dict[str, KnownContact]:
    """The known contacts among `values` ('mail': canonical addresses, 'phone': E.164), by value.

    With `known_at` only those known then. One without a key was made from a lead, so after the mails of its moment.
    """
    point, contact, company = schema.contact_point, schema.contact, schema.company
    query = (
        sa.select(
            point.c.value,
            contact.c.id,
            contact.c.name,
            contact.c.language,
            contact.c.company_id,
            sa.func.coalesce(contact.c.manager_id, company.c.manager_id).label("manager_id"),
        )
        .select_from(point.join(contact).outerjoin(company, contact.c.company_id == company.c.id))
        .where(point.c.kind == kind)
    )
    if known_at is not None:
        is_of_office = contact.c.key.is_not(None) & (contact.c.created_at == known_at)
        query = query.where((contact.c.created_at < known_at) | is_of_office)
    found: dict[str, KnownContact] = {}
    wanted = sorted(set(values))
    for start in range(0, len(wanted), 500):
        for row in connection.execute(query.where(point.c.value.in_(wanted[start : start + 500]))):
            found[row.value] = KnownContact(row.id, row.name, row.language, row.company_id, row.manager_id)
    return found


def find_staff(connection: sa.Connection) -> dict[str, int]:
    """Active staff: canonical mail address → person id."""
    table = schema.person
    rows = connection.execute(sa.select(table.c.mail, table.c.id).where(table.c.is_active))
    return {row.mail: row.id for row in rows}


def mark_undeliverable(connection: sa.Connection, addresses: Sequence[str], at: datetime) -> int:
    """Remember that mail to these addresses bounced; the first time counts. Returns how many are ours and new."""
    table = schema.contact_point
    result = connection.execute(
        sa.update(table)
        .where(table.c.kind == "mail", table.c.value.in_(addresses), table.c.undeliverable_at.is_(None))
        .values(undeliverable_at=at)
    )
    return int(result.rowcount)


def create_contact(
    connection: sa.Connection,
    *,
    name: str,
    points: Sequence[tuple[str, str, str]],
    company_id: int | None,
    language: str,
    at: datetime,
) -> int:
    """Make a contact with its points (kind, value, raw text); a point that another contact owns stays there."""
    row = {"name": name, "company_id": company_id, "language": language, "created_at": at}
    contact_id: int = connection.execute(
        sa.insert(schema.contact).values(row).returning(schema.contact.c.id)
    ).scalar_one()
    rows = [{"contact_id": contact_id, "kind": kind, "value": value, "raw": raw} for kind, value, raw in points]
    if rows:
        connection.execute(insert(connection, schema.contact_point).on_conflict_do_nothing(), rows)
    return contact_id
