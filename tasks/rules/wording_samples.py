"""What the templates of each wording are given, as samples: every value full, and every value that may be empty empty.

The checks of the office folder render all templates with these, so that a name nobody passes is found before a mail is
planned. Tests hold this table against what the code plans.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tasks.rules.assignment import Member
from tasks.rules.office import PriceItem
from tasks.rules.process.values import Line

Sample = dict[str, Any]

_NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
_DISPATCHER = Member("person:4", "daria", "Дарья", frozenset({"dispatcher"}))
_EXECUTOR = Member("person:5", "egor", "Егор", frozenset({"executor"}))
_LETTER = "Здравствуйте!\n\nСломался котёл."

# items: every wording that a process names is given these (tasks/process_voice.py)
_DEAL: Sample = {
    "number": "D-000012",
    "title": "Ремонт котла",
    "client": "Иван Петров",
    "company": "ООО «Клиент»",
    "client_phone": "+79000000201",
    "client_mail": "ivan@example.com",
    "currency": "RUB",
    "status": "согласуется",
    "kind": "первичное",
    "reason": "дорого",
    "manager": "Мария",
    "dispatcher": "Дарья",
    "executor": "Егор",
    "work_at": _NOON,
    "cost": Decimal("12500.00"),
    "lines": (Line("visit", "Выезд", Decimal("2.000"), Decimal("1500.00")),),
    "documents": ["акт"],
    "required": ["акт", "счёт"],
    "missing": ["счёт"],
    "invoice": "INV-000001",
    "invoice_due_on": date(2026, 11, 24),
    "due_at": _NOON,
    "text": "Текст\nв две строки",
    "late": "2 ч 5 мин",
    "link": "https://door.example/t/token",
    "other_times": (_NOON,),
    "work": "price",
    "work_title": "Заполнить прайс-лист",
    "work_kind": "task",
    "author": "Мария",
    "is_client": False,
    "phone_for": "Иван Петров",
    "executors": [_EXECUTOR],
    "dispatchers": [_DISPATCHER],
    "prices": (PriceItem("visit", "Выезд", Decimal("1500.00")),),
}
_DEAL_ALWAYS = {"number", "currency", "client", "status", "prices"}
_WORK_ALWAYS = _DEAL_ALWAYS | {"work_at", "due_at", "work", "work_title", "work_kind", "executor"}

_LEAD: Sample = {
    "number": "L-000003",
    "title": "Ремонт котла",
    "channel": "mail",
    "person_name": "Иван",
    "mail": "ivan@example.com",
    "phone": "+79000000201",
    "letter": _LETTER,
    "due_at": _NOON,
    "dispatchers": [_DISPATCHER],
    "kinds": ("first", "periodic"),
    "status": "new",
    "spam_percent": 98,
    "questions": ("Адрес",),
}
_LEAD_ALWAYS = {"number", "channel", "due_at", "status", "phone"}

_PAPER: Sample = {
    "register": "Сертификаты",
    "number": "С-2025-01",
    "title": "Сертификат соответствия",
    "holder": "ООО «Клиент»",
    "valid_until": date(2026, 12, 1),
    "days_left": 14,
    "late_days": 0,
    "stage_days": 14,
}
_ENDED = _PAPER | {"days_left": -3, "late_days": 2, "valid_until": date(2026, 11, 14)}
_LAST_DAY = _PAPER | {"days_left": 0, "valid_until": date(2026, 11, 17)}

_AUDIT = {"sources": 9, "balanced": 7, "differences": 30, "expectations": 70, "failed_expectations": 2, "held_rows": 4}
_FIGURES = [{"title": "Звонков", "value": "42", "hint": "+3"}, {"title": "Пропущено", "value": "1", "hint": ""}]
_REPORT: Sample = {
    "title": "Телефония",
    "days": "17.11.2026",
    "known_at": "18.11.2026 06:00",
    "figures": _FIGURES,
    "notes": ["Журнал звонков не полон"],
    "picture": "chart-telephony",
    "file_name": "telephony-2026-11-17.xlsx",
}
_SILENT: Sample = {"mailbox": "office", "address": "office@north-service.example", "cause": "mail", "since": _NOON}
_FAILING: Sample = {"mailbox": "office", "error": "нет ответа", "failures": 3, "since": _NOON, "next_try": _NOON}


def _bare(full: Sample, always: Collection[str]) -> dict[str, Any]:
    """As little as there can be: only what is in `always` keeps its value."""
    empty: dict[type, Any] = {str: "", list: [], tuple: (), int: 0, bool: False, Decimal: Decimal(0)}
    return {name: value if name in always else empty.get(type(value)) for name, value in full.items()}


_LEAD_WORDS = (_LEAD, _LEAD | {"channel": "call", "status": "in_work"}, _bare(_LEAD, _LEAD_ALWAYS))
_DEAL_WORDS = (_DEAL, _DEAL | {"is_client": True, "phone_for": ""}, _bare(_DEAL, _DEAL_ALWAYS))
_TEXT_WORDS = (*_DEAL_WORDS[:2], _bare(_DEAL, _DEAL_ALWAYS | {"text"}))
_WORK_WORDS = (*_DEAL_WORDS[:2], _bare(_DEAL, _WORK_ALWAYS), _bare(_DEAL, _WORK_ALWAYS) | {"is_client": True})

SAMPLES: dict[str, tuple[Sample, ...]] = {
    "audit_alarm": (
        {
            "at": _NOON,
            "counts": _AUDIT,
            "differences": [{"source": "mail", "key": "office", "what": "не сошлось"}],
            "docs": "data-docs/index.html",
        },
    ),
    "calendar_cancelled": ({"title": "Выезд D-000012", "at": _NOON},),
    "calendar_invited": (
        {"title": "Выезд D-000012", "at": _NOON, "is_moved": False},
        {"title": "Выезд D-000012", "at": _NOON, "is_moved": True},
    ),
    "client_notice": _TEXT_WORDS,
    "client_withdrawn": _DEAL_WORDS,
    "deal_notice": _TEXT_WORDS,
    "deal_tell_client": _DEAL_WORDS,
    "lead_converted": (
        {
            "number": "D-000012",
            "lead_number": "L-000003",
            "client": "Иван Петров",
            "company": "ООО «Клиент»",
            "status": "ждёт диспетчера",
        },
    ),
    "lead_forgotten": _LEAD_WORDS,
    "lead_new": _LEAD_WORDS,
    "lead_not_spam": (
        {"number": "L-000003", "title": "Ремонт котла", "is_reopened": True, "due_at": _NOON},
        {"number": "L-000003", "title": "", "is_reopened": False, "due_at": _NOON},
    ),
    "lead_spam": (
        {"number": "L-000003", "title": "Ремонт котла", "is_mail": True},
        {"number": "L-000003", "title": "", "is_mail": False},
    ),
    "letter_received": (
        {"number": "D-000012", "author": "Иван Петров", "text": _LETTER},
        {"number": "", "author": "", "text": ""},
    ),
    "fresh_link": (
        {
            "number": "D-000001",
            "work_title": "Approve D-000001",
            "link": "https://door.north-service.example/a/SAMPLE",
            "days": 30,
        },
    ),
    "act_refused": (
        {
            "number": "D-000001",
            "work_title": "Согласовать D-000001",
            "reasons": ["уже решено: отклонено"],
            "text": "дорого",
            "pressed_at": _NOON,
            "link": "https://door.north-service.example/a/SAMPLE",
        },
        {"number": "", "work_title": "Ответ", "reasons": ["-"], "text": "", "pressed_at": _NOON, "link": ""},
    ),
    "sign_in": ({"url": "https://door.north-service.example/in/SAMPLE", "minutes": 15},),
    "mailbox_failing": ({"at": _NOON, **_FAILING}, {"at": _NOON, **_FAILING, "since": None, "next_try": None}),
    "line_ending": (
        {"at": _NOON, "number": "+79000000100", "ends_at": _NOON, "is_cancelled": False},
        {"at": _NOON, "number": "+79000000100", "ends_at": _NOON, "is_cancelled": True},
    ),
    "mailbox_silent": ({"at": _NOON, **_SILENT, "hours": 6.5}, {"at": _NOON, **_SILENT, "hours": 0.5, "cause": "beat"}),
    "remind_expiry": (
        {"is_client": True, "items": [_PAPER]},
        {"is_client": False, "items": [_ENDED]},
        {"is_client": False, "items": [_PAPER, _ENDED, _LAST_DAY]},
    ),
    "item_held": (
        {
            "number": "D-000012",
            "title": "Ремонт котла",
            "status": "согласуется",
            "reasons": ["некого попросить: диспетчер"],
            "path": ["planning.1", "planning.2"],
            "link": "https://door.north-service.example/ask/12",
        },
        {"number": "D-000012", "title": "", "status": "", "reasons": [], "path": [], "link": ""},
    ),
    "reply_accepted": (
        {"number": "D-000012", "title": "Ремонт котла", "status": "согласуется", "text": "готово", "is_client": False},
        {"number": "D-000012", "title": "", "status": "", "text": "да", "is_client": True},
    ),
    "reply_refused": (
        {"number": "D-000012", "reasons": ["не хватает: счёт"], "text": "готово"},
        {"number": "", "reasons": [], "text": ""},
    ),
    "report_ready": (_REPORT, _REPORT | {"notes": [], "picture": "", "figures": []}),
    "work_asked": _WORK_WORDS,
    "staff_message": ({"text": "Собрание в 15:00\nв переговорной", "author": "Виктор"},),
    "work_withdrawn": _DEAL_WORDS,
}
SMS = "_sms"
"""NAME_sms holds the words of NAME for SMS."""


def samples_of(wording: str, work: Collection[str] = ()) -> tuple[Sample, ...]:
    """The samples of a wording; one that is not in the table is a process's. `work` are the processes' own pieces."""
    wording = wording.removesuffix(SMS)
    if wording.removeprefix("work_") in work and wording not in SAMPLES:
        return _WORK_WORDS
    return SAMPLES.get(wording, _DEAL_WORDS)
