"""A message from one person to others: each told once, by their own way, in the name that may be used."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import writing
from tasks.gateways.store.presence import note_seen
from tasks.rules.errors import UsageError
from tasks.saying import Said, say_to_people
from tests.samples.small_office import write_wordings
from tests.tasks.outbox_at_work import NOW, rows

PEOPLE = {"viktor": ("administrator",), "olga": ("operator",), "pavel": ("operator",)}


@pytest.fixture
def house(desk: Desk, tmp_path: Path) -> Desk:
    """Three colleagues and a client group of two, one of whom nobody can reach."""
    write_wordings(tmp_path / "templates", {"ru/staff_message.txt.j2": "Subject: {{ author }}\n\n{{ text }}\n"})
    with writing(desk.engine) as connection:
        for key, roles in PEOPLE.items():
            values = {"key": key, "name": key.title(), "mail": f"{key}@north-service.example"}
            person_id = connection.execute(
                sa.insert(schema.person).values(values).returning(schema.person.c.id)
            ).scalar_one()
            members = [{"role": role, "person_id": person_id} for role in roles]
            connection.execute(sa.insert(schema.role_member), members)
        connection.execute(sa.insert(schema.client_group).values(key="vip", name="VIP"))
        connection.execute(sa.insert(schema.company).values(name="ООО", client_group_id=1, created_at=NOW))
        for name in ("Анна", "Никто"):
            connection.execute(sa.insert(schema.contact).values(name=name, company_id=1, created_at=NOW))
        mail = "anna@example.com"
        connection.execute(sa.insert(schema.contact_point).values(contact_id=1, kind="mail", value=mail, raw=mail))
    return Desk(replace(desk.office), desk.engine, SecretSource(tmp_path), tmp_path, tmp_path)


def say(desk: Desk, *to: str, author: str = "viktor", sender: str = "", text: str = "Собрание в 15:00") -> Said:
    return say_to_people.fn(desk, to, text, author, sender, NOW)


def test_a_role_is_told_each_by_their_own_way(house: Desk) -> None:
    with writing(house.engine) as connection:
        note_seen(connection, 2, NOW - timedelta(minutes=3))
    assert say(house, "operator") == Said(2, ())
    assert say(house, "operator", "olga").told == 0
    assert [row.recipient for row in rows(house)] == ["pavel@north-service.example"]
    assert [row.person_id for row in rows(house, schema.notice)] == [2, 3]
    assert rows(house, schema.notice)[0].body.endswith("Собрание в 15:00")
    (event,) = rows(house, schema.event)
    assert (event.kind, event.actor, event.data["to"]) == ("message.said", "person:1", ["person:2", "person:3"])


def test_a_client_group_and_who_cannot_be_reached(house: Desk) -> None:
    assert say(house, "vip") == Said(1, ("contact:2 can be reached in no way",))


def test_in_the_name_of_another(house: Desk) -> None:
    say(house, "pavel", sender="olga")
    mail = message_from_bytes(zlib.decompress(rows(house)[0].raw), policy=policy.default)
    assert (mail["From"], mail["Subject"]) == ("Olga <office@north-service.example>", "Olga")
    assert rows(house, schema.event)[0].data["sender"] == "person:2"
    with pytest.raises(UsageError, match="only an administrator"):
        say(house, "pavel", author="olga", sender="viktor")
    assert len(rows(house)) == 1


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001])
def test_texts_that_are_none(house: Desk, text: str) -> None:
    with pytest.raises(UsageError, match="from 1 to 4000"):
        say(house, "pavel", text=text)
