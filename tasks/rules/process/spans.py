"""When a span of time ends, by the clock or by the office's working time."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tasks.rules.office import Hours
from tasks.rules.process.actions import Span
from tasks.rules.working_time import WorkingCalendar

_DAY_SECONDS = 86400
_lengths: dict[tuple[time, time], int] = {}


def span_end(calendar: WorkingCalendar, start: datetime, span: Span) -> datetime:
    """The moment a span after `start` ends; a working day lasts from opening to closing time."""
    if not span.is_working:
        return start + timedelta(seconds=span.seconds)
    if not span.working_days:
        return calendar.add(start, span.seconds)
    return calendar.add(start, span.working_days * day_seconds(calendar.hours))


def day_seconds(hours: Hours) -> int:
    """How long a full working day is; one that closes at or before its opening closes on the next day."""
    key = (hours.opens, hours.closes)
    if key not in _lengths:
        seconds = _of_day(hours.closes) - _of_day(hours.opens)
        _lengths[key] = seconds if seconds > 0 else seconds + _DAY_SECONDS
    return _lengths[key]


def _of_day(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second
