"""When a span of time ends, by the clock or by the office's working time."""

from __future__ import annotations

from datetime import datetime, timedelta

from tasks.rules.process.actions import Span
from tasks.rules.working_time import WorkingCalendar


def span_end(calendar: WorkingCalendar, start: datetime, span: Span) -> datetime:
    """The moment a span after `start` ends; a working day lasts from opening to closing time."""
    if not span.is_working:
        return start + timedelta(seconds=span.seconds)
    return calendar.add(start, span.working_days * calendar.day_seconds if span.working_days else span.seconds)
