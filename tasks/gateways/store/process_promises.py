"""What chains have promised outside the office: calendar entries and numbered papers, moved or taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.gateways.store.numerators import next_numbers

_PREFIXES = {"invoice": "INV", "act": "ACT", "order": "ORD"}


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """An invitation: of which promise, to whom (a ref), when and what about."""

    item_id: int
    uid: str
    who: str
    at: datetime
    title: str


def plan_entry(connection: sa.Connection, entry: PlannedEntry, now: datetime, cause_id: int) -> None:
    """Invite once per promise and person; the same promise again moves the entry, and its sequence grows."""
    table = schema.calendar_entry
    key = f"{entry.uid}:{entry.who}"
    statement = insert(connection, table)
    changed = {
        "at": entry.at,
        "title": entry.title,
        "state": "planned",
        "sequence": table.c.sequence + 1,
        "changed_at": now,
        "cause_event_id": cause_id,
    }
    row = {
        "key": key,
        "item_id": entry.item_id,
        "uid": entry.uid,
        "who": entry.who,
        "at": entry.at,
        "title": entry.title,
        "state": "planned",
        "changed_at": now,
        "cause_event_id": cause_id,
    }
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_=changed,
            where=sa.or_(table.c.at != entry.at, table.c.title != entry.title, table.c.state != "planned"),
        ),
        [row],
    )


def cancel_entries(
    connection: sa.Connection,
    item_id: int,
    now: datetime,
    cause_id: int,
    *,
    uid: str = "",
    at: datetime | None = None,
    kept: frozenset[str] = frozenset(),
) -> int:
    """Take back an item's entries: of the promise `uid`, or for the time `at`; how many stood."""
    table = schema.calendar_entry
    which = table.c.uid == uid if uid else table.c.at == at
    result = connection.execute(
        sa.update(table)
        .where(table.c.item_id == item_id, table.c.state == "planned", which, table.c.who.not_in(kept))
        .values(state="cancelled", sequence=table.c.sequence + 1, changed_at=now, cause_event_id=cause_id)
    )
    return result.rowcount


def issue_invoice(
    connection: sa.Connection, deal_id: int, uid: str, *, amount: Decimal, currency: str, at: datetime, due_on: date
) -> str:
    """Issue a deal's invoice and give its number; one that stood under the same promise is cancelled first."""
    table = schema.invoice
    cancel_papers(connection, uid, at)
    number = next_numbers(connection, "invoice", _PREFIXES["invoice"])[0]
    row = {"number": number, "deal_id": deal_id, "amount": amount, "currency": currency, "issued_at": at, "uid": uid}
    connection.execute(sa.insert(table).values(**row, due_on=due_on))
    return number


def issue_paper(
    connection: sa.Connection, item_id: int, kind: str, uid: str, key: str, facts: Mapping[str, Any], at: datetime
) -> str:
    """Make a numbered paper from the item's fields and give its number; see `issue_invoice`."""
    cancel_papers(connection, uid, at)
    number = next_numbers(connection, kind, _PREFIXES[kind])[0]
    row = {"key": key, "number": number, "kind": kind, "item_id": item_id, "uid": uid, "issued_at": at}
    connection.execute(sa.insert(schema.issued_paper).values(**row, facts=dict(facts)))
    return number


def cancel_papers(connection: sa.Connection, uid: str, at: datetime) -> int:
    """Take back what stands under a promise; a paid invoice stays paid. How many were cancelled."""
    invoice, paper = schema.invoice, schema.issued_paper
    unpaid = sa.update(invoice).where(
        invoice.c.uid == uid, invoice.c.uid != "", invoice.c.cancelled_at.is_(None), invoice.c.paid_at.is_(None)
    )
    standing = sa.update(paper).where(paper.c.uid == uid, paper.c.cancelled_at.is_(None))
    return sum(connection.execute(one.values(cancelled_at=at)).rowcount for one in (unpaid, standing))


def settle_invoice(connection: sa.Connection, number: str, at: datetime) -> int:
    """The invoice is paid; the first payment counts. 1 when it was this one."""
    table = schema.invoice
    return connection.execute(
        sa.update(table).where(table.c.number == number, table.c.paid_at.is_(None)).values(paid_at=at)
    ).rowcount


def invoice_due_on(connection: sa.Connection, number: str) -> date | None:
    """Until when an invoice is to be paid; None when there is no such invoice."""
    return connection.scalar(sa.select(schema.invoice.c.due_on).where(schema.invoice.c.number == number))
