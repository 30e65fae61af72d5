"""Silence against a mailbox's own norm: what is unusual, what is a night, a holiday, a burst, or too little history."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules.mail.silence import LEAST_CELLS, Days, norm_of, silence_of
from tasks.rules.office import Hours
from tasks.rules.working_time import working_calendar

MOSCOW = ZoneInfo("Europe/Moscow")
HOURS = Hours(time(9), time(18))
DAYS = Days(MOSCOW, HOURS.weekdays, working_calendar(HOURS, MOSCOW).is_working_day)
NOW = datetime(2026, 10, 20, 12, 0, tzinfo=MOSCOW)  # a Tuesday; the weeks before have no holiday


def office_mail(until: datetime, weeks: int, per_hour: int) -> list[datetime]:
    """Mail at random moments of 9 to 18 on working days."""
    chance = random.Random(7)
    start = (until - timedelta(weeks=weeks)).replace(hour=0, minute=0)
    hours = (start + timedelta(hours=n) for n in range(weeks * 7 * 24 + 24))
    busy = [hour for hour in hours if DAYS.is_working_day(hour.date()) and 9 <= hour.hour < 18]
    found = [hour + timedelta(seconds=chance.randrange(3600)) for hour in busy for _ in range(per_hour)]
    return sorted(at for at in found if at <= until)


def at(day: int, hour: int, minute: int = 0, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("last_at", "now", "is_silent"),
    [
        pytest.param(at(20, 12), at(20, 12, 30), False, id="half an hour by day"),
        pytest.param(at(20, 10), at(20, 15), True, id="five hours by day"),
        pytest.param(at(19, 18), at(20, 9, 10), False, id="a night"),
        pytest.param(at(16, 18), at(19, 9, 10), False, id="a weekend"),
        pytest.param(at(16, 18), at(19, 14), True, id="a weekend and half a Monday"),
        pytest.param(at(19, 18), at(20, 14), True, id="a night and half a day"),
        pytest.param(at(3, 18, month=11), at(5, 9, 10, month=11), False, id="the holiday of 4 November"),
        pytest.param(at(3, 18, month=11), at(5, 15, month=11), True, id="the day after it too"),
    ],
)
def test_silence_is_measured_by_the_hours_of_the_week(last_at: datetime, now: datetime, is_silent: bool) -> None:
    norm = norm_of(office_mail(last_at, 6, per_hour=4), DAYS, last_at)
    assert norm is not None
    silence = silence_of(last_at, norm, now)
    assert (silence is not None) is is_silent
    if silence is not None:
        assert silence.last_at < silence.unusual_at <= now
        assert silence_of(last_at, norm, silence.unusual_at - timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("arrivals", "why"),
    [
        ([], "no mail at all"),
        (office_mail(NOW, 2, per_hour=6), "two weeks"),
        ([NOW - timedelta(days=n) for n in range(28)], "one mail a day for four weeks"),
        ([at for at in office_mail(NOW, 30, 6) if NOW - at > timedelta(weeks=9)], "all of it long ago"),
    ],
)
def test_too_little_history_is_no_norm(arrivals: list[datetime], why: str) -> None:
    assert norm_of(arrivals, DAYS, NOW) is None, why


def test_one_burst_makes_no_busy_hour() -> None:
    burst = [at(13, 3) + timedelta(seconds=n) for n in range(900)]
    norm = norm_of([*office_mail(NOW, 6, 4), *burst], DAYS, NOW)
    assert norm is not None
    assert silence_of(at(20, 2, 50), norm, at(20, 4)) is None


def test_a_long_silence_does_not_become_the_norm() -> None:
    arrivals = office_mail(NOW - timedelta(days=14), 5, per_hour=4)
    norm = norm_of(arrivals, DAYS, NOW)
    assert norm is not None
    assert silence_of(arrivals[-1], norm, NOW) is not None


def test_a_usual_mailbox_raises_no_false_alarm_in_a_quarter() -> None:
    arrivals = office_mail(NOW, 14, per_hour=2)
    norm = norm_of(arrivals, DAYS, NOW)
    assert norm is not None
    assert not [a for a, b in itertools.pairwise(arrivals) if silence_of(a, norm, b)]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 60 * 24 * 56), min_size=LEAST_CELLS, max_size=300),
    st.integers(0, 60 * 24 * 10),
    st.integers(0, 60 * 24 * 10),
)
def test_silence_only_grows_and_never_begins_before_the_last_mail(minutes: list[int], short: int, long: int) -> None:
    arrivals = [NOW - timedelta(minutes=m) for m in minutes]
    norm = norm_of(arrivals, DAYS, NOW)
    if norm is None:
        return
    last_at = max(arrivals)
    shorter, longer = sorted((short, long))
    first = silence_of(last_at, norm, last_at + timedelta(minutes=shorter))
    second = silence_of(last_at, norm, last_at + timedelta(minutes=longer))
    assert first is None or first == second
    assert second is None or last_at < second.unusual_at <= last_at + timedelta(minutes=longer)
    assert all(value >= 0 for value in norm.evidence.values())


def test_the_zone_decides_which_hour_it_is() -> None:
    midnight = datetime(2026, 10, 18, 21, 30, tzinfo=UTC)  # Monday in Moscow already
    assert DAYS.slot(midnight) == (0, 0)
    assert DAYS.slot(datetime(2026, 11, 4, 9, 0, tzinfo=UTC)) == (6, 12)
    assert not DAYS.is_working_day(date(2026, 11, 4))
