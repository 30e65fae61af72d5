"""Deals in the store: opened once per lead, and kept as a picture of their item, so that lists and reports are true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.numerators import next_numbers
from tasks.gateways.store.process_items import StoredItem
from tasks.gateways.store.staff import id_of
from tasks.rules.process.values import Line

_PEOPLE = ("manager", "dispatcher", "executor")


@dataclass(frozen=True, slots=True)
class NewDeal:
    """A deal to open; `lead_id` None: for a known client. Its item begins in the same transaction."""

    process: str
    stage: str
    title: str
    lead_id: int | None
    contact_id: int
    company_id: int | None
    currency: str
    at: datetime


def open_deal(connection: sa.Connection, deal: NewDeal) -> tuple[int, str]:
    """Open and number a deal: its row id and number. The lead's uniqueness refuses a second one."""
    number = next_numbers(connection, "deal", "D")[0]
    row = {
        "number": number,
        "pipeline": deal.process,
        "stage": deal.stage,
        "stage_entered_at": deal.at,
        "title": deal.title,
        "lead_id": deal.lead_id,
        "contact_id": deal.contact_id,
        "company_id": deal.company_id,
        "currency": deal.currency,
        "created_at": deal.at,
    }
    deal_id: int = connection.execute(sa.insert(schema.deal).values(row).returning(schema.deal.c.id)).scalar_one()
    return deal_id, number


def project_deal(connection: sa.Connection, stored: StoredItem, cost: Decimal | None, at: datetime) -> None:
    """Show in the deal what its item has come to at `at`: people, positions, amount, stage and end."""
    table, item = schema.deal, stored.item
    people = {f"{name}_id": _person(item.fields.get(name)) for name in _PEOPLE}
    client = str(item.fields.get("client") or "")
    connection.execute(
        sa.update(table)
        .where(table.c.id == stored.entity_id)
        .values(
            pipeline=stored.process,
            stage=item.stage,
            stage_entered_at=item.entered_at,
            status_text=stored.status_text,
            amount=cost or Decimal(0),
            outcome=item.outcome,
            ended_at=sa.func.coalesce(table.c.ended_at, sa.literal(at, table.c.ended_at.type))
            if item.outcome
            else None,
            **people,
            **({"contact_id": id_of(client)} if client.startswith("contact:") else {}),
        )
    )


def show_in_deal(connection: sa.Connection, deal_id: int, status_text: str) -> None:
    """The order has ended: what its sub-process has come to is what people see of the deal."""
    table = schema.deal
    connection.execute(
        sa.update(table).where(table.c.id == deal_id, table.c.outcome.is_not(None)).values(status_text=status_text)
    )


def _person(ref: object) -> int | None:
    """The row of a member of staff; executors are often contacts, who have no column here."""
    return id_of(ref) if isinstance(ref, str) and ref.startswith("person:") else None


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


def number_of(connection: sa.Connection, deal_id: int) -> str:
    """The public number of a deal, '' when there is none."""
    return connection.scalar(sa.select(schema.deal.c.number).where(schema.deal.c.id == deal_id)) or ""
