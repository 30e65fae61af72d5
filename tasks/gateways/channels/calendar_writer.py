"""Writing invitations as iCalendar, so that mail programs show them with their buttons: the same bytes every time."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from tasks.rules.notify.invitation import Invitation, Party

_PRODUCT = "-//Callout//Callout//EN"
_YEAR = timedelta(days=366)


def write_invitation(invitation: Invitation) -> bytes:
    """The iCalendar object of an invitation, its change (a higher SEQUENCE) or its cancellation (RFC 5546)."""
    zone = ZoneInfo(invitation.time_zone)
    starts = invitation.starts_at.astimezone(zone)
    calendar = Calendar()
    for name, value in (("prodid", _PRODUCT), ("version", "2.0"), ("method", invitation.method)):
        calendar.add(name, value)
    first, last = (starts - _YEAR).date(), (starts + _YEAR).date()
    calendar.add_component(Timezone.from_tzinfo(zone, invitation.time_zone, first, last))
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.stamped_at)
    event.add("dtstart", starts)
    event.add("dtend", (invitation.starts_at + invitation.lasts).astimezone(zone))
    event.add("summary", " ".join(invitation.title.split()))
    event.add("status", "CANCELLED" if invitation.is_cancelled else "CONFIRMED")
    event.add("organizer", _party(invitation.organizer))
    attendee = _party(invitation.attendee)
    for name, value in (("ROLE", "REQ-PARTICIPANT"), ("PARTSTAT", "NEEDS-ACTION"), ("RSVP", "TRUE")):
        attendee.params[name] = vText(value)
    event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _party(party: Party) -> vCalAddress:
    address = vCalAddress(f"MAILTO:{party.mail}")
    # a parameter's value cannot hold quotes or control characters (RFC 5545, 3.2)
    name = " ".join("".join(letter if letter.isprintable() and letter != '"' else " " for letter in party.name).split())
    if name:
        address.params["CN"] = vText(name)
    return address
