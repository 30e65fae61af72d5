"""What an item is about, for people: the deal's client, money and invoice, and the names of everybody it mentions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.process_items import StoredItem
from tasks.gateways.store.staff import id_of
from tasks.rules.process.values import Line

_DEAL = "deal"


@dataclass(frozen=True, slots=True)
class Subject:
    """Empty texts for what is not known; `names` gives persons and contacts by ref."""

    currency: str
    client_name: str = ""
    client_phone: str = ""
    client_mail: str = ""
    company_name: str = ""
    lines: tuple[Line, ...] = ()
    invoice: str = ""
    invoice_due_on: date | None = None
    names: Mapping[str, str] = field(default_factory=dict)


def read_subject(
    connection: sa.Connection, stored: StoredItem, staff: Mapping[str, str], refs: Iterable[str], currency: str
) -> Subject:
    """The subject of an item; `staff` are names of people by ref, `refs` all refs that its fields hold."""
    names = dict(staff) | contact_names(connection, refs)
    if stored.entity != _DEAL:
        return Subject(currency, names=names)
    deal, contact, company = schema.deal, schema.contact, schema.company
    row = connection.execute(
        sa.select(deal.c.contact_id, deal.c.currency, contact.c.name, company.c.name.label("company"))
        .join(contact, deal.c.contact_id == contact.c.id)
        .outerjoin(company, deal.c.company_id == company.c.id)
        .where(deal.c.id == stored.entity_id)
    ).one()
    points = _points(connection, row.contact_id)
    invoice = _invoice(connection, stored.entity_id)
    return Subject(
        currency=row.currency,
        client_name=row.name,
        client_phone=points.get("phone", ""),
        client_mail=points.get("mail", ""),
        company_name=row.company or "",
        lines=read_lines(connection, stored.entity_id),
        invoice=invoice.number if invoice else "",
        invoice_due_on=invoice.due_on if invoice else None,
        names=names | {f"contact:{row.contact_id}": row.name},
    )


def contact_names(connection: sa.Connection, refs: Iterable[str]) -> dict[str, str]:
    """Names of the contacts among `refs`, by ref."""
    ids = sorted({id_of(ref) or 0 for ref in refs if ref.startswith("contact:")})
    if not ids:
        return {}
    table = schema.contact
    rows = connection.execute(sa.select(table.c.id, table.c.name).where(table.c.id.in_(ids)))
    return {f"contact:{row.id}": row.name for row in rows}


def read_lines(connection: sa.Connection, deal_id: int) -> tuple[Line, ...]:
    """The positions of a deal, in order."""
    table, price = schema.deal_line, schema.price_item
    query = (
        sa.select(table, price.c.key)
        .outerjoin(price, table.c.price_item_id == price.c.id)
        .where(table.c.deal_id == deal_id)
        .order_by(table.c.position)
    )
    return tuple(Line(row.key or "", row.title, row.quantity, row.price) for row in connection.execute(query))


def _points(connection: sa.Connection, contact_id: int) -> dict[str, str]:
    """The contact's newest address and number, by kind."""
    table = schema.contact_point
    rows = connection.execute(sa.select(table).where(table.c.contact_id == contact_id).order_by(table.c.id.desc()))
    return {row.kind: row.value for row in rows}


def _invoice(connection: sa.Connection, deal_id: int) -> Any:
    """The invoice that stands, the newest."""
    table = schema.invoice
    query = sa.select(table.c.number, table.c.due_on).where(table.c.deal_id == deal_id, table.c.cancelled_at.is_(None))
    return connection.execute(query.order_by(table.c.id.desc()).limit(1)).first()
