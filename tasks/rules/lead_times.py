"""How long a lead may wait."""

from __future__ import annotations

from datetime import datetime

from tasks.rules.office import Office
from tasks.rules.working_time import working_calendar

_SECONDS_PER_HOUR = 3600


def take_due_at(office: Office, since: datetime) -> datetime:
    """Until when a lead that came at `since` has to be taken into work, in the office's working time."""
    calendar = working_calendar(office.hours, office.zone)
    return calendar.add(since, office.lead_times.take_hours * _SECONDS_PER_HOUR)
