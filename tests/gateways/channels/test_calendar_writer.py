"""Invitations as other programs read them: parsed back, and in a mail as Outlook and Gmail look for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import icalendar
import pytest

from tasks.gateways.channels.calendar_writer import write_invitation
from tasks.gateways.mail_writer import write_mail
from tasks.rules.notify.invitation import Invitation, Party
from tasks.rules.outgoing import CalendarPart, Notice, Recipient
from tests.samples.small_office import small_office, write_wordings

NOON = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
FIRST = Invitation(
    uid="ab12@north-service.example",
    sequence=0,
    is_cancelled=False,
    starts_at=NOON,
    lasts=timedelta(minutes=90),
    title="Выезд D-000012: ремонт; котёл, №1\nSUMMARY:x",
    time_zone="Europe/Moscow",
    organizer=Party("Северный Сервис", "office@north-service.example"),
    attendee=Party('Анна "Н"; Петрова', "anna@example.com"),
    stamped_at=NOON,
)


def parsed(invitation: Invitation) -> tuple[icalendar.Calendar, icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(write_invitation(invitation))
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_what_a_calendar_reads() -> None:
    calendar, event = parsed(FIRST)
    assert (str(calendar["METHOD"]), str(calendar["VERSION"]), str(event["STATUS"])) == ("REQUEST", "2.0", "CONFIRMED")
    assert (str(event["UID"]), int(event["SEQUENCE"])) == ("ab12@north-service.example", 0)
    assert event["SUMMARY"] == "Выезд D-000012: ремонт; котёл, №1 SUMMARY:x"
    assert (event.start, event.end) == (NOON, NOON + timedelta(minutes=90))
    assert event["DTSTART"].params["TZID"] == "Europe/Moscow"
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Moscow"]
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == (
        "MAILTO:office@north-service.example",
        "Северный Сервис",
    )
    assert (event["ATTENDEE"], event["ATTENDEE"].params["CN"]) == ("MAILTO:anna@example.com", "Анна Н ; Петрова")
    assert (event["ATTENDEE"].params["RSVP"], event["ATTENDEE"].params["PARTSTAT"]) == ("TRUE", "NEEDS-ACTION")


def test_a_change_and_a_cancellation_are_about_the_same() -> None:
    moved = replace(FIRST, sequence=1, starts_at=NOON + timedelta(days=1))
    calendar, event = parsed(replace(moved, sequence=2, is_cancelled=True))
    assert parsed(moved)[1]["UID"] == event["UID"]
    assert (str(calendar["METHOD"]), str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCEL", "CANCELLED", 2)


def test_the_same_bytes_every_time() -> None:
    assert write_invitation(FIRST) == write_invitation(FIRST)
    assert all(len(line) <= 75 for line in write_invitation(FIRST).split(b"\r\n"))


@pytest.mark.parametrize(("zone", "hour"), [("America/New_York", 4), ("Asia/Kathmandu", 14), ("UTC", 9)])
def test_other_zones(zone: str, hour: int) -> None:
    _, event = parsed(replace(FIRST, time_zone=zone))
    assert (event.start, event.start.hour) == (NOON, hour)


@pytest.mark.parametrize("wording", ["note", "plain"])
def test_in_a_mail(tmp_path: Path, wording: str) -> None:
    folder = write_wordings(tmp_path)
    write_wordings(tmp_path, {"ru/plain.txt.j2": "Subject: x\n\n{{ text }}\n"})
    content = write_invitation(FIRST)
    to = Recipient("contact:1", "Анна", "anna@example.com", "ru")
    said = Notice(
        "k", "notice", to, wording, {"text": "Ждём"}, "deal", 1, NOON, calendar=CalendarPart("REQUEST", content)
    )
    mail = message_from_bytes(write_mail(small_office(folder), said, b"s", NOON).raw, policy=policy.default)
    kinds = [part.get_content_type() for part in mail.walk()]
    pages = ["text/html"] if wording == "note" else []
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        *pages,
        "text/calendar",
        "application/ics",
    ]
    invitation = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert (invitation.get_param("method"), invitation.get_content_charset()) == ("REQUEST", "utf-8")
    assert invitation.get_payload(decode=True) == content
    assert [part.get_filename() for part in mail.iter_attachments()] == ["invite.ics"]
