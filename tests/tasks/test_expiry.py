"""Expiry reminders on both engines, worded by the sample office: once per stage, one digest each, in their language."""

from __future__ import annotations

import contextlib
import zlib
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.expiry import plan_reminders
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import reading, writing
from tasks.rules.errors import UsageError
from tasks.rules.office import LadderStep, Register
from tests.samples.small_office import small_office, write_wordings

TEMPLATES = Path(__file__).resolve().parents[2] / "deployments" / "office" / "templates"
LADDER = (
    LadderStep(30, ("responsible",)),
    LadderStep(14, ("responsible", "client")),
    LadderStep(0, ("responsible", "client", "manager")),
    LadderStep(-7, ("chief",)),
)
REGISTERS = (
    Register("certificates", {"ru": "Сертификаты", "en": "Certificates"}, LADDER),
    Register("policies", {"ru": "Полисы", "en": "Policies"}, LADDER),
)
NIGHT = datetime(2026, 11, 17, 2, 30, tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)
TODAY = date(2026, 11, 17)
DAY = timedelta(days=1)


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path) -> Desk:
    with writing(engine) as connection:
        people = [("maria", "ru"), ("mikhail", "ru"), ("viktor", "en")]
        rows = [{"key": k, "name": k.title(), "mail": f"{k}@north-service.example", "language": x} for k, x in people]
        connection.execute(sa.insert(schema.person), rows)
        connection.execute(sa.insert(schema.role_member).values(role="chief", person_id=3))
        connection.execute(sa.insert(schema.company).values(key="kabel", name="Кабель", manager_id=2, created_at=NIGHT))
        clients = [("pyotr", "ru", 1), ("james", "en", None)]
        rows = [
            {"key": k, "name": k.title(), "language": x, "company_id": c, "created_at": NIGHT} for k, x, c in clients
        ]
        connection.execute(sa.insert(schema.contact), rows)
        points = [(1, "pyotr@client-kabel.example"), (2, "james@example.com")]
        rows = [{"contact_id": c, "kind": "mail", "value": v, "raw": v} for c, v in points]
        connection.execute(sa.insert(schema.contact_point), rows)
    office = small_office(TEMPLATES, registers=REGISTERS)
    return Desk(office, engine, SecretSource(tmp_path), tmp_path, tmp_path)


def add_entry(desk: Desk, number: str, days_left: int, *, register: str = "certificates", contact: int = 1) -> None:
    row = {
        "register": register,
        "number": number,
        "title": f"Бумага {number}",
        "contact_id": contact,
        "responsible_id": 1,
        "issued_on": date(2023, 1, 1),
        "valid_until": TODAY + days_left * DAY,
    }
    change(desk, sa.insert(schema.register_entry).values(row))


def change(desk: Desk, statement: Any) -> None:
    with writing(desk.engine) as connection:
        connection.execute(statement)


def remind(desk: Desk, days: int = 0, *registers: str) -> tuple[int, int, int]:
    """(lines told, lines overtaken, mails) of the night `days` later."""
    counts = plan_reminders.fn(desk, NIGHT + days * DAY, registers)
    return counts["told"], counts["overtaken"], counts["mails"]


def mails(desk: Desk) -> dict[str, str]:
    """Recipient → text of the last mail to them."""
    with reading(desk.engine) as connection:
        rows = connection.execute(sa.select(schema.outbox).order_by(schema.outbox.c.id)).all()
    found = {}
    for row in rows:
        mail = message_from_bytes(zlib.decompress(row.raw), policy=default)
        body = mail.get_body(("plain",))  # type: ignore[attr-defined]  # an EmailMessage by this policy
        found[row.recipient] = f"{mail['Subject']}\n{body.get_content()}"
    return found


def test_one_digest_each_the_most_urgent_first(desk: Desk) -> None:
    for number in range(20):
        add_entry(desk, f"C-{number}", 14)
    add_entry(desk, "P-1", 3, register="policies", contact=2)
    add_entry(desk, "far", 31)
    assert remind(desk) == (42, 21, 3)
    texts = mails(desk)
    assert set(texts) == {"maria@north-service.example", "pyotr@client-kabel.example", "james@example.com"}
    maria = texts["maria@north-service.example"]
    assert "Сроки документов: 21, ближайший 20.11.2026" in maria
    assert maria.index("P-1") < maria.index("C-0")
    assert "Напоминание опоздало на 11 дн." in maria
    assert "Действует до 01.12.2026, осталось 14 дн." in texts["pyotr@client-kabel.example"]
    assert "Expires soon: Бумага P-1, 20 Nov 2026" in texts["james@example.com"]
    assert "late" not in texts["james@example.com"]
    assert "far" not in maria


def test_it_waits_for_the_working_morning(desk: Desk) -> None:
    add_entry(desk, "C-1", 14)
    remind(desk)
    with reading(desk.engine) as connection:
        found = connection.scalars(sa.select(schema.outbox.c.not_before)).all()
    assert set(found) == {datetime(2026, 11, 17, 6, tzinfo=UTC)}


def test_days_are_counted_for_the_day_of_reading(desk: Desk) -> None:
    add_entry(desk, "C-1", 4)
    remind(desk, 4)  # Saturday; it is read on Monday
    assert "Срок истёк 21.11.2026, 2 дн. назад" in mails(desk)["maria@north-service.example"]


def test_every_night_once_and_missed_nights_once(desk: Desk) -> None:
    add_entry(desk, "C-1", 17)
    assert remind(desk) == (1, 0, 1)
    assert remind(desk) == (0, 0, 0)
    assert remind(desk, 1) == (0, 0, 0)
    assert remind(desk, 6) == (2, 0, 2)
    assert "опоздало на 3 дн." in mails(desk)["maria@north-service.example"]
    assert remind(desk, 6) == (0, 0, 0)
    assert remind(desk, 3) == (0, 0, 0)


def test_renewal_stops_the_rest(desk: Desk) -> None:
    add_entry(desk, "C-1", 17)
    remind(desk)
    entry = schema.register_entry
    change(desk, sa.update(entry).values(valid_until=TODAY + 400 * DAY, term_version=2))
    assert remind(desk, 10) == (0, 0, 0)
    assert remind(desk, 371) == (1, 0, 1)


def test_absence_bounces_and_registers(desk: Desk) -> None:
    add_entry(desk, "C-1", 14)
    add_entry(desk, "P-1", 14, register="policies")
    away = {"person_id": 1, "first_day": TODAY, "last_day": TODAY, "kind": "leave", "substitute_id": 3}
    change(desk, sa.insert(schema.absence).values(away))
    change(desk, sa.update(schema.contact_point).values(undeliverable_at=NIGHT))
    assert remind(desk, 0, "policies") == (2, 1, 2)
    texts = mails(desk)
    assert set(texts) == {"viktor@north-service.example", "mikhail@north-service.example"}
    assert "Expires soon: Бумага P-1" in texts["viktor@north-service.example"]
    assert remind(desk, 1, "policies") == (1, 1, 1)  # maria is back, and hears of it once
    with pytest.raises(
        UsageError, match="there is no register 'polices'; the office folder has: certificates, policies"
    ):
        remind(desk, 0, "polices")


def test_a_broken_wording_is_told_once_put_right(desk: Desk, tmp_path: Path) -> None:
    folder = write_wordings(tmp_path / "templates", {"ru/remind_expiry.txt.j2": "Subject: x\n\n{{ nobody }}"})
    broken = Desk(small_office(folder, registers=REGISTERS), desk.engine, desk.secrets, tmp_path, tmp_path)
    add_entry(desk, "C-1", 14)
    assert remind(broken) == (0, 1, 0)
    assert remind(desk) == (2, 0, 2)
    assert remind(desk) == (0, 0, 0)


def test_every_told_line_leads_to_its_mail(desk: Desk) -> None:
    add_entry(desk, "C-1", 14)
    remind(desk)
    with reading(desk.engine) as connection:
        rows = connection.execute(sa.select(schema.reminder).order_by(schema.reminder.c.id)).all()
    found = {(row.stage_days, row.recipient, row.outbox_id is not None) for row in rows}
    assert found == {(30, "person:1", False), (14, "person:1", True), (14, "contact:1", True)}


@pytest.mark.parametrize("steps", range(1, 12))
def test_killed_anywhere_it_ends_the_same(desk: Desk, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The n-th write to the outbox fails, then the night is run again."""
    for number in range(4):
        add_entry(desk, f"C-{number}", 5 - number, contact=1 + number % 2)
    import tasks.expiry as expiry

    left = [steps]

    def failing(original: Any) -> Any:
        def wrapped(*arguments: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            return original(*arguments)

        return wrapped

    for name in ("settle_reminders", "plan_notices", "link_reminders"):
        monkeypatch.setattr(expiry, name, failing(getattr(expiry, name)))
    monkeypatch.setattr(expiry, "_ROUND", 1)
    with contextlib.suppress(KeyboardInterrupt):
        remind(desk)
        remind(desk)
    assert left[0] <= 0
    left[0] = 0
    remind(desk)
    assert remind(desk) == (0, 0, 0)
    with reading(desk.engine) as connection:
        kept = connection.execute(sa.select(schema.reminder)).all()
        sent = connection.scalars(sa.select(schema.outbox.c.recipient)).all()
    told = [(row.register_entry_id, row.recipient) for row in kept if row.outbox_id]
    assert len(kept) == 12
    assert {recipient for _, recipient in told} == {"person:1", "contact:1", "contact:2"}
    assert len(told) == len(set(told)) == 8
    assert len(sent) == 3


def test_the_chief_hears_of_what_has_expired(desk: Desk) -> None:
    add_entry(desk, "C-1", -8)
    assert remind(desk) == (1, 6, 1)
    assert "Expired: Бумага C-1, 09 Nov 2026" in mails(desk)["viktor@north-service.example"]
