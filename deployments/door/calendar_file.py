"""One moment as a file for any calendar program (RFC 5545)."""

from __future__ import annotations

from datetime import datetime, timedelta

from icalendar import Calendar, Event

ICS = "text/calendar; charset=utf-8"
_LASTS = timedelta(hours=1)


def calendar_file(uid: str, at: datetime, title: str, place: str, now: datetime) -> bytes:
    """An hour from `at`; the same `uid` replaces what was taken before."""
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now)
    event.add("dtstart", at)
    event.add("dtend", at + _LASTS)
    event.add("summary", title)
    if place:
        event.add("location", place)
    calendar = Calendar()
    calendar.add("prodid", "-//Callout//door//")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
