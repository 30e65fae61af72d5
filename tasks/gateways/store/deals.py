"""Deals in the store: opened once per lead, read whole, saved by compare-and-set, invoiced and paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.numerators import next_numbers
from tasks.gateways.store.staff import id_of, person_ref
from tasks.rules.pipeline_parts import Line
from tasks.rules.pipeline_state import Item, Owed

# fields of the pipeline that have a column (or a table) of their own
_PEOPLE = ("manager", "dispatcher", "executor")
_OWN_PLACE = frozenset({"number", "client", "lines", "cost", *_PEOPLE})


class ConflictError(Exception):
    """Another worker changed the row first; read it again."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as the engine's item, with what stands around it. Phone and mail are '' when not known."""

    item: Item
    number: str
    pipeline: str
    version: int
    title: str
    client_name: str
    client_phone: str
    client_mail: str
    company_name: str
    currency: str
    status_text: str
    invoice_due_on: date | None
    revision: int


@dataclass(frozen=True, slots=True)
class NewDeal:
    """A deal to open at its pipeline's first stage. `fields` are the pipeline's, persons as refs."""

    pipeline: str
    version: int
    stage: str
    status_text: str
    title: str
    lead_id: int
    contact_id: int
    company_id: int | None
    currency: str
    fields: Mapping[str, Any]
    at: datetime


def open_deal(connection: sa.Connection, deal: NewDeal) -> int:
    """Open and number a deal; its row id. The lead's uniqueness refuses a second one."""
    row = {
        "number": next_numbers(connection, "deal", "D")[0],
        "pipeline": deal.pipeline,
        "pipeline_version": deal.version,
        "stage": deal.stage,
        "stage_entered_at": deal.at,
        "status_text": deal.status_text,
        "title": deal.title,
        "lead_id": deal.lead_id,
        "contact_id": deal.contact_id,
        "company_id": deal.company_id,
        "currency": deal.currency,
        "created_at": deal.at,
    } | _columns(deal.fields)
    deal_id: int = connection.execute(sa.insert(schema.deal).values(row).returning(schema.deal.c.id)).scalar_one()
    replace_lines(connection, deal_id, deal.fields.get("lines") or ())
    return deal_id


def load_deal(connection: sa.Connection, deal_id: int) -> Deal:
    """One deal with its work, lines and client. Raises sqlalchemy.exc.NoResultFound when it is not there."""
    deal, contact, company, invoice = schema.deal, schema.contact, schema.company, schema.invoice
    query = (
        sa.select(
            deal, contact.c.name.label("client"), company.c.name.label("company"), invoice.c.due_on.label("pay_by")
        )
        .join(contact, deal.c.contact_id == contact.c.id)
        .outerjoin(company, deal.c.company_id == company.c.id)
        .outerjoin(invoice, invoice.c.deal_id == deal.c.id)
        .where(deal.c.id == deal_id)
    )
    row = connection.execute(query).one()
    points = _points(connection, row.contact_id)
    return Deal(
        item=_item(connection, row),
        number=row.number,
        pipeline=row.pipeline,
        version=row.pipeline_version,
        title=row.title,
        client_name=row.client,
        client_phone=points.get("phone", ""),
        client_mail=points.get("mail", ""),
        company_name=row.company or "",
        currency=row.currency,
        status_text=row.status_text,
        invoice_due_on=row.pay_by,
        revision=row.revision,
    )


def save_deal(
    connection: sa.Connection, deal: Deal, item: Item, *, cost: Decimal, next_due_at: datetime | None, status_text: str
) -> None:
    """Save the item a chain has left. Raises ConflictError when the deal has changed since it was read."""
    table = schema.deal
    ended = {"outcome": item.outcome, "ended_at": item.entered_at} if item.outcome and not deal.item.outcome else {}
    result = connection.execute(
        sa.update(table)
        .where(table.c.id == item.entity_id, table.c.revision == deal.revision)
        .values(
            stage=item.stage,
            visit=item.visit,
            stage_entered_at=item.entered_at,
            fired=sorted(item.fired),
            amount=cost,
            next_due_at=next_due_at,
            status_text=status_text,
            revision=deal.revision + 1,
            **_columns(item.fields),
            **ended,
        )
    )
    if result.rowcount != 1:
        raise ConflictError(f"deal {item.entity_id} was changed meanwhile")
    if item.fields.get("lines") != deal.item.fields.get("lines"):
        replace_lines(connection, item.entity_id, item.fields.get("lines") or ())


def replace_lines(connection: sa.Connection, deal_id: int, lines: tuple[Line, ...]) -> None:
    """The positions of a deal, in order; those of the price list are linked to it."""
    table, price = schema.deal_line, schema.price_item
    connection.execute(sa.delete(table).where(table.c.deal_id == deal_id))
    keys = [line.price_key for line in lines if line.price_key]
    found = connection.execute(sa.select(price.c.key, price.c.id).where(price.c.key.in_(keys)))
    ids = {row.key: row.id for row in found}
    rows = [
        {
            "deal_id": deal_id,
            "position": position,
            "price_item_id": ids.get(line.price_key),
            "title": line.title,
            "quantity": line.quantity,
            "price": line.price,
            "amount": line.amount,
        }
        for position, line in enumerate(lines, start=1)
    ]
    if rows:
        connection.execute(sa.insert(table), rows)


def next_deal_clock(connection: sa.Connection, skipped: set[str]) -> tuple[datetime, int] | None:
    """The deal whose clock is due first, as (due, deal id); `skipped` items (deal:ID) wait for a person."""
    table = schema.deal
    held = [int(item.partition(":")[2]) for item in skipped if item.startswith("deal:")]
    query = (
        sa.select(table.c.next_due_at, table.c.id)
        .where(table.c.next_due_at.is_not(None), table.c.id.not_in(held))
        .order_by(table.c.next_due_at, table.c.id)
        .limit(1)
    )
    row = connection.execute(query).first()
    return (row.next_due_at, row.id) if row else None


def issue_invoice(
    connection: sa.Connection, deal_id: int, *, amount: Decimal, currency: str, at: datetime, due_on: date
) -> str:
    """Issue the deal's invoice and give its number; a second one is refused by the store."""
    number = next_numbers(connection, "invoice", "INV")[0]
    row = {"number": number, "deal_id": deal_id, "amount": amount, "currency": currency, "issued_at": at}
    connection.execute(sa.insert(schema.invoice).values(**row, due_on=due_on))
    return number


def settle_invoice(connection: sa.Connection, deal_id: int, at: datetime) -> None:
    """The deal's invoice is paid; the first payment counts."""
    table = schema.invoice
    connection.execute(sa.update(table).where(table.c.deal_id == deal_id, table.c.paid_at.is_(None)).values(paid_at=at))


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    people = {f"{name}_id": id_of(fields.get(name)) for name in _PEOPLE}
    rest = {name: value for name, value in fields.items() if name not in _OWN_PLACE and value is not None}
    return people | {"fields": {name: list(v) if isinstance(v, tuple) else v for name, v in rest.items()}}


def _item(connection: sa.Connection, row: Any) -> Item:
    own = {"number": row.number, "client": f"contact:{row.contact_id}", "lines": _lines(connection, row.id)}
    people = {name: person_ref(getattr(row, f"{name}_id")) or None for name in _PEOPLE}
    rest = {name: tuple(value) if isinstance(value, list) else value for name, value in row.fields.items()}
    return Item(
        entity_id=row.id,
        stage=row.stage,
        visit=row.visit,
        entered_at=row.stage_entered_at,
        fields=rest | people | own,
        owed=_owed(connection, row.id),
        fired=frozenset(row.fired),
        outcome=row.outcome,
    )


def _lines(connection: sa.Connection, deal_id: int) -> tuple[Line, ...]:
    table, price = schema.deal_line, schema.price_item
    query = (
        sa.select(table, price.c.key)
        .outerjoin(price, table.c.price_item_id == price.c.id)
        .where(table.c.deal_id == deal_id)
        .order_by(table.c.position)
    )
    return tuple(Line(row.key or "", row.title, row.quantity, row.price) for row in connection.execute(query))


def _owed(connection: sa.Connection, deal_id: int) -> tuple[Owed, ...]:
    table = schema.work_task
    query = sa.select(table).where(table.c.entity == "deal", table.c.entity_id == deal_id).order_by(table.c.id)
    return tuple(
        Owed(
            name=row.name,
            round=row.round,
            owner=person_ref(row.person_id) or f"contact:{row.contact_id}",
            state=row.state,
            due_at=row.due_at,
            is_overdue=row.overdue_at is not None,
            is_begun=row.begun_at is not None,
            task_id=row.id,
        )
        for row in connection.execute(query)
    )


def _points(connection: sa.Connection, contact_id: int) -> dict[str, str]:
    table = schema.contact_point
    rows = connection.execute(sa.select(table).where(table.c.contact_id == contact_id).order_by(table.c.id.desc()))
    return {row.kind: row.value for row in rows}
