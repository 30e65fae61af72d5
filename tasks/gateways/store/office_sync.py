"""The office folder into the store: who works here, who the clients are, what things cost, which papers expire.

Rows are found by their keys and kept for ever, because history points at them; what the folder no longer
names is made inactive. Nothing is touched while the folder says what it said last: ports, passwords' names and
wordings are no matter of the store, so changing them changes nothing here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.client_sync import sync_clients
from tasks.gateways.store.connection import Turn, insert, take_turn
from tasks.gateways.store.events import NewEvent, record_events
from tasks.gateways.store.qualifications import keep_form
from tasks.gateways.store.upserts import ids_by_key, switch_off_missing, upsert
from tasks.rules.mail_address import canonical_mail
from tasks.rules.office import Office

_SOURCE = "office"
_KEPT = 8
_digests: dict[str, str] = {}


def sync_office(connection: sa.Connection, office: Office, now: datetime) -> bool:
    """Bring the store to what the office folder says; False when it says nothing new.

    The caller holds the write transaction. A renewed paper (another `valid_until`) starts a new term, with an event.
    """
    digest = _stored_digest(office)
    if _last_synced(connection).get("digest") == digest:
        return False
    take_turn(connection, Turn.OFFICE_SYNC)
    seen = _last_synced(connection)
    if seen.get("digest") == digest:
        return False
    people = _sync_people(connection, office)
    sync_clients(connection, office.clients, people, now)
    _sync_prices(connection, office)
    _sync_registers(connection, office, people, now)
    keep_form(connection, office.qualification, now)
    _remember(connection, digest, seen.get("version", 0) + 1, now)
    return True


def _last_synced(connection: sa.Connection) -> dict[str, Any]:
    cursor = schema.source_cursor
    return connection.scalar(sa.select(cursor.c.position).where(cursor.c.source == _SOURCE)) or {}


def _stored_digest(office: Office) -> str:
    """Hash of what goes into the store, kept for the offices last seen."""
    if office.digest not in _digests:
        if len(_digests) >= _KEPT:
            _digests.clear()
        content = (
            office.people,
            office.clients,
            office.prices,
            office.registers,
            office.currency,
            office.qualification,
        )
        _digests[office.digest] = hashlib.sha256(repr(content).encode()).hexdigest()
    return _digests[office.digest]


def _remember(connection: sa.Connection, digest: str, version: int, now: datetime) -> None:
    row = {"source": _SOURCE, "position": {"digest": digest, "version": version}, "updated_at": now}
    upsert(connection, schema.source_cursor, ("source",), [row])
    changed = NewEvent(
        f"office.changed:{version}", now, "office", version, "office.changed", "folder", {"digest": digest}
    )
    record_events(connection, [changed])


def _sync_people(connection: sa.Connection, office: Office) -> dict[str, int]:
    """Staff, roles and absences. Returns person key → id."""
    rows = [
        {
            "key": person.key,
            "name": person.name,
            "mail": canonical_mail(person.mail) or person.mail,
            "phone": person.phone or None,
            "extension": person.extension or None,
            "language": person.language,
            "is_active": True,
            "jid": person.jid or None,
            "takes_sms": person.takes_sms,
            "is_user": person.is_user,
        }
        for person in office.people
    ]
    _free_mails(connection, {str(row["key"]): str(row["mail"]) for row in rows})
    switch_off_missing(connection, schema.person, schema.person.c.key.not_in([row["key"] for row in rows]))
    upsert(connection, schema.person, ("key",), rows)
    ids = ids_by_key(connection, schema.person)
    _replace_roles(connection, office, ids)
    _replace_absences(connection, office, ids)
    return ids


def _free_mails(connection: sa.Connection, mails: Mapping[str, str]) -> None:
    """Let go of addresses that now belong to another person (two may have swapped theirs): the address is unique."""
    table = schema.person
    taken = connection.execute(sa.select(table.c.id, table.c.key, table.c.mail).where(table.c.mail.in_(mails.values())))
    for row in taken.all():
        if mails.get(row.key) != row.mail:
            connection.execute(sa.update(table).where(table.c.id == row.id).values(mail=f"former:{row.key}:{row.mail}"))


def _replace_roles(connection: sa.Connection, office: Office, ids: Mapping[str, int]) -> None:
    wanted = [{"role": role, "person_id": ids[person.key]} for person in office.people for role in person.roles]
    connection.execute(sa.delete(schema.role_member))
    if wanted:
        connection.execute(insert(connection, schema.role_member), wanted)


def _replace_absences(connection: sa.Connection, office: Office, ids: Mapping[str, int]) -> None:
    """Past absences that the folder dropped are dropped here too: the folder is the chart."""
    rows = [
        {
            "person_id": ids[person.key],
            "first_day": away.first_day,
            "last_day": away.last_day,
            "kind": away.kind,
            "substitute_id": ids.get(away.substitute),
        }
        for person in office.people
        for away in person.absences
    ]
    upsert(connection, schema.absence, ("person_id", "first_day"), rows)
    named = {(row["person_id"], row["first_day"]) for row in rows}
    known = connection.execute(sa.select(schema.absence)).all()
    dropped = [row.id for row in known if not row.is_registered and (row.person_id, row.first_day) not in named]
    if dropped:
        connection.execute(sa.delete(schema.absence).where(schema.absence.c.id.in_(dropped)))


def _sync_prices(connection: sa.Connection, office: Office) -> None:
    rows = [
        {
            "key": item.key,
            "title": item.title,
            "price": item.price,
            "currency": office.currency,
            "unit": item.unit,
            "is_active": True,
        }
        for item in office.prices
    ]
    upsert(connection, schema.price_item, ("key",), rows)
    switch_off_missing(connection, schema.price_item, schema.price_item.c.key.not_in([row["key"] for row in rows]))


def _sync_registers(connection: sa.Connection, office: Office, people: Mapping[str, int], now: datetime) -> None:
    table = schema.register_entry
    before = {(row.register, row.number): row.term_version for row in connection.execute(sa.select(table))}
    rows = _register_rows(connection, office, people)
    renewed = sa.case(
        (table.c.valid_until != insert(connection, table).excluded.valid_until, table.c.term_version + 1),
        else_=table.c.term_version,
    )
    upsert(connection, table, ("register", "number"), rows, term_version=renewed)
    named = {(row["register"], row["number"]) for row in rows}
    missing = []
    events = []
    for row in connection.execute(sa.select(table)).all():
        key = (row.register, row.number)
        if key not in named:
            missing.append(row.id)
        elif before.get(key, row.term_version) != row.term_version:
            events.append(_renewed(row, now))
    for start in range(0, len(missing), 500):
        switch_off_missing(connection, table, table.c.id.in_(missing[start : start + 500]))
    record_events(connection, events)


def _register_rows(connection: sa.Connection, office: Office, people: Mapping[str, int]) -> Sequence[dict[str, Any]]:
    contact = schema.contact
    holders = {
        row.key: row
        for row in connection.execute(
            sa.select(
                contact.c.key, sa.func.coalesce(contact.c.canonical_id, contact.c.id).label("id"), contact.c.company_id
            ).where(contact.c.key.is_not(None))
        )
    }
    return [
        {
            "register": register.key,
            "number": entry.number,
            "title": entry.title,
            "contact_id": holders[entry.holder].id,
            "company_id": holders[entry.holder].company_id,
            "responsible_id": people.get(entry.responsible),
            "issued_on": entry.issued_on,
            "valid_until": entry.valid_until,
            "is_active": True,
        }
        for register in office.registers
        for entry in register.entries
    ]


def _renewed(row: Any, now: datetime) -> NewEvent:
    return NewEvent(
        key=f"register_entry.renewed:{row.id}:{row.term_version}",
        at=now,
        entity="register_entry",
        entity_id=row.id,
        kind="register_entry.renewed",
        actor="folder",
        data={"valid_until": row.valid_until.isoformat(), "term_version": row.term_version},
    )
