"""When a span of time ends, by the clock or by the office's working time."""

from __future__ import annotations

from datetime import datetime, timedelta

from tasks.rules.office import Hours
from tasks.rules.process.actions import Span
from tasks.rules.working_time import WorkingCalendar

_DAY_SECONDS = 86400


def span_end(calendar: WorkingCalendar, start: datetime, span: Span) -> datetime:
    """The moment a span after `start` ends; a working day lasts from opening to closing time."""
    if not span.is_working:
        return start + timedelta(seconds=span.seconds)
    return calendar.add(start, span.seconds + span.working_days * day_seconds(calendar.hours))


def day_seconds(hours: Hours) -> int:
    """How long a full working day is; one that closes at or before its opening closes on the next day."""
    opens = hours.opens.hour * 3600 + hours.opens.minute * 60 + hours.opens.second
    closes = hours.closes.hour * 3600 + hours.closes.minute * 60 + hours.closes.second
    return closes - opens if closes > opens else closes - opens + _DAY_SECONDS
