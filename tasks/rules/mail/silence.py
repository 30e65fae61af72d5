"""When a mailbox has been silent for unusually long, measured by its own weeks.

The norm is how often mail came in a ten-minute cell of each hour of the week, in the office's zone; a holiday counts as
a Sunday. A cell with a hundred letters counts once, so that one burst does not make a busy hour. Silence is unusual
when, by these frequencies, the chance of as many empty cells in a row is below 1 in 100,000. Such a run may begin
after every letter: at 1 in 1,000 a busy mailbox would raise a false alarm every few days.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

HISTORY = timedelta(weeks=8)
LEAST_HISTORY = timedelta(weeks=3)
LEAST_CELLS = 40
_CELL = timedelta(minutes=10)
_CELLS_PER_HOUR = 6
_SUNDAY = 6
_UNUSUAL = -math.log(1e-5)

Slot = tuple[int, int]
"""Weekday (0 = Monday; a day off is a Sunday) and hour in the office's zone."""


@dataclass(frozen=True, slots=True)
class Days:
    """The office's zone, its usual working weekdays (0 = Monday), and which days are working days in fact."""

    zone: ZoneInfo
    weekdays: tuple[int, ...]
    is_working_day: Callable[[date], bool]

    def slot(self, at: datetime) -> Slot:
        """The hour of the week that `at` counts for."""
        local = at.astimezone(self.zone)
        weekday = local.weekday()
        is_off = weekday in self.weekdays and not self.is_working_day(local.date())
        return (_SUNDAY if is_off else weekday), local.hour


@dataclass(frozen=True, slots=True)
class Norm:
    """A mailbox's habit: by slot, how much the evidence of silence grows with each empty cell (−ln of its chance)."""

    evidence: dict[Slot, float]
    days: Days


@dataclass(frozen=True, slots=True)
class Silence:
    """No mail since `last_at`, which is unusual since `unusual_at`."""

    last_at: datetime
    unusual_at: datetime


def norm_of(arrivals: Iterable[datetime], days: Days, now: datetime) -> Norm | None:
    """The habit that these arrivals show, up to the last one; None when they are too few or cover too little time.

    What came before `HISTORY`, or after `now`, is not looked at. The time since the last arrival is left out: a silence
    must not become its own norm.
    """
    cells = sorted({_cell(at) for at in arrivals if now - HISTORY < at <= now})
    if len(cells) < LEAST_CELLS or now - cells[0] < LEAST_HISTORY:
        return None
    slots = {hour: days.slot(hour) for hour in _hours(cells[0], cells[-1])}
    hours = Counter(slots.values())
    busy = Counter(slots[_hour(cell)] for cell in cells)
    evidence = {slot: -math.log1p(-busy[slot] / (_CELLS_PER_HOUR * count + 1)) for slot, count in hours.items()}
    return Norm(evidence, days)


def silence_of(last_at: datetime, norm: Norm, now: datetime) -> Silence | None:
    """The silence since `last_at` when it is unusual by `now`, else None. A slot never seen says nothing."""
    evidence = 0.0
    for cell in _cells(_cell(last_at) + _CELL, now):
        evidence += norm.evidence.get(norm.days.slot(_hour(cell)), 0.0)
        if evidence >= _UNUSUAL:
            return Silence(last_at, cell + _CELL)
    return None


def _cell(at: datetime) -> datetime:
    """The beginning of the ten minutes, in UTC, that `at` lies in."""
    utc = at.astimezone(UTC)
    return utc.replace(minute=utc.minute // 10 * 10, second=0, microsecond=0)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0)


def _hours(first: datetime, last: datetime) -> Iterator[datetime]:
    hour = _hour(first)
    while hour <= last:
        yield hour
        hour += timedelta(hours=1)


def _cells(first: datetime, until: datetime) -> Iterator[datetime]:
    """Whole cells from `first`, those that have ended by `until`."""
    while first + _CELL <= until:
        yield first
        first += _CELL
