"""Which days a trial is about."""

from __future__ import annotations

from datetime import datetime

from tasks.desk import Desk
from tasks.rules.report_period import day_bounds, report_days


def span_of_days(desk: Desk, first_day: str, last_day: str, now: datetime) -> tuple[datetime, datetime]:
    """The UTC moments between which the office's days lie, inclusive; '' is yesterday. Raises UsageError."""
    first, last = report_days(first_day, last_day, now, desk.office.zone)
    return day_bounds(first, last, desk.office.zone)
