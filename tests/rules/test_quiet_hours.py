"""Hours of rest by the client's own clock, and the first moment that suits both sides."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.office import Hours
from tasks.rules.quiet_hours import QuietHours, telling_time
from tasks.rules.working_time import working_calendar

MOSCOW = ZoneInfo("Europe/Moscow")
QUIET = QuietHours(time(21), time(8), MOSCOW)
TELLING = [
    (Hours(time(9), time(18)), QUIET, "2026-11-18 02:30", "2026-11-18 09:00"),
    (Hours(time(9), time(18)), QUIET, "2026-11-20 19:00", "2026-11-23 09:00"),
    (Hours(time(9), time(18)), QUIET, "2026-11-18 12:00", "2026-11-18 12:00"),
    (Hours(time(6), time(18)), QUIET, "2026-11-18 02:30", "2026-11-18 08:00"),
    (Hours(time(6), time(23)), QUIET, "2026-11-18 21:30", "2026-11-19 08:00"),
    (Hours(time(22), time(6)), QUIET, "2026-11-18 02:30", "2026-11-18 02:30"),
    (Hours(time(9), time(18)), QuietHours(time(12), time(14), MOSCOW), "2026-11-18 12:30", "2026-11-18 14:00"),
    (Hours(time(9), time(18)), QuietHours(time(0), time(0), MOSCOW), "2026-11-18 12:30", "2026-11-18 12:30"),
]


@pytest.mark.parametrize(("hours", "quiet", "now", "expected"), TELLING)
def test_the_first_moment_that_is_both_working_and_not_quiet(
    hours: Hours, quiet: QuietHours, now: str, expected: str
) -> None:
    at, wanted = (datetime.fromisoformat(text).replace(tzinfo=MOSCOW) for text in (now, expected))
    assert telling_time(working_calendar(hours, MOSCOW), quiet, at) == wanted


# Vladivostok is seven hours ahead of Moscow: its evening begins at 14:00 of ours, its morning at 01:00.
@pytest.mark.parametrize(
    ("zone", "now", "end"),
    [
        ("Asia/Vladivostok", "2026-11-18 13:59", None),
        ("Asia/Vladivostok", "2026-11-18 14:00", "2026-11-19 01:00"),
        ("Asia/Vladivostok", "2026-11-18 23:30", "2026-11-19 01:00"),
        ("Asia/Vladivostok", "2026-11-18 00:30", "2026-11-18 01:00"),
        ("Asia/Vladivostok", "2026-11-18 03:00", None),
        ("Europe/Moscow", "2026-11-18 03:00", "2026-11-18 08:00"),
        ("", "2026-11-18 03:00", "2026-11-18 08:00"),
        ("Nowhere/Known", "2026-11-18 03:00", "2026-11-18 08:00"),
        ("../etc", "2026-11-18 03:00", "2026-11-18 08:00"),
    ],
)
def test_the_hours_are_by_the_clients_clock(zone: str, now: str, end: str | None) -> None:
    quiet, at = QUIET.of(zone), datetime.fromisoformat(now).replace(tzinfo=MOSCOW)
    assert quiet.cover(at) == (end is not None)
    assert end is None or quiet.end_after(at) == datetime.fromisoformat(end).replace(tzinfo=MOSCOW)


def test_a_far_client_is_told_while_both_are_awake() -> None:
    calendar = working_calendar(Hours(time(9), time(18)), MOSCOW)
    afternoon = datetime(2026, 11, 18, 15, 0, tzinfo=MOSCOW)  # 22:00 in Vladivostok
    assert telling_time(calendar, QUIET.of("Asia/Vladivostok"), afternoon) == datetime(2026, 11, 19, 9, tzinfo=MOSCOW)
    assert telling_time(calendar, QUIET, afternoon) == afternoon


@given(
    st.sampled_from(["Europe/Moscow", "Asia/Vladivostok", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
    st.times(),
    st.times(),
    st.integers(0, 366 * 24 * 3600).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
)
def test_rest_ends_within_a_day_at_a_moment_that_is_free(zone: str, begins: time, ends: time, now: datetime) -> None:
    quiet = QuietHours(begins.replace(microsecond=0), ends.replace(microsecond=0), ZoneInfo(zone))
    if quiet.cover(now):
        end = quiet.end_after(now)
        assert now < end <= now + timedelta(hours=25)
        assert end.astimezone(quiet.zone).time() == quiet.ends
