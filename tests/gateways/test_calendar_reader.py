"""Answers of calendar programs: one attendee, one word; whatever is none or broken is nothing."""

from __future__ import annotations

import pytest

from tasks.gateways.calendar_reader import read_answer
from tasks.rules.mail.parsed import CalendarAnswer

REPLY = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
METHOD:REPLY
BEGIN:VEVENT
DTSTART:20261119T070000Z
DTSTAMP:20261117T063000Z
ORGANIZER;CN=Office:mailto:office@north-service.example
UID:{uid}
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={word};CN=Anna
 :MAILTO:Anna@client.example
SEQUENCE:2
{more}SUMMARY:Accepted: visit
END:VEVENT
END:VCALENDAR
"""
UID = "0123456789abcdef0123456789abcdef@north-service.example"


def reply(word: str = "ACCEPTED", uid: str = UID, more: str = "") -> bytes:
    return REPLY.format(word=word, uid=uid, more=more).replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("word", "answer"),
    [("ACCEPTED", "accepted"), ("declined", "declined"), ("TENTATIVE", "tentative"), ("DELEGATED", "other")],
)
def test_one_word(word: str, answer: str) -> None:
    expected = CalendarAnswer(UID, 2, "anna@client.example", answer)  # type: ignore[arg-type]  # from the table above
    assert read_answer(reply(word)) == expected


def test_a_comment_comes_along_on_one_line() -> None:
    found = read_answer(reply("DECLINED", more="COMMENT:Лучше\\nв пятницу\n"))
    assert found is not None
    assert found.comment == "Лучше в пятницу"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"METHOD:REPLY",
        reply(uid=""),
        reply().replace(b"METHOD:REPLY", b"METHOD:REQUEST"),
        reply().replace(b"SEQUENCE:2", b"SEQUENCE:two"),
        reply().replace(b"END:VEVENT", b""),
        reply(more="ATTENDEE;PARTSTAT=DECLINED:mailto:other@client.example\n"),
        reply() + b"x" * 300_000,
    ],
)
def test_what_is_no_answer_is_nothing(content: bytes) -> None:
    assert read_answer(content) is None
