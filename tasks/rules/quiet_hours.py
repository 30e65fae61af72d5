"""When a client is left in peace: hours by the clock on the client's own wall."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tasks.rules.office import Office
from tasks.rules.working_time import WorkingCalendar


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local times between which nobody is disturbed; they may span midnight, and equal times mean none."""

    begins: time
    ends: time
    zone: ZoneInfo

    def of(self, zone: str) -> QuietHours:
        """The same hours where somebody lives: an IANA name; '' or one this machine does not know changes nothing."""
        if not zone or zone == self.zone.key:
            return self
        try:
            return replace(self, zone=ZoneInfo(zone))
        except (ValueError, OSError, LookupError):
            return self

    def cover(self, at: datetime) -> bool:
        """Whether `at` falls within them; the end is outside."""
        local = at.astimezone(self.zone).time()
        if self.begins <= self.ends:
            return self.begins <= local < self.ends
        return local >= self.begins or local < self.ends

    def end_after(self, at: datetime) -> datetime:
        """The end of the quiet hours that cover `at`."""
        local = at.astimezone(self.zone)
        day = local.date() if local.time() < self.ends else local.date() + timedelta(days=1)
        return datetime.combine(day, self.ends, self.zone)


def quiet_hours(office: Office) -> QuietHours:
    """The office's hours, on the office's clock: `of` gives them on a client's."""
    return QuietHours(office.quiet_from, office.quiet_until, office.zone)


def telling_time(calendar: WorkingCalendar, quiet: QuietHours, now: datetime) -> datetime:
    """The first moment from `now` on within working hours and outside the quiet ones, in UTC.

    Hours that are wholly quiet cannot be kept apart: then working time wins.
    """
    at = calendar.next_opening(now)
    for _ in range(3):
        if not quiet.cover(at):
            return at
        at = calendar.next_opening(quiet.end_after(at))
    return calendar.next_opening(now)
