"""What becomes of a call: a lead, an activity, or nothing; and how it is worded for people."""

from __future__ import annotations

from datetime import date
from typing import Literal

from tasks.rules.calls.records import Direction, Outcome
from tasks.rules.phones import mask_phone

Result = Literal["nothing", "activity", "lead"]

_WORDS = {
    "ru": {
        "in": "Входящий звонок",
        "out": "Исходящий звонок",
        "internal": "Внутренний звонок",
        "answered": "разговор",
        "abandoned": "не дождался ответа",
        "no_answer": "без ответа",
        "busy": "занято",
        "failed": "не соединилось",
        "lead": "Звонок с номера {phone}",
        "lead_out": "Звонок на номер {phone}",
        "task": "Перезвонить: {phone}",
    },
    "en": {
        "in": "Incoming call",
        "out": "Outgoing call",
        "internal": "Internal call",
        "answered": "talked",
        "abandoned": "gave up waiting",
        "no_answer": "not answered",
        "busy": "engaged",
        "failed": "not connected",
        "lead": "Call from {phone}",
        "lead_out": "Call to {phone}",
        "task": "Call back: {phone}",
    },
}


def decide_result(
    direction: Direction,
    phone: str | None,
    *,
    is_ours: bool,
    is_known: bool,
    has_lead: bool,
    is_short: bool,
    is_checked: bool = False,
) -> Result:
    """A lead for an incoming call of an unknown number, once per number; an activity for every other call outside.

    `is_checked`: an answered outgoing call whose line is checked against the contacts makes one as well.
    `is_ours`: the number is a line of ours or belongs to staff; such calls and internal ones make nothing. A withheld
    number, and a caller who hung up at once (`is_short`), make no lead: there is nobody to call, or nothing was asked.
    """
    if direction == "internal" or is_ours:
        return "nothing"
    if (direction == "in" or is_checked) and phone is not None and not (is_known or has_lead or is_short):
        return "lead"
    return "activity"


def lead_key(phone: str, day: date) -> str:
    """The origin key of the lead that a number's calls of one day make; `day` is the office's."""
    return f"call:{phone}:{day.isoformat()}"


def call_subject(direction: Direction, outcome: Outcome, talk_seconds: int, language: str) -> str:
    """One line about a call, e.g. 'Входящий звонок: разговор 2:05'."""
    words = _words(language)
    length = f" {talk_seconds // 60}:{talk_seconds % 60:02d}" if outcome == "answered" else ""
    return f"{words[direction]}: {words[outcome]}{length}"


def lead_title(direction: Direction, phone: str, language: str) -> str:
    """The title of a lead made by a call; the number is masked, it stands in the lead itself."""
    return _words(language)["lead_out" if direction == "out" else "lead"].format(phone=mask_phone(phone))


def task_title(phone: str, language: str) -> str:
    """The title of the task to call back; it says the number, because that is the task."""
    return _words(language)["task"].format(phone=phone)


def _words(language: str) -> dict[str, str]:
    return _WORDS.get(language, _WORDS["en"])
