"""Finding people and papers, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.finding import find
from tasks.gateways.store.connection import writing
from tasks.gateways.store.contacts import create_contact
from tasks.gateways.store.search_index import index_companies
from tasks.rules.errors import UsageError
from tasks.rules.finding import KINDS
from tests.samples.mail_room import message
from tests.samples.stored_mail import StoredMail, stored_mail

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)


@pytest.fixture
def mail(engine: sa.Engine, tmp_path: Path) -> StoredMail:
    """Two contacts of one company, a lead with its letter, a deal, and Olga of the operators."""
    found = stored_mail(engine, tmp_path)
    company_id = found.add(schema.company, key="les", name="ООО «Лесной Двор»", created_at=NOW)
    with writing(engine) as connection:
        index_companies(connection, [company_id])
        connection.execute(sa.insert(schema.role_member).values(role="operator", person_id=1))
        for name, mail, phone in (("Пётр Белов", "petr@les.example", "+79000000201"), ("Анна Бел", "", "+79000000202")):
            points = [("phone", phone, phone), *([("mail", mail, mail)] if mail else [])]
            create_contact(connection, name=name, points=points, company_id=company_id, language="ru", at=NOW)
    found.put(message("new", "Игорь <igor@example.com>", "Сломался насос"), NOW)
    found.settle(NOW)
    deal = {"number": "D-1", "pipeline": "repairs", "stage": "visit", "title": "Ремонт котла"}
    found.add(schema.deal, **deal, stage_entered_at=NOW, contact_id=1, company_id=company_id, created_at=NOW)
    return found


def names(mail: StoredMail, text: str, *kinds: str, limit: int = 20) -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in find(mail.desk, text, kinds, limit)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("пет бел", [("contact", "Пётр Белов"), ("deal", "Ремонт котла")]),
        (",tk", [("contact", "Анна Бел"), ("contact", "Пётр Белов"), ("deal", "Ремонт котла")]),
        ("8 900 000-02-02", [("contact", "Анна Бел")]),
        ("petr@", [("contact", "Пётр Белов")]),
        ("@les.example", [("contact", "Пётр Белов")]),
        ("анна 0202", [("contact", "Анна Бел")]),
        ("operator", [("staff", "Ольга")]),
        ("d-1", [("deal", "Ремонт котла")]),
        ("igor@example", [("lead", "Игорь")]),
        ("нет такого", []),
    ],
)
def test_words_find(mail: StoredMail, text: str, expected: list[tuple[str, str]]) -> None:
    assert names(mail, text) == expected


def test_kinds_and_limit(mail: StoredMail) -> None:
    assert names(mail, "yfcjc", "letter") == [("letter", "Сломался насос")]
    assert names(mail, "насос", "letter", "lead") == [("letter", "Сломался насос"), ("lead", "Игорь")]
    assert names(mail, "бел", limit=1) == [("contact", "Анна Бел")]
    assert names(mail, "лесн дв", "company") == [("company", "ООО «Лесной Двор»")]


def test_details_are_whole_for_the_person_who_asked(mail: StoredMail) -> None:
    [hit] = find(mail.desk, "пет", ("contact",), 1)[1]
    assert hit.details == "ООО «Лесной Двор», +79000000201, petr@les.example"


@pytest.mark.parametrize(("kinds", "limit"), [(("people",), 1), (KINDS, 0)])
def test_mistakes_are_named(mail: StoredMail, kinds: tuple[str, ...], limit: int) -> None:
    with pytest.raises(UsageError):
        find(mail.desk, "x", kinds, limit)
