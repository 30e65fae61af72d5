"""Reading what calendar programs answer to our invitations (RFC 5545, RFC 5546): one event, one attendee, one word."""

from __future__ import annotations

from typing import Any, Literal

from tasks.rules.mail.parsed import CalendarAnswer
from tasks.rules.mail.plain_text import one_line

CALENDAR_TYPES = frozenset({"text/calendar", "application/ics"})
_MOST_BYTES = 200_000
_MOST_CHARS = 1_000
_MARK = b"METHOD:REPLY"
_WORDS: dict[str, Literal["accepted", "declined", "tentative"]] = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentative",
}


def read_answer(content: bytes) -> CalendarAnswer | None:
    """The answer in an iCalendar object; None when it is none, or cannot be read."""
    if len(content) > _MOST_BYTES or _MARK not in content.upper():
        return None
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(content)
        events = calendar.walk("VEVENT")
        if str(calendar.get("METHOD", "")).upper() != "REPLY" or not events:
            return None
        return _answer(events[0])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None


def _answer(event: Any) -> CalendarAnswer | None:
    attendees = event.get("ATTENDEE", [])
    attendees = attendees if isinstance(attendees, list) else [attendees]
    uid = one_line(str(event.get("UID", "")))[:_MOST_CHARS]
    if not uid or len(attendees) != 1:  # "exactly one", RFC 5546
        return None
    word = str(attendees[0].params.get("PARTSTAT", "")).upper()
    comments = event.get("COMMENT", "")
    comment = " ".join(map(str, comments)) if isinstance(comments, list) else str(comments)
    return CalendarAnswer(
        uid=uid,
        sequence=int(event.get("SEQUENCE", 0)),
        attendee=str(attendees[0]).lower().removeprefix("mailto:").strip()[:_MOST_CHARS],
        answer=_WORDS.get(word, "other"),
        comment=one_line(comment)[:_MOST_CHARS],
    )
