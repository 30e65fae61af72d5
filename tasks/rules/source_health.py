"""When a source that fails is tried again, and when people are told: a growing pause with an upper bound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_FIRST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=1)
_ALARM_AFTER_FAILURES = 3
_ALARM_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Health:
    """How a source is. `failure_count` in a row; `last_success_at` None: never read."""

    source: str
    failure_count: int = 0
    last_error: str = ""
    last_success_at: datetime | None = None
    next_try_at: datetime | None = None

    @property
    def streak(self) -> str:
        """The name of this row of failures or successes: it changes with the success before it."""
        return self.last_success_at.isoformat() if self.last_success_at else "never"

    def may_try(self, now: datetime) -> bool:
        """Whether the pause is over."""
        return self.next_try_at is None or self.next_try_at <= now

    def is_alarm_due(self, now: datetime) -> bool:
        """Three failures in a row, or two and a quarter of an hour without a success: one alone may be a flicker."""
        lasts = now - self.last_success_at if self.last_success_at else timedelta()
        return self.failure_count >= _ALARM_AFTER_FAILURES or (self.failure_count > 1 and lasts >= _ALARM_AFTER)


def pause_after(failure_count: int) -> timedelta:
    """None after the first failure in a row, then 5 minutes, doubling up to an hour."""
    if failure_count < 2:
        return timedelta()
    return min(_FIRST_PAUSE * (1 << min(failure_count - 2, 10)), _LONGEST_PAUSE)
