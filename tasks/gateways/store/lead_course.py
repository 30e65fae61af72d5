"""The course of leads in the store: assigned, taken, qualified, converted or junk, each by compare-and-set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.identity_index import refresh_index
from tasks.gateways.store.process_items import ConflictError
from tasks.gateways.store.search_index import index_companies
from tasks.gateways.store.staff import person_ref


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as it stands; `responsible` is person:ID or '', mail and phone '' when not known."""

    lead_id: int
    number: str
    status: str
    channel: str
    title: str
    person_name: str
    mail: str
    phone: str
    language: str
    responsible: str
    take_due_at: datetime
    taken_at: datetime | None
    created_at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class DueLead:
    """A lead whose open task has passed its due time and nobody was reminded yet."""

    due_at: datetime
    lead_id: int
    task_id: int
    task_key: str


def load_lead(connection: sa.Connection, lead_id: int) -> Lead:
    """One lead. Raises sqlalchemy.exc.NoResultFound when it is not there."""
    row = connection.execute(sa.select(schema.lead).where(schema.lead.c.id == lead_id)).one()
    return Lead(
        lead_id=row.id,
        number=row.number,
        status=row.status,
        channel=row.channel,
        title=row.title,
        person_name=row.person_name,
        mail=row.mail or "",
        phone=row.phone or "",
        language=row.language,
        responsible=person_ref(row.responsible_id),
        take_due_at=row.take_due_at,
        taken_at=row.taken_at,
        created_at=row.created_at,
        revision=row.revision,
    )


def save_lead(connection: sa.Connection, lead: Lead, **values: Any) -> None:
    """Change a lead. Raises ConflictError when it has changed since it was read."""
    table = schema.lead
    result = connection.execute(
        sa.update(table)
        .where(table.c.id == lead.lead_id, table.c.revision == lead.revision)
        .values(revision=lead.revision + 1, **values)
    )
    if result.rowcount != 1:
        raise ConflictError(f"lead {lead.lead_id} was changed meanwhile")


def first_letter(connection: sa.Connection, lead_id: int) -> str:
    """The text of the letter the lead came with; '' when it came by telephone."""
    table = schema.activity
    query = sa.select(table.c.body_text).where(table.c.lead_id == lead_id).order_by(table.c.at, table.c.id).limit(1)
    return connection.scalar(query) or ""


def create_company(connection: sa.Connection, name: str, at: datetime) -> int:
    """Make a company."""
    table = schema.company
    company_id: int = connection.execute(
        sa.insert(table).values(name=name, created_at=at).returning(table.c.id)
    ).scalar_one()
    index_companies(connection, [company_id])
    return company_id


def place_contact(connection: sa.Connection, contact_id: int, company_id: int) -> None:
    """A contact without a company gets one."""
    table = schema.contact
    connection.execute(
        sa.update(table).where(table.c.id == contact_id, table.c.company_id.is_(None)).values(company_id=company_id)
    )
    refresh_index(connection, [contact_id])


def hand_over_history(connection: sa.Connection, lead_id: int, contact_id: int, deal_id: int) -> None:
    """Letters, files and calls of a converted lead belong to its contact and deal from now on."""
    activity, document, call = schema.activity, schema.document, schema.call
    letters = sa.select(activity.c.id).where(activity.c.lead_id == lead_id)
    connection.execute(
        sa.update(activity)
        .where(activity.c.lead_id == lead_id)
        .values(contact_id=sa.func.coalesce(activity.c.contact_id, contact_id), deal_id=deal_id)
    )
    connection.execute(sa.update(document).where(document.c.activity_id.in_(letters)).values(deal_id=deal_id))
    connection.execute(
        sa.update(call).where(call.c.lead_id == lead_id, call.c.contact_id.is_(None)).values(contact_id=contact_id)
    )


def next_lead_clock(connection: sa.Connection, skipped: set[str]) -> DueLead | None:
    """The open lead task that is due first and not overdue yet; `skipped` items (lead:ID) wait for a person."""
    table = schema.work_task
    held = [int(item.partition(":")[2]) for item in skipped if item.startswith("lead:")]
    query = (
        sa.select(table.c.due_at, table.c.entity_id, table.c.id, table.c.key)
        .where(table.c.entity == "lead", table.c.state == "open", table.c.overdue_at.is_(None))
        .where(table.c.due_at.is_not(None), table.c.entity_id.not_in(held))
        .order_by(table.c.due_at, table.c.id)
        .limit(1)
    )
    row = connection.execute(query).first()
    return DueLead(row.due_at, row.entity_id, row.id, row.key) if row else None
