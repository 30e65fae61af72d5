"""Staff and clients as those who decide and are written to: roles, absences, open work, names and addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.identity_lookup import canonical_ids
from tasks.rules.assignment import Away, Member
from tasks.rules.notify.sms_text import takes_sms
from tasks.rules.office import Language
from tasks.rules.outgoing import Recipient


def person_ref(person_id: int | None) -> str:
    """person:ID, or '' for nobody."""
    return f"person:{person_id}" if person_id else ""


def id_of(ref: str | None) -> int | None:
    """The row id in a ref; None for nobody."""
    return int(ref.partition(":")[2]) if ref else None


def read_staff(connection: sa.Connection) -> dict[str, Member]:
    """Everybody who works here now, by ref."""
    roles: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(sa.select(schema.role_member)):
        roles[row.person_id].add(row.role)
    away: dict[int, list[Away]] = defaultdict(list)
    for row in connection.execute(sa.select(schema.absence).order_by(schema.absence.c.first_day)):
        away[row.person_id].append(Away(row.first_day, row.last_day, person_ref(row.substitute_id)))
    people = connection.execute(sa.select(schema.person).where(schema.person.c.is_active))
    return {
        person_ref(row.id): Member(person_ref(row.id), row.key, row.name, frozenset(roles[row.id]), tuple(away[row.id]))
        for row in people
    }


def open_loads(connection: sa.Connection) -> dict[str, int]:
    """How many open tasks each person has, by ref."""
    task = schema.work_task
    query = (
        sa.select(task.c.person_id, sa.func.count().label("tasks"))
        .where(task.c.state == "open", task.c.person_id.is_not(None))
        .group_by(task.c.person_id)
    )
    return {person_ref(row.person_id): int(row.tasks) for row in connection.execute(query)}


def read_recipients(connection: sa.Connection, refs: Iterable[str]) -> dict[str, Recipient]:
    """How to write to each of `refs` (person:ID, contact:ID); those without a working mail address are left out."""
    wanted = set(refs)
    found: dict[str, Recipient] = {}
    people = [id_of(ref) for ref in wanted if ref.startswith("person:")]
    for row in connection.execute(sa.select(schema.person).where(schema.person.c.id.in_(people))):
        found[person_ref(row.id)] = Recipient(person_ref(row.id), row.name, row.mail, row.language)
    standing = canonical_ids(connection, (int(ref[8:]) for ref in wanted if ref.startswith("contact:")))
    refs_of: dict[int, list[str]] = defaultdict(list)
    for one, standing_id in standing.items():
        refs_of[standing_id].append(f"contact:{one}")
    point, contact = schema.contact_point, schema.contact
    query = (
        sa.select(contact.c.id, contact.c.name, contact.c.language, contact.c.zone, point.c.value)
        .join(point, point.c.contact_id == contact.c.id)
        .where(contact.c.id.in_(list(refs_of)), point.c.kind == "mail", point.c.undeliverable_at.is_(None))
        .order_by(point.c.id)
    )
    for row in connection.execute(query):
        for ref in refs_of[row.id]:
            found.setdefault(ref, Recipient(ref, row.name, row.value, row.language, row.zone or ""))
    return found


def language_of(connection: sa.Connection, ref: str, otherwise: Language) -> Language:
    """The language of a colleague (person:ID), `otherwise` for anybody else."""
    person = schema.person
    if not ref.startswith("person:"):
        return otherwise
    found = connection.scalar(sa.select(person.c.language).where(person.c.id == id_of(ref)))
    return "en" if found == "en" else "ru" if found == "ru" else otherwise


def reachable_contacts(connection: sa.Connection, refs: Iterable[str], *, by_sms: bool = False) -> frozenset[str]:
    """Those of the contacts (refs) who have a mail address that works, or, `by_sms`, a mobile telephone.

    One who was merged into another is reached as that one is.
    """
    ids = sorted({id_of(ref) or 0 for ref in refs})
    if not ids:
        return frozenset()
    point, contact = schema.contact_point, schema.contact
    standing = sa.func.coalesce(contact.c.canonical_id, contact.c.id)
    kinds = ("mail", "phone") if by_sms else ("mail",)
    rows = connection.execute(
        sa.select(contact.c.id, point.c.kind, point.c.value)
        .join(point, point.c.contact_id == standing)
        .where(contact.c.id.in_(ids), point.c.kind.in_(kinds), point.c.undeliverable_at.is_(None))
    )
    found: set[int] = set()
    found.update(row.id for row in rows if row.id not in found and (row.kind == "mail" or takes_sms(row.value)))
    return frozenset(f"contact:{contact_id}" for contact_id in found)
