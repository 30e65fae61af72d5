"""The brand of a planned mail: by the client in the office folder, by the mailbox that brought the lead, or none."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import writing
from tasks.outbox import plan_notices
from tasks.rules.office import Brand, Client, ClientContact, Office
from tasks.rules.outgoing import Notice, Recipient
from tests.samples.small_office import small_office, write_wordings
from tests.samples.stored_mail import StoredMail

NOW = datetime(2026, 11, 17, 6, 30, tzinfo=UTC)
MAIL = b"From: new@example.com\r\nMessage-ID: <1@example.com>\r\n\r\nHello"
CERT, SHOP = Brand("cert", "Сертификат", "Сертификаты"), Brand("shop", "Лавка", "Лавка")


def _office(folder: Path) -> Office:
    plain = small_office(write_wordings(folder / "templates"))
    contacts = (ClientContact("alla", "Алла", ("alla@client.example",)),)
    return replace(
        plain,
        brands=(CERT, SHOP),
        mailboxes=tuple(replace(box, brand="cert") for box in plain.mailboxes),
        clients=(Client("beton", "Бетон", contacts, brand="shop"),),
    )


@pytest.fixture
def stored(engine: sa.Engine, tmp_path: Path) -> StoredMail:
    return StoredMail(Desk(_office(tmp_path), engine, SecretSource(tmp_path), tmp_path, tmp_path))


def _lead(stored: StoredMail, number: int, origin: str) -> int:
    row = {"number": f"L-{number}", "origin_key": origin, "channel": "mail", "created_at": NOW, "take_due_at": NOW}
    return stored.add(schema.lead, **row)


def _deal(stored: StoredMail, number: int, lead_id: int, contact_id: int) -> int:
    return stored.add(
        schema.deal,
        number=f"D-{number}",
        pipeline="service",
        stage="new",
        status_text="",
        stage_entered_at=NOW,
        lead_id=lead_id,
        contact_id=contact_id,
        created_at=NOW,
    )


def _from(stored: StoredMail, ref: str, entity: str, entity_id: int) -> str:
    """The From name of a mail to `ref` about this entity."""
    to = Recipient(ref, "Имя", "someone@example.com", "ru")
    key = f"{ref}:{entity}:{entity_id}"
    notice = Notice(key, "notice", to, "note", {"text": "x"}, entity, entity_id, NOW)
    with writing(stored.desk.engine) as connection:
        assert plan_notices(connection, stored.desk.office, [notice], NOW) == 1
        raw = connection.scalar(sa.select(schema.outbox.c.raw).where(schema.outbox.c.key == key))
    return str(message_from_bytes(zlib.decompress(raw or b""), policy=default)["From"]).partition(" <")[0]


def test_the_brand_of_a_mail(stored: StoredMail) -> None:
    company = stored.add(schema.company, key="beton", name="Бетон", created_at=NOW)
    alla = stored.add(schema.contact, key="alla", name="Алла", created_at=NOW)
    colleague = stored.add(schema.contact, name="Коллега", company_id=company, created_at=NOW)
    stranger = stored.add(schema.contact, name="Новый", created_at=NOW)
    by_mail = _lead(stored, 1, f"mail:{stored.put(MAIL, NOW)}")
    by_call = _lead(stored, 2, "call:1")
    deals = [_deal(stored, number, lead, stranger) for number, lead in ((1, by_mail), (2, by_call))]
    said = [
        (f"contact:{alla}", "register_entry", 1),
        (f"contact:{colleague}", "deal", deals[0]),
        (f"contact:{stranger}", "deal", deals[0]),
        (f"contact:{stranger}", "lead", by_mail),
        (f"contact:{stranger}", "deal", deals[1]),
        ("person:1", "deal", deals[0]),
    ]
    names = ["Лавка", "Лавка", "Сертификаты", "Сертификаты", "Северный Сервис", "Северный Сервис"]
    assert [_from(stored, *one) for one in said] == names
