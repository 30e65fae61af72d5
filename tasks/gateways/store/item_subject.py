"""What an item is about, for people: the deal's client, money and invoice, and the names of everybody it mentions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class SubjectRows:
    """What was read for the subjects of several items at once: deals with clients, by the deal; names by ref."""

    deals: dict[int, Any] = field(default_factory=dict)
    points: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    invoices: Mapping[int, Any] = field(default_factory=dict)
    lines: Mapping[int, tuple[Line, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def read_subject_rows(connection: sa.Connection, deal_ids: Sequence[int], refs: Iterable[str]) -> SubjectRows:
    """Five queries, however many deals there are; up to 500 of them."""
    names = contact_names(connection, refs)
    if not deal_ids:
        return SubjectRows(names=names)
    deal, contact, company = schema.deal, schema.contact, schema.company
    rows = connection.execute(
        sa.select(deal.c.id, deal.c.contact_id, deal.c.currency, contact.c.name, company.c.name.label("company"))
        .join(contact, deal.c.contact_id == contact.c.id)
        .outerjoin(company, deal.c.company_id == company.c.id)
        .where(deal.c.id.in_(deal_ids))
    ).all()
    points = _points(connection, {row.contact_id for row in rows})
    deals = {row.id: row for row in rows}
    return SubjectRows(deals, points, _invoices(connection, deal_ids), _lines(connection, deal_ids), names)


def read_subject(
    connection: sa.Connection,
    stored: StoredItem,
    staff: Mapping[str, str],
    refs: Iterable[str],
    currency: str,
    rows: SubjectRows | None = None,
) -> Subject:
    """The subject of an item; `staff` are names of people by ref, `refs` all refs that its fields hold.

    `rows` is what was read for it before, if it is still true.
    """
    deal_ids = [stored.entity_id] if stored.entity == _DEAL else []
    if rows is None or not rows.deals.keys() >= set(deal_ids):
        rows = read_subject_rows(connection, deal_ids, refs)
    unknown = [ref for ref in refs if ref not in rows.names]
    names = {**staff, **rows.names, **contact_names(connection, unknown)}
    if not deal_ids:
        return Subject(currency, names=names)
    row = rows.deals[stored.entity_id]
    points = rows.points.get(row.contact_id, {})
    invoice = rows.invoices.get(stored.entity_id)
    return Subject(
        currency=row.currency,
        client_name=row.name,
        client_phone=points.get("phone", ""),
        client_mail=points.get("mail", ""),
        company_name=row.company or "",
        lines=rows.lines.get(stored.entity_id, ()),
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
    return _lines(connection, [deal_id]).get(deal_id, ())


def _lines(connection: sa.Connection, deal_ids: Sequence[int]) -> dict[int, tuple[Line, ...]]:
    table, price = schema.deal_line, schema.price_item
    query = (
        sa.select(table, price.c.key)
        .outerjoin(price, table.c.price_item_id == price.c.id)
        .where(table.c.deal_id.in_(deal_ids))
        .order_by(table.c.deal_id, table.c.position)
    )
    found: dict[int, list[Line]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.deal_id].append(Line(row.key or "", row.title, row.quantity, row.price))
    return {deal_id: tuple(lines) for deal_id, lines in found.items()}


def _points(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Each contact's oldest address and number, by kind."""
    table = schema.contact_point
    query = sa.select(table.c.contact_id, table.c.kind, table.c.value).where(table.c.contact_id.in_(contact_ids))
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for row in connection.execute(query.order_by(table.c.id.desc())):
        found[row.contact_id][row.kind] = row.value
    return found


def _invoices(connection: sa.Connection, deal_ids: Sequence[int]) -> dict[int, Any]:
    """The invoice that stands, the newest of each deal."""
    table = schema.invoice
    query = sa.select(table.c.deal_id, table.c.number, table.c.due_on).where(
        table.c.deal_id.in_(deal_ids), table.c.cancelled_at.is_(None)
    )
    return {row.deal_id: row for row in connection.execute(query.order_by(table.c.id))}
