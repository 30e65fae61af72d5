"""Every wording of leads and deals can be said in both languages, with its number in the subject and no gaps."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tasks.gateways.office_folder import load_office
from tasks.gateways.wordings import render_wording
from tasks.rules.assignment import Member
from tasks.rules.outgoing import Recipient
from tasks.rules.pipeline_parts import Line

OFFICE = load_office(Path(__file__).resolve().parents[2] / "deployments" / "office")
NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
WORDINGS = sorted(
    file.name.removesuffix(".txt.j2")
    for file in (Path(OFFICE.templates) / "ru").glob("*.txt.j2")
    if re.match(r"(lead|deal|work|client|payment|reply|letter)_", file.name)
)
FULL: dict[str, Any] = {
    "number": "D-000012",
    "lead_number": "L-000003",
    "title": "Ремонт котла",
    "channel": "call",
    "person_name": "Иван",
    "mail": "ivan@example.com",
    "phone": "+79000000201",
    "letter": "Здравствуйте!\nСломался котёл.",
    "kinds": ("first", "periodic"),
    "client": "Иван Петров",
    "company": "ООО Клиент",
    "client_phone": "+79000000201",
    "client_mail": "ivan@example.com",
    "currency": "RUB",
    "status": "согласуется",
    "kind": "первичное",
    "reason": "дорого",
    "manager": "Мария",
    "dispatcher": "Дарья",
    "executor": "Егор",
    "work_at": NOON,
    "cost": Decimal("12500"),
    "lines": (Line("visit", "Выезд", Decimal("2.000"), Decimal("1500.00")),),
    "documents": ["акт"],
    "required": ["акт", "счёт"],
    "missing": ["счёт"],
    "invoice": "INV-000001",
    "invoice_due_on": date(2026, 11, 24),
    "due_at": NOON,
    "text": "Текст\nв две строки",
    "work": "price",
    "work_title": "Заполнить прайс-лист",
    "author": "Мария",
    "is_client": False,
    "phone_for": "Иван Петров",
    "executors": [Member("person:1", "egor", "Егор", frozenset())],
    "dispatchers": [Member("person:2", "daria", "Дарья", frozenset())],
    "prices": OFFICE.prices,
    "reasons": ["не хватает: счёт"],
    "spam_percent": 98,
    "is_mail": True,
    "is_reopened": True,
}
EMPTY_VALUES: dict[type, Any] = {str: "", list: [], tuple: (), Decimal: Decimal(0), bool: True}
EMPTY = {name: EMPTY_VALUES.get(type(value)) for name, value in FULL.items()} | {
    "number": "D-000012",
    "due_at": NOON,
    "work_at": NOON,
    "text": "Текст",
}


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("wording", WORDINGS)
@pytest.mark.parametrize("data", [FULL, EMPTY], ids=["full", "empty"])
def test_a_wording_can_be_said(wording: str, language: str, data: dict[str, Any]) -> None:
    to = Recipient("contact:1", "Иван Петров", "ivan@example.com", language)
    worded = render_wording(OFFICE, wording, language, data | {"recipient": to})
    assert worded.subject.startswith("[D-000012]")
    assert "None" not in worded.text
    assert "\n\n\n" not in worded.text
    assert "Undefined" not in worded.text


@pytest.mark.parametrize("wording", [name for name in WORDINGS if name.startswith(("client_", "payment_"))])
def test_a_client_reads_nothing_internal(wording: str) -> None:
    to = Recipient("contact:1", "Иван Петров", "ivan@example.com", "ru")
    secret = {
        "status": "СЕКРЕТ",
        "reason": "СЕКРЕТ",
        "manager": "СЕКРЕТ",
        "dispatcher": "СЕКРЕТ",
        "work_title": "СЕКРЕТ",
    }
    worded = render_wording(OFFICE, wording, "ru", FULL | secret | {"recipient": to, "is_client": True})
    assert "СЕКРЕТ" not in worded.subject + worded.text


def test_both_languages_have_the_same_wordings() -> None:
    names = [{file.name for file in (Path(OFFICE.templates) / language).glob("*.j2")} for language in ("ru", "en")]
    assert names[0] == names[1]
