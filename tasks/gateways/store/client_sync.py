"""Clients of the office folder into the store: groups, companies, contacts and how to reach them.

A contact that mail or telephone brought earlier is taken over when the folder names one of its addresses, so that
its letters and deals stay with it. Addresses are only added or moved, never taken away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.gateways.store.identity_index import index_contacts
from tasks.gateways.store.identity_lookup import canonical_ids
from tasks.gateways.store.search_index import index_companies
from tasks.gateways.store.upserts import ids_by_key, upsert
from tasks.rules.mail_address import canonical_mail
from tasks.rules.office import Client, ClientContact


def sync_clients(
    connection: sa.Connection, clients: Sequence[Client], people: Mapping[str, int], now: datetime
) -> None:
    """Make or update what `clients` say; a private client is a contact without a company. `people`: key → person id."""
    groups = [{"key": group, "name": group} for group in sorted({c.group for c in clients if c.group})]
    upsert(connection, schema.client_group, ("key",), groups)
    group_ids = ids_by_key(connection, schema.client_group)
    rows = [
        {
            "key": client.key,
            "name": client.name,
            "client_group_id": group_ids.get(client.group),
            "manager_id": people.get(client.manager),
            "created_at": now,
        }
        for client in clients
        if not client.is_private
    ]
    upsert(connection, schema.company, ("key",), rows, keep=("created_at",))
    companies = ids_by_key(connection, schema.company)
    index_companies(connection, [companies[str(row["key"])] for row in rows])
    _sync_contacts(connection, clients, people, now)


def _sync_contacts(
    connection: sa.Connection, clients: Sequence[Client], people: Mapping[str, int], now: datetime
) -> None:
    companies = ids_by_key(connection, schema.company)
    contacts = [(client, contact) for client in clients for contact in client.contacts]
    _take_over(connection, [contact for _, contact in contacts])
    rows = [
        {
            "key": contact.key,
            "name": contact.name,
            "company_id": None if client.is_private else companies[client.key],
            "manager_id": people.get(client.manager) if client.is_private else None,
            "language": contact.language,
            "zone": contact.zone or client.zone or None,
            "created_at": now,
        }
        for client, contact in contacts
    ]
    upsert(connection, schema.contact, ("key",), rows, keep=("created_at",))
    ids = _standing_ids(connection)
    points = [
        {"contact_id": ids[contact.key], "kind": kind, "value": value, "raw": raw}
        for _, contact in contacts
        for kind, value, raw in _points(contact)
    ]
    statement = insert(connection, schema.contact_point)
    changes = {"contact_id": statement.excluded.contact_id, "raw": statement.excluded.raw}
    if points:
        connection.execute(statement.on_conflict_do_update(index_elements=["kind", "value"], set_=changes), points)
    index_contacts(connection, sorted({ids[contact.key] for _, contact in contacts}), now)


def _standing_ids(connection: sa.Connection) -> dict[str, int]:
    """Key → contact; one that was merged into another stands for that one, and so do its addresses."""
    ids = ids_by_key(connection, schema.contact)
    standing = canonical_ids(connection, ids.values())
    return {key: standing[contact_id] for key, contact_id in ids.items()}


def _take_over(connection: sa.Connection, contacts: Sequence[ClientContact]) -> None:
    """Give the folder's key to a contact that has none yet and owns one of its addresses."""
    point, table = schema.contact_point, schema.contact
    known = ids_by_key(connection, table)
    unnamed: dict[tuple[str, str], int] = {
        (row.kind, row.value): row.id
        for row in connection.execute(
            sa.select(point.c.kind, point.c.value, table.c.id)
            .select_from(point.join(table))
            .where(table.c.key.is_(None))
        )
    }
    taken: set[int] = set()
    for contact in contacts:
        owners = [unnamed[point[:2]] for point in _points(contact) if point[:2] in unnamed]
        owner: Any = next((owner for owner in owners if owner not in taken), None)
        if owner is not None and contact.key not in known:
            taken.add(owner)
            connection.execute(sa.update(table).where(table.c.id == owner).values(key=contact.key))


def _points(contact: ClientContact) -> list[tuple[str, str, str]]:
    """(kind, value, as it was written) of every way to reach a contact."""
    mails = [("mail", canonical_mail(mail) or mail, mail) for mail in contact.mails]
    return mails + [("phone", phone, phone) for phone in contact.phones]
