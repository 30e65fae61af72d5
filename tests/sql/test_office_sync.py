"""The office folder reaches the store once per change, and a renewed paper starts a new term."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.gateways.office_folder import load_office
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import create_contact, find_contacts, find_staff
from tasks.gateways.store.office_sync import sync_office
from tasks.rules.office import Client, ClientContact, Office

NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
TABLES = (
    *(schema.person, schema.role_member, schema.absence, schema.client_group, schema.company, schema.contact),
    *(schema.contact_point, schema.price_item, schema.register_entry, schema.event, schema.source_cursor),
)


@pytest.fixture
def office() -> Office:
    return load_office(Path(__file__).resolve().parents[2] / "deployments" / "office")


def _sync(engine: sa.Engine, office: Office) -> bool:
    with writing(engine) as connection:
        return sync_office(connection, office, NOON)


def _rows(engine: sa.Engine) -> dict[str, list[Any]]:
    with reading(engine) as connection:
        return {
            table.name: sorted(map(repr, (tuple(row) for row in connection.execute(sa.select(table)))))
            for table in TABLES
        }


def _entry(engine: sa.Engine, number: str) -> Any:
    table = schema.register_entry
    with reading(engine) as connection:
        return connection.execute(sa.select(table).where(table.c.number == number)).one()


def _changed(office: Office, digest: str, **changes: Any) -> Office:
    return replace(office, digest=digest, **changes)


def _with_entry(office: Office, number: str, **changes: Any) -> tuple[Any, ...]:
    return tuple(
        replace(r, entries=tuple(replace(e, **changes) if e.number == number else e for e in r.entries))
        for r in office.registers
    )


def test_the_second_time_nothing_changes(engine: sa.Engine, office: Office) -> None:
    assert _sync(engine, office)
    first = _rows(engine)
    assert not _sync(engine, office)
    assert not _sync(engine, _changed(office, "another port"))
    assert _rows(engine) == first


def test_of_two_at_once_the_second_finds_it_done(engine: sa.Engine, office: Office) -> None:
    together = Barrier(2)

    def sync(_number: int) -> bool:
        together.wait()
        return _sync(engine, office)

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(sync, range(2))) == [False, True]
    with reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.max(schema.person.c.id))) == len(office.people)


def test_bringing_in_the_same_office_again_changes_no_row(engine: sa.Engine, office: Office) -> None:
    _sync(engine, office)
    first = _rows(engine)
    with writing(engine) as connection:
        connection.execute(sa.delete(schema.source_cursor))
    assert _sync(engine, office)
    assert _rows(engine) == first


def test_everything_of_the_folder_is_there(engine: sa.Engine, office: Office) -> None:
    _sync(engine, office)
    rows = _rows(engine)
    assert len(rows["person"]) == len(office.people)
    assert len(rows["company"]) == sum(not client.is_private for client in office.clients)
    assert len(rows["contact"]) == sum(len(client.contacts) for client in office.clients)
    assert len(rows["register_entry"]) == sum(len(register.entries) for register in office.registers)
    with reading(engine) as connection:
        assert "olga@north-service.example" in find_staff(connection)
        company = find_contacts(connection, "mail", ["gromova@client-polyus.example"])["gromova@client-polyus.example"]
        private = find_contacts(connection, "phone", ["+79000000230"])["+79000000230"]
        away = connection.execute(sa.select(schema.absence).where(schema.absence.c.first_day == date(2026, 11, 16)))
        substitute = away.one().substitute_id
        olga = connection.scalar(sa.select(schema.person.c.id).where(schema.person.c.key == "olga"))
    assert company.company_id is not None
    assert company.manager_id is not None
    assert private.company_id is None
    assert private.manager_id is not None
    assert substitute == olga


def test_a_renewal_starts_a_new_term_once(engine: sa.Engine, office: Office) -> None:
    number = "ИМ-2025-004410"
    _sync(engine, office)
    registers = _with_entry(office, number, valid_until=date(2027, 11, 24))
    renewed = _changed(office, "renewed", registers=registers)
    assert _sync(engine, renewed)
    assert not _sync(engine, renewed)
    assert (_entry(engine, number).term_version, _entry(engine, number).valid_until) == (2, date(2027, 11, 24))
    retitled = _changed(office, "retitled", registers=_with_entry(renewed, number, title="Другое имя"))
    _sync(engine, retitled)
    assert _entry(engine, number).term_version == 2
    assert _entry(engine, "ОПО-2025-000240").term_version == 1
    with reading(engine) as connection:
        kinds = connection.scalars(sa.select(schema.event.c.kind)).all()
    assert kinds.count("register_entry.renewed") == 1


def test_what_the_folder_drops_becomes_inactive_and_comes_back(engine: sa.Engine, office: Office) -> None:
    number = office.registers[0].entries[0].number
    first, *others = office.registers
    fewer = _changed(
        office,
        "fewer",
        registers=(replace(first, entries=first.entries[1:]), *others),
        people=tuple(person for person in office.people if person.key != "timur"),
        prices=office.prices[1:],
    )
    _sync(engine, office)
    _sync(engine, fewer)
    timur, item = schema.person.c.key == "timur", schema.price_item.c.key == office.prices[0].key
    with reading(engine) as connection:
        assert not connection.scalar(sa.select(schema.person.c.is_active).where(timur))
        assert not connection.scalar(sa.select(schema.price_item.c.is_active).where(item))
    assert not _entry(engine, number).is_active
    _sync(engine, office)
    assert (_entry(engine, number).is_active, _entry(engine, number).term_version) == (True, 1)


def test_two_people_may_swap_their_addresses(engine: sa.Engine, office: Office) -> None:
    _sync(engine, office)
    mails = {"olga": "pavel@north-service.example", "pavel": "olga@north-service.example"}
    people = tuple(replace(person, mail=mails.get(person.key, person.mail)) for person in office.people)
    _sync(engine, _changed(office, "swapped", people=people))
    with reading(engine) as connection:
        staff = find_staff(connection)
        pavel = connection.scalar(sa.select(schema.person.c.id).where(schema.person.c.key == "pavel"))
    assert staff["olga@north-service.example"] == pavel
    assert len(staff) == len(people)


def test_a_contact_that_mail_brought_is_taken_over(engine: sa.Engine, office: Office) -> None:
    _sync(engine, office)
    with writing(engine) as connection:
        met = create_contact(
            connection,
            name="nina",
            points=[("mail", "nina@example.com", "Nina@example.com")],
            company_id=None,
            language="ru",
            at=NOON,
        )
    contact = ClientContact("nina", "Нина Петрова", ("nina@example.com",), ("+79000000239",))
    client = Client("p-nina", "Нина Петрова", (contact,), manager="maria", is_private=True)
    _sync(engine, _changed(office, "nina", clients=(*office.clients, client)))
    with reading(engine) as connection:
        by_mail = find_contacts(connection, "mail", ["nina@example.com"])["nina@example.com"]
        by_phone = find_contacts(connection, "phone", ["+79000000239"])["+79000000239"]
    assert by_mail.contact_id == by_phone.contact_id == met
    assert by_mail.name == "Нина Петрова"
