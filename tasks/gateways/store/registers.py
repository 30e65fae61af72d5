"""Papers that expire, who answers for them, and what has been told about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.rules.ladder import Reminder
from tasks.rules.outgoing import Recipient

_CHUNK = 400
Told = dict[tuple[int, int], set[tuple[int, str]]]


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One register entry with its holder; the ids are None where nobody stands."""

    entry_id: int
    register: str
    number: str
    title: str
    holder: str
    valid_until: date
    term_version: int
    contact_id: int | None
    responsible_id: int | None
    manager_id: int | None


@dataclass(frozen=True, slots=True)
class Staff:
    """Who can be told today: `stand_in` maps every active person to whoever reads for them (None: nobody does)."""

    people: dict[int, Recipient]
    stand_in: dict[int, int | None]
    chiefs: tuple[int, ...]


def entries_ending(connection: sa.Connection, register: str, until: date) -> list[EntryFacts]:
    """Active entries of a register whose last day of validity is `until` or earlier."""
    entry, contact, company = schema.register_entry, schema.contact, schema.company
    own_company = sa.func.coalesce(contact.c.company_id, entry.c.company_id)
    query = (
        sa.select(
            entry.c.id.label("entry_id"),
            entry.c.register,
            entry.c.number,
            entry.c.title,
            sa.func.coalesce(company.c.name, contact.c.name, "").label("holder"),
            entry.c.valid_until,
            entry.c.term_version,
            entry.c.contact_id,
            entry.c.responsible_id,
            sa.func.coalesce(contact.c.manager_id, company.c.manager_id).label("manager_id"),
        )
        .select_from(
            entry.outerjoin(contact, entry.c.contact_id == contact.c.id).outerjoin(company, company.c.id == own_company)
        )
        .where(entry.c.register == register, entry.c.is_active, entry.c.valid_until <= until)
        .order_by(entry.c.valid_until, entry.c.id)
    )
    return [EntryFacts(**row._mapping) for row in connection.execute(query)]


def told_stages(connection: sa.Connection, register: str) -> Told:
    """(entry, term) → the (stage days, recipient) settled in it, for the present terms of a register."""
    entry, reminder = schema.register_entry, schema.reminder
    query = (
        sa.select(reminder.c.register_entry_id, reminder.c.term_version, reminder.c.stage_days, reminder.c.recipient)
        .join(entry, entry.c.id == reminder.c.register_entry_id)
        .where(entry.c.register == register, reminder.c.term_version == entry.c.term_version)
    )
    told: Told = defaultdict(set)
    for row in connection.execute(query):
        told[row.register_entry_id, row.term_version].add((row.stage_days, row.recipient))
    return told


def staff_on(connection: sa.Connection, day: date) -> Staff:
    """Active staff, and who stands in for whom on `day`: substitutes of substitutes too."""
    person, absence, role = schema.person, schema.absence, schema.role_member
    people = {
        row.id: Recipient(f"person:{row.id}", row.name, row.mail, row.language)
        for row in connection.execute(sa.select(person).where(person.c.is_active))
    }
    is_away = sa.and_(absence.c.first_day <= day, absence.c.last_day >= day)
    away = {row.person_id: row.substitute_id for row in connection.execute(sa.select(absence).where(is_away))}
    chiefs = connection.scalars(sa.select(role.c.person_id).where(role.c.role == "chief").order_by(role.c.person_id))
    stand_in = {person_id: _reader(person_id, away, people) for person_id in people}
    return Staff(people, stand_in, tuple(chief for chief in chiefs if chief in people))


def _reader(person_id: int, away: dict[int, int | None], people: dict[int, Recipient]) -> int | None:
    seen: set[int] = set()
    reader: int | None = person_id
    while reader in away and reader not in seen:
        seen.add(reader)
        reader = away[reader]
    return reader if reader in people and reader not in away else None


def mail_of_contacts(connection: sa.Connection, contact_ids: Iterable[int]) -> dict[int, Recipient]:
    """Contacts that can be written to: the first address of each that has not bounced."""
    contact, point = schema.contact, schema.contact_point
    wanted = sorted(set(contact_ids))
    found: dict[int, Recipient] = {}
    for start in range(0, len(wanted), _CHUNK):
        query = (
            sa.select(contact.c.id, contact.c.name, contact.c.language, contact.c.zone, point.c.value)
            .join(point, point.c.contact_id == contact.c.id)
            .where(
                contact.c.id.in_(wanted[start : start + _CHUNK]),
                point.c.kind == "mail",
                point.c.undeliverable_at.is_(None),
            )
            .order_by(point.c.id)
        )
        for row in connection.execute(query):
            to = Recipient(f"contact:{row.id}", row.name, row.value, row.language, row.zone or "")
            found.setdefault(row.id, to)
    return found


def settle_reminders(connection: sa.Connection, reminders: Sequence[Reminder], now: datetime) -> list[Reminder]:
    """Write reminders down, once per (entry, term, stage, recipient); returns those that were new, so ours to tell."""
    if not reminders:
        return []
    table = schema.reminder
    keys = (table.c.register_entry_id, table.c.term_version, table.c.stage_days, table.c.recipient)
    statement = insert(connection, table).on_conflict_do_nothing().returning(*keys)
    rows = [
        {
            "register_entry_id": one.entry_id,
            "term_version": one.term_version,
            "stage_days": one.stage_days,
            "recipient": one.recipient,
            "planned_at": now,
            "late_days": one.late_days,
        }
        for one in reminders
    ]
    new = {tuple(row) for row in connection.execute(statement, rows)}
    return [one for one in reminders if (one.entry_id, one.term_version, one.stage_days, one.recipient) in new]


def link_reminders(connection: sa.Connection, reminders: Sequence[Reminder], outbox_id: int | None) -> None:
    """Say by which mail they were told; None takes them back, because no mail could be written."""
    table = schema.reminder
    for one in reminders:
        which = (
            table.c.register_entry_id == one.entry_id,
            table.c.term_version == one.term_version,
            table.c.stage_days == one.stage_days,
            table.c.recipient == one.recipient,
        )
        if outbox_id is None:
            connection.execute(sa.delete(table).where(*which))
        else:
            connection.execute(sa.update(table).where(*which).values(outbox_id=outbox_id))
