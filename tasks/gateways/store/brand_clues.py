"""What the store knows that tells a mail's brand: who the recipient is in the office folder, and which mailbox
brought the lead that a mail is about."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from sql import schema
from tasks.rules.brands import BrandClues
from tasks.rules.outgoing import Notice

_CONTACT = "contact:"


def brand_clues(connection: sa.Connection, notices: Sequence[Notice]) -> dict[str, BrandClues]:
    """By the notices' keys; a notice to staff has none."""
    told = [notice for notice in notices if notice.to.ref.startswith(_CONTACT)]
    keys = _contact_keys(connection, {_contact_id(notice) for notice in told})
    leads = _mailboxes(connection, schema.lead.c.id, _ids(told, "lead"))
    deals = _mailboxes(connection, schema.deal.c.id, _ids(told, "deal"))
    found = {}
    for notice in told:
        contact, company = keys.get(_contact_id(notice), ("", ""))
        brought = {"lead": leads, "deal": deals}.get(notice.entity, {}).get(notice.entity_id, "")
        found[notice.key] = BrandClues(contact, company, brought)
    return found


def _contact_id(notice: Notice) -> int:
    return int(notice.to.ref.removeprefix(_CONTACT))


def _ids(notices: Sequence[Notice], entity: str) -> set[int]:
    return {notice.entity_id for notice in notices if notice.entity == entity}


def _contact_keys(connection: sa.Connection, ids: set[int]) -> dict[int, tuple[str, str]]:
    """The keys of a contact and of their company in clients.yaml, '' for who does not stand there."""
    contact, company = schema.contact, schema.company
    query = (
        sa.select(contact.c.id, contact.c.key, company.c.key.label("company"))
        .join(company, contact.c.company_id == company.c.id, isouter=True)
        .where(contact.c.id.in_(ids))
    )
    return {row.id: (row.key or "", row.company or "") for row in connection.execute(query)}


def _mailboxes(connection: sa.Connection, column: sa.Column[int], ids: set[int]) -> dict[int, str]:
    """The mailbox behind each lead or deal; those that no mail brought are left out."""
    if not ids:
        return {}
    lead, item = schema.lead, schema.intake_item
    brought = lead.join(item, lead.c.origin_key == "mail:" + sa.cast(item.c.id, sa.Text))
    if column.table is schema.deal:
        brought = brought.join(schema.deal, schema.deal.c.lead_id == lead.c.id)
    query = sa.select(column.label("id"), item.c.source).select_from(brought).where(column.in_(ids))
    return {row.id: row.source for row in connection.execute(query)}
