"""Which days a report is about, and when they begin and end."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tasks.rules.errors import UsageError


def report_days(first_day: str, last_day: str, as_of: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The first and last local day asked for (ISO text); '' is the last whole day before `as_of`, or the first day's.

    Raises UsageError for what is no day, and for a last day before the first.
    """
    whole = as_of.astimezone(zone).date() - timedelta(days=1)
    try:
        last = date.fromisoformat(last_day) if last_day else None
        first = date.fromisoformat(first_day) if first_day else None
    except ValueError as error:
        raise UsageError(f"a day is written like 2026-11-17: {error}") from error
    first, last = first or last or whole, last or max(first or whole, whole)
    if last < first:
        raise UsageError(f"the last day {last} is before the first day {first}")
    return first, last


def day_bounds(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The UTC moments when the first day begins and the last one is over (the latter is outside)."""
    begins = datetime.combine(first, time(), zone)
    ends = datetime.combine(last + timedelta(days=1), time(), zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)
