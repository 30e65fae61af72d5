"""Working time against Russian production calendars, clock changes, and the laws of addition."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules.office import Hours
from tasks.rules.working_time import WorkingCalendar, working_calendar

MOSCOW = ZoneInfo("Europe/Moscow")
OSLO = ZoneInfo("Europe/Oslo")
NINE_TO_SIX = Hours(time(9), time(18))
HOUR = 3600


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


def office() -> WorkingCalendar:
    return working_calendar(NINE_TO_SIX, MOSCOW)


ADDED = [
    # start, working hours, expected; 2026-11-04 is a holiday, 2026-11-03 its shortened eve
    ("2026-11-17 09:30", 2, "2026-11-17 11:30"),
    ("2026-11-17 09:00", 9, "2026-11-17 18:00"),
    ("2026-11-17 17:00", 2, "2026-11-18 10:00"),
    ("2026-11-17 03:00", 1, "2026-11-17 10:00"),
    ("2026-11-17 18:00", 1, "2026-11-18 10:00"),
    ("2026-11-20 17:30", 1, "2026-11-23 09:30"),
    ("2026-11-03 09:00", 8, "2026-11-03 17:00"),
    ("2026-11-03 17:30", 1, "2026-11-05 10:00"),
    ("2026-11-03 16:00", 2, "2026-11-05 10:00"),
    ("2026-12-30 17:00", 2, "2027-01-11 10:00"),
    ("2024-11-02 16:00", 2, "2024-11-05 10:00"),
    ("2026-11-17 20:00", 0, "2026-11-18 09:00"),
    ("2026-11-17 18:00", 0, "2026-11-17 18:00"),
    ("2026-11-17 12:00", 0, "2026-11-17 12:00"),
]


@pytest.mark.parametrize(("start", "hours", "expected"), ADDED)
def test_working_hours_are_added(start: str, hours: int, expected: str) -> None:
    found = office().add(moscow(start), hours * HOUR)
    assert (found, found.tzinfo) == (moscow(expected), UTC)


OPENINGS = [
    ("2026-11-17 12:00", "2026-11-17 12:00"),
    ("2026-11-17 09:00", "2026-11-17 09:00"),
    ("2026-11-17 18:00", "2026-11-18 09:00"),
    ("2026-11-17 02:30", "2026-11-17 09:00"),
    ("2026-11-03 17:00", "2026-11-05 09:00"),
    ("2026-12-31 12:00", "2027-01-11 09:00"),
]


@pytest.mark.parametrize(("at", "expected"), OPENINGS)
def test_next_opening(at: str, expected: str) -> None:
    assert office().next_opening(moscow(at)) == moscow(expected)


# Official production calendars: (working days, shortened days) of a five-day week.
YEARS = {
    2022: (247, "02-22 03-05 11-03"),
    2023: (247, "02-22 03-07 11-03"),
    2024: (248, "02-22 03-07 05-08 06-11 11-02"),
    2025: (247, "03-07 04-30 06-11 11-01"),
    2026: (247, "04-30 05-08 06-11 11-03"),
}


@pytest.mark.parametrize("year", YEARS)
def test_russian_production_calendar(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366) if (date(year, 1, 1) + timedelta(n)).year == year]
    working = [day for day in days if office().is_working_day(day)]
    short = [f"{day:%m-%d}" for day in working if _worked_hours(day) == 8]
    assert (len(working), " ".join(short)) == YEARS[year]
    assert all(_worked_hours(day) in (8, 9) for day in working)


def _worked_hours(day: date) -> float:
    midnight = datetime.combine(day, time(), MOSCOW)
    return office().seconds_between(midnight, midnight + timedelta(days=1)) / HOUR


def test_the_company_overrides_the_country() -> None:
    hours = Hours(time(9), time(18), extra_holidays=(date(2026, 11, 18),), extra_working_days=(date(2026, 11, 21),))
    calendar = working_calendar(hours, MOSCOW)
    assert calendar.add(moscow("2026-11-17 17:00"), 2 * HOUR) == moscow("2026-11-19 10:00")
    assert calendar.add(moscow("2026-11-20 17:00"), 2 * HOUR) == moscow("2026-11-21 10:00")


def test_other_weekdays_and_no_holidays() -> None:
    saturdays = working_calendar(Hours(time(10), time(14), weekdays=(5,)), MOSCOW)
    assert saturdays.add(moscow("2026-11-17 12:00"), 5 * HOUR) == moscow("2026-11-28 11:00")
    always = working_calendar(Hours(time(0), time(0), tuple(range(7)), country=""), MOSCOW)
    assert always.add(moscow("2026-12-31 23:00"), 50 * HOUR) == moscow("2027-01-03 01:00")


def test_clock_changes_are_elapsed_time() -> None:
    nights = working_calendar(Hours(time(0), time(6), tuple(range(7)), country=""), OSLO)
    spring, autumn = datetime(2026, 3, 29, tzinfo=OSLO), datetime(2026, 10, 25, tzinfo=OSLO)
    assert nights.seconds_between(spring, spring + timedelta(days=1)) == 5 * HOUR
    assert nights.seconds_between(autumn, autumn + timedelta(days=1)) == 7 * HOUR
    assert nights.add(spring, 2 * HOUR) == datetime(2026, 3, 29, 3, tzinfo=OSLO)
    in_the_gap = working_calendar(Hours(time(2, 30), time(6), tuple(range(7)), country=""), OSLO)
    assert in_the_gap.next_opening(spring) == datetime(2026, 3, 29, 3, 30, tzinfo=OSLO)


def test_mistakes_are_refused() -> None:
    with pytest.raises(ValueError, match="country 'XX'"):
        working_calendar(Hours(time(9), time(18), country="XX"), MOSCOW)
    with pytest.raises(ValueError, match="no working time in"):
        working_calendar(Hours(time(9), time(18), weekdays=()), MOSCOW).add(moscow("2026-11-17 12:00"), 60)
    with pytest.raises(ValueError, match="backwards"):
        office().add(moscow("2026-11-17 12:00"), -1)
    with pytest.raises(TypeError):
        office().add(datetime(2026, 11, 17, 12), 60)  # noqa: DTZ001 (a naive time is what must be refused)


MOMENTS = st.datetimes(datetime(2019, 1, 1), datetime(2030, 1, 1), timezones=st.sampled_from([UTC, MOSCOW, OSLO]))  # noqa: DTZ001
CALENDARS = st.sampled_from(
    [
        office(),
        working_calendar(Hours(time(22), time(6), (0, 2, 4)), OSLO),
        working_calendar(Hours(time(0), time(0), tuple(range(7)), country=""), OSLO),
        working_calendar(Hours(time(10, 0, 30), time(10, 1), (6,)), MOSCOW),
    ]
)
SECONDS = st.integers(0, 400_000)


@settings(max_examples=300, deadline=None)
@given(CALENDARS, MOMENTS, SECONDS, SECONDS)
def test_laws(calendar: WorkingCalendar, at: datetime, first: int, second: int) -> None:
    middle = calendar.add(at, first)
    end = calendar.add(middle, second)
    assert at <= middle <= end
    assert calendar.seconds_between(at, middle) == first
    assert calendar.seconds_between(middle, at) == -first
    assert calendar.add(at, first + second) == end
    opening = calendar.next_opening(at)
    assert calendar.seconds_between(at, opening) == 0
    assert calendar.next_opening(opening) == opening
    assert calendar.seconds_between(opening, opening + timedelta(seconds=1)) == 1


@settings(max_examples=60, deadline=None)
@given(MOMENTS, st.integers(0, 40 * HOUR))
def test_it_agrees_with_counting_minutes(at: datetime, span: int) -> None:
    start = at.replace(second=0, microsecond=0)
    minutes = span // 60
    moments = (start.astimezone(UTC) + timedelta(minutes=n) for n in range(minutes))
    counted = sum(60 for moment in moments if office().next_opening(moment) == moment)
    assert office().seconds_between(start, start.astimezone(UTC) + timedelta(minutes=minutes)) == counted


@pytest.mark.long
@settings(max_examples=100, deadline=None)
@given(CALENDARS, st.sampled_from([HOUR, 4 * HOUR, 9 * HOUR, 18 * HOUR]), st.lists(st.integers(0, 7 * 48), min_size=8))
def test_what_is_kept_of_earlier_questions_changes_no_answer(
    calendar: WorkingCalendar, span: int, half_hours: list[int]
) -> None:
    for n in half_hours:
        start = datetime(2026, 10, 21, tzinfo=UTC) + timedelta(minutes=30 * n)
        fresh = WorkingCalendar(calendar.hours, calendar.zone)
        assert calendar.add(start, span) == fresh.add(start, span)
