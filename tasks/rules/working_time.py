"""Working time: deadlines and durations counted in the office's opening hours only.

Openings are kept as sorted intervals of UTC with running sums, so that a question costs two bisections. Durations are
elapsed time: over a clock change an opening is as long as it really was.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tasks.rules.office import Hours
from tasks.rules.public_holidays import country_year

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_SHORTER_BY = timedelta(hours=1)
_DAY_SECONDS = 86_400
_MICROS = 1_000_000


class _Openings(NamedTuple):
    """Opening intervals of whole years in microseconds since 1970; `worked[i]` is the working time before opening i."""

    first_year: int
    last_year: int
    opens: list[int]
    closes: list[int]
    worked: list[int]


_NOTHING = _Openings(0, 0, [], [], [])
_MOST_STRETCHES = 4096


_Stretch = tuple[datetime, datetime, timedelta]
"""After which and until which moment something may start so that it ends so much later."""


@dataclass(slots=True)
class WorkingCalendar:
    """Opening hours over the years, built as they are asked for. Aware times in, aware UTC out.

    `day_seconds` is how long a full working day is; one that closes at or before its opening closes on the next day.
    """

    hours: Hours
    zone: ZoneInfo
    day_seconds: int = field(init=False, repr=False, compare=False)
    _years: dict[int, list[tuple[int, int]]] = field(default_factory=dict, repr=False)
    _openings: _Openings | None = field(default=None, repr=False)
    _stretches: dict[tuple[date, int], _Stretch] = field(default_factory=dict, repr=False, compare=False)
    _latest: dict[int, _Stretch] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        lasts = _on(date.min, self.hours.closes) - _on(date.min, self.hours.opens)
        self.day_seconds = lasts.seconds or _DAY_SECONDS

    def add(self, start: datetime, seconds: int) -> datetime:
        """The moment when `seconds` of working time have passed since `start`.

        A deadline exactly at closing time stays there; with 0 seconds a start outside the hours moves to the next
        opening. Raises ValueError for negative seconds, or when a whole year has no working time.
        """
        stretch = self._latest.get(seconds)
        if stretch is not None and start.tzinfo is UTC and stretch[0] < start <= stretch[1]:
            return start + stretch[2]
        key = (start.date(), seconds)
        stretch = self._stretches.get(key)
        if stretch is not None and start.tzinfo is UTC and stretch[0] < start <= stretch[1]:
            self._latest[seconds] = stretch
            return start + stretch[2]
        if seconds <= 0:
            return self._at_work(start, seconds)
        table = self._covering(start.year - 1, start.year + 1)
        at = _micros(start)
        target = _worked_until(table, at) + seconds * _MICROS
        while target > table.worked[-1]:
            # another thread may have widened the table at its beginning, where the sums start
            table = self._covering(table.first_year, table.last_year + 1)
            target = _worked_until(table, at) + seconds * _MICROS
        found = bisect_left(table.worked, target) - 1
        end = table.opens[found] + target - table.worked[found]
        self._keep(key, _stretch(table, at, found, end))
        return _moment(end)

    def _keep(self, key: tuple[date, int], stretch: _Stretch | None) -> None:
        """Deadlines of one length that are counted from one day mostly end in one opening, all equally much later."""
        if stretch is not None:
            if len(self._stretches) >= _MOST_STRETCHES:
                self._stretches.clear()
                self._latest.clear()
            self._stretches[key] = stretch

    def _at_work(self, start: datetime, seconds: int) -> datetime:
        if seconds < 0:
            raise ValueError("working time cannot be added backwards")
        at = _micros(start)
        table = self._covering(start.year - 1, start.year + 1)
        index = bisect_right(table.opens, at) - 1
        return _moment(at if at <= table.closes[index] else table.opens[index + 1])

    def seconds_between(self, a: datetime, b: datetime) -> int:
        """Whole seconds of working time from `a` to `b`; negative when `b` is the earlier."""
        table = self._covering(min(a.year, b.year) - 1, max(a.year, b.year) + 1)
        micros = _worked_until(table, _micros(b)) - _worked_until(table, _micros(a))
        return micros // _MICROS if micros >= 0 else -(-micros // _MICROS)

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself within opening hours, else the next moment the office opens (closing time is outside)."""
        micros = _micros(at)
        table = self._covering(at.year - 1, at.year + 1)
        index = bisect_right(table.opens, micros) - 1
        return _moment(micros if micros < table.closes[index] else table.opens[index + 1])

    def is_working_day(self, day: date) -> bool:
        """Whether the office opens on `day`: its weekdays, public holidays, moved days and the company's own."""
        if day in self.hours.extra_working_days:
            return True
        if day in self.hours.extra_holidays:
            return False
        year = country_year(self.hours.country, day.year)
        if day.weekday() in self.hours.weekdays:
            return day not in year.days_off
        return day in year.worked_weekend_days

    def _covering(self, first_year: int, last_year: int) -> _Openings:
        table = self._openings
        if table is None or first_year < table.first_year or last_year > table.last_year:
            first = first_year if table is None else min(first_year, table.first_year)
            last = last_year if table is None else max(last_year, table.last_year)
            table = self._openings = self._build(first, last)
        return table

    def _build(self, first_year: int, last_year: int) -> _Openings:
        intervals = [interval for year in range(first_year, last_year + 1) for interval in self._year(year)]
        lengths = (closes - opens for opens, closes in intervals)
        worked = list(accumulate(lengths, initial=0))
        opens, closes = [i[0] for i in intervals], [i[1] for i in intervals]
        return _Openings(first_year, last_year, opens, closes, worked)

    def _year(self, year: int) -> list[tuple[int, int]]:
        if year not in self._years:
            first = date(year, 1, 1)
            days = (first + _DAY * n for n in range((date(year + 1, 1, 1) - first).days))
            found = [self._opening(day) for day in days if self.is_working_day(day)]
            self._years[year] = [interval for interval in found if interval[0] < interval[1]]
            if not self._years[year]:
                raise ValueError(f"the office has no working time in {year}")
        return self._years[year]

    def _opening(self, day: date) -> tuple[int, int]:
        """One day's interval; closing at or before the opening means the next day. A gap moves a time an hour later."""
        opens, closes = _on(day, self.hours.opens), _on(day, self.hours.closes)
        closes += _DAY if closes <= opens else timedelta()
        if day in country_year(self.hours.country, day.year).short_days:
            closes -= _SHORTER_BY
        return _micros(opens.replace(tzinfo=self.zone)), _micros(closes.replace(tzinfo=self.zone))


@lru_cache(maxsize=64)
def working_calendar(hours: Hours, zone: ZoneInfo) -> WorkingCalendar:
    """The calendar of these hours in `zone`. Raises ValueError when no holidays are known for the country."""
    country_year(hours.country, 2000)
    return WorkingCalendar(hours, zone)


def _on(day: date, at: time) -> datetime:
    return datetime.combine(day, at)


def _stretch(table: _Openings, start: int, found: int, end: int) -> _Stretch | None:
    """The starts in the opening of `start` that end in the opening `found`; None when `start` is outside the hours."""
    index = bisect_right(table.opens, start) - 1
    if start > table.closes[index]:
        return None
    earliest = max(table.opens[index], start - (end - table.opens[found]))
    latest = min(table.closes[index], start + (table.closes[found] - end))
    return _moment(earliest), _moment(latest), timedelta(microseconds=end - start)


def _worked_until(table: _Openings, at: int) -> int:
    index = bisect_right(table.opens, at) - 1
    return table.worked[index] + min(at, table.closes[index]) - table.opens[index]


def _micros(at: datetime) -> int:
    """Microseconds since 1970 UTC. Raises TypeError for a naive time."""
    since = at - _EPOCH
    return (since.days * _DAY_SECONDS + since.seconds) * _MICROS + since.microseconds


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
