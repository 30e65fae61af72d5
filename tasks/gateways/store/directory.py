"""Everybody who can be told something by name: staff with roles, client groups, and the contacts that words name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.staff import person_ref
from tasks.rules.mail_address import canonical_mail
from tasks.rules.notify.recipients import Colleague, Directory


def read_directory(connection: sa.Connection, roles: Iterable[str], words: Iterable[str]) -> Directory:
    """The staff who work here, the client groups, and those of `words` that are a contact's key or mail address."""
    return Directory(_staff(connection), tuple(roles), _groups(connection), _contacts(connection, words))


def _staff(connection: sa.Connection) -> tuple[Colleague, ...]:
    roles: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(sa.select(schema.role_member)):
        roles[row.person_id].add(row.role)
    person = schema.person
    rows = connection.execute(sa.select(person).where(person.c.is_active).order_by(person.c.id))
    return tuple(Colleague(person_ref(r.id), r.key, r.name, r.mail, frozenset(roles[r.id])) for r in rows)


def _groups(connection: sa.Connection) -> dict[str, tuple[str, ...]]:
    group, company, contact = schema.client_group, schema.company, schema.contact
    query = (
        sa.select(group.c.key, contact.c.id)
        .outerjoin(company, company.c.client_group_id == group.c.id)
        .outerjoin(contact, contact.c.company_id == company.c.id)
        .order_by(group.c.key, contact.c.id)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.key.lower()] += [f"contact:{row.id}"] if row.id else []
    return {key: tuple(refs) for key, refs in found.items()}


def _contacts(connection: sa.Connection, words: Iterable[str]) -> dict[str, str]:
    said = {word.strip().lower() for word in words if word.strip()}
    contact, point = schema.contact, schema.contact_point
    keyed = connection.execute(sa.select(contact.c.key, contact.c.id).where(contact.c.key.in_(said)))
    found = {row.key: f"contact:{row.id}" for row in keyed}
    mails = {canonical_mail(word) or word: word for word in said if "@" in word}
    named = sa.select(point.c.value, point.c.contact_id).where(point.c.kind == "mail", point.c.value.in_(mails))
    return found | {mails[row.value]: f"contact:{row.contact_id}" for row in connection.execute(named)}
