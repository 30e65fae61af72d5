"""An invitation to one person for one time: what calendars have to be told (RFC 5545, RFC 5546)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a calendar."""

    name: str
    mail: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """`uid` is the same for all messages about it, `sequence` grows with every change, made at `stamped_at`.

    Times are aware; calendars are told them in `time_zone`.
    """

    uid: str
    sequence: int
    is_cancelled: bool
    starts_at: datetime
    lasts: timedelta
    title: str
    time_zone: str
    organizer: Party
    attendee: Party
    stamped_at: datetime

    @property
    def method(self) -> str:
        """What the message asks of a calendar (RFC 5546, 3.2)."""
        return "CANCEL" if self.is_cancelled else "REQUEST"
