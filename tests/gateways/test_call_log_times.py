"""Times of telephone systems: clock changes, and what spreadsheets make of them; never silently wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.gateways.call_logs.line_text import RefusedLineError
from tasks.gateways.call_logs.local_times import FOUND_NOTE, ORDER_NOTE, SECONDS_NOTE, LocalTimes

MOSCOW = LocalTimes(ZoneInfo("Europe/Moscow"))
ZONES = ("Europe/Moscow", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns")
NOON = datetime(2026, 4, 3, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "near", "expected", "note"),
    [
        ("2026-04-03 12:00:07", None, NOON + timedelta(seconds=7), ""),
        ("03.04.2026 12:00:07", None, NOON + timedelta(seconds=7), ORDER_NOTE),
        ("3.4.26 12:00", None, NOON, SECONDS_NOTE),
        ("2026-04-03 12:00", None, NOON, SECONDS_NOTE),
        ("2026/04/03 12:00:07", None, NOON + timedelta(seconds=7), ORDER_NOTE),
        ("04/03/2026 12:00", NOON + timedelta(seconds=31), NOON + timedelta(seconds=31), FOUND_NOTE),
        ("03/04/2026 12:00", NOON + timedelta(seconds=31), NOON + timedelta(seconds=31), FOUND_NOTE),
        ("4/13/2026 3:05:00 PM", None, datetime(2026, 4, 13, 12, 5, tzinfo=UTC), ORDER_NOTE),
        ("13/4/2026 15:05", None, datetime(2026, 4, 13, 12, 5, tzinfo=UTC), SECONDS_NOTE),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_leaves(text: str, near: datetime | None, expected: datetime, note: str) -> None:
    assert MOSCOW.read(text, near) == (expected, note)


@pytest.mark.parametrize(
    ("text", "near"),
    [("03/04/2026 12:00", None), ("03/04/2026 12:00:00", NOON + timedelta(days=90)), ("31.13.2026 12:00", None),
     ("46129.5", None), ("", None), ("2026-04-03", None), ("2026-04-03 25:00:00", None), ("2026-04-03T12:00:00", None),
     ("2026-04-03 12:00+03", None)],
)  # fmt: skip
def test_what_nothing_proves_is_refused(text: str, near: datetime | None) -> None:
    with pytest.raises(RefusedLineError):
        MOSCOW.read(text, near)


@settings(deadline=None)
@given(st.integers(1_767_225_600, 1_830_297_600), st.sampled_from(ZONES))
def test_every_moment_of_two_years_is_found_again(epoch: int, zone: str) -> None:
    moment = datetime.fromtimestamp(epoch, UTC)
    times = LocalTimes(ZoneInfo(zone))
    text = moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
    assert times.utc(text, moment) == moment
    # an hour's offset is kept: the other half of a hour in which clocks change must not use it
    later = moment + timedelta(minutes=30)
    assert times.utc(later.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S"), later) == later


def test_the_nights_of_clock_changes() -> None:
    berlin = LocalTimes(ZoneInfo("Europe/Berlin"))
    for hour in (0, 1):
        moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        assert berlin.utc("2026-10-25 02:30:00", moment) == moment
    # an hour that is not there was written by a clock that did not follow: either offset is an hour off at most
    gap = berlin.utc("2026-03-29 02:30:00", datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    assert gap == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
