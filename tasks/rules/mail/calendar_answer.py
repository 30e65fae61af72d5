"""What the answer of a calendar program says in the words of a reply (RFC 5546, 3.2.3).

Only an answer to the invitation as it stands, while a question about the time is open, is a yes or no. What comes late
must never be taken for another question's answer: it is told in words that are no command.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from tasks.rules.mail.parsed import CalendarAnswer
from tasks.rules.mail.surroundings import Invited

_SAID = {
    "ru": {
        "accepted": "приглашение принято",
        "declined": "приглашение отклонено",
        "tentative": "приглашение под вопросом",
        "other": "на приглашение отвечено из календаря",
    },
    "en": {
        "accepted": "the invitation is accepted",
        "declined": "the invitation is declined",
        "tentative": "the invitation is tentative",
        "other": "the invitation is answered from a calendar",
    },
}
_OLD = {"ru": "прежнее время", "en": "an earlier time"}


@dataclass(frozen=True, slots=True)
class CalendarWords:
    """The reply in words; `is_only_noted`: it changes nothing and nobody has to read it."""

    text: str
    is_only_noted: bool = False


def words_of(answer: CalendarAnswer, invited: Invited, language: str, zone: tzinfo) -> CalendarWords:
    """What the reply comes to."""
    is_standing = answer.sequence >= invited.sequence and not invited.is_cancelled
    is_asked = invited.answered.work_task_id is not None
    if is_standing and is_asked and answer.answer in ("accepted", "declined"):
        if answer.answer == "accepted":
            return CalendarWords("да")
        return CalendarWords(f"нет: {answer.comment}" if answer.comment else "нет")
    said = f"{invited.at.astimezone(zone):%d.%m.%Y %H:%M}: {_SAID[language][answer.answer]}"
    if not is_standing:
        said = f"{said} ({_OLD[language]})"
    text = f"{said}. {answer.comment}".strip() if answer.comment else said
    return CalendarWords(text, is_only_noted=answer.answer == "accepted" and not answer.comment and is_standing)
