"""Who a mail address or a telephone number belongs to. Identities are exact: canonical mail, E.164 phone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.gateways.store.identity_index import index_contacts, see_identities


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


def known_contact(connection: sa.Connection, contact_id: int) -> KnownContact:
    """The contact of this id. Raises sqlalchemy.exc.NoResultFound when it is not there."""
    contact, company = schema.contact, schema.company
    manager = sa.func.coalesce(contact.c.manager_id, company.c.manager_id).label("manager_id")
    joined = contact.outerjoin(company, contact.c.company_id == company.c.id)
    query = sa.select(contact.c.id, contact.c.name, contact.c.language, contact.c.company_id, manager)
    return KnownContact(*connection.execute(query.select_from(joined).where(contact.c.id == contact_id)).one())


def contact_zones(connection: sa.Connection, refs: Iterable[str]) -> dict[str, str]:
    """Those of `refs` (contact:ID) that live by a time zone of their own, which is not the office's."""
    ids = [int(ref.removeprefix("contact:")) for ref in refs if ref.startswith("contact:")]
    contact = schema.contact
    query = sa.select(contact.c.id, contact.c.zone).where(contact.c.id.in_(ids), contact.c.zone.is_not(None))
    return {f"contact:{row.id}": row.zone for row in connection.execute(query)} if ids else {}


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
    see_identities(connection, ((contact_id, (kind, value), at) for kind, value, _ in points))
    index_contacts(connection, [contact_id], at)
    return contact_id


def company_of(connection: sa.Connection, contact_id: int) -> int | None:
    """The company of a contact; None for a private person."""
    return connection.scalar(sa.select(schema.contact.c.company_id).where(schema.contact.c.id == contact_id))


def company_name(connection: sa.Connection, contact_id: int) -> str:
    """The name of a contact's company, '' for a private person."""
    contact, company = schema.contact, schema.company
    query = sa.select(company.c.name).join(contact, contact.c.company_id == company.c.id)
    return connection.scalar(query.where(contact.c.id == contact_id)) or ""
