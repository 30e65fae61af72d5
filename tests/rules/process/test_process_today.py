"""The office's day of an event is that of its zone, whatever moments were asked about before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.office import Hours
from tasks.rules.process.slots import today
from tasks.rules.process.state import OfficeFacts
from tasks.rules.working_time import working_calendar

# the last four change their clocks at midnight, forwards or backwards
ZONES = ("Europe/Moscow", "Europe/Berlin", "America/Havana", "America/Asuncion", "Asia/Beirut", "America/Sao_Paulo")
BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
MINUTES = st.integers(0, 4 * 366 * 24 * 60)


@dataclass
class Asked:
    """As much of a scene as the day needs."""

    facts: OfficeFacts
    now: datetime


@given(st.sampled_from(ZONES), MINUTES, st.lists(st.integers(-1600, 1600), min_size=1, max_size=6))
def test_the_day_is_that_of_the_zone(name: str, minutes: int, others: list[int]) -> None:
    zone = ZoneInfo(name)
    hours = Hours(dt.time(9), dt.time(18))
    facts = OfficeFacts({}, {}, frozenset(), working_calendar(hours, ZoneInfo("Europe/Moscow")), zone)
    for shift in (0, *others):
        now = BEGIN + timedelta(days=2, minutes=minutes + shift)
        assert today(Asked(facts, now)) == now.astimezone(zone).date()  # type: ignore[arg-type]  # no more is read


def test_every_midnight_of_four_years_begins_a_day() -> None:
    for name in ZONES:
        zone = ZoneInfo(name)
        calendar = working_calendar(Hours(dt.time(9), dt.time(18)), ZoneInfo("Europe/Moscow"))
        facts = OfficeFacts({}, {}, frozenset(), calendar, zone)
        for minutes in range(0, 4 * 366 * 24 * 60, 30):
            now = BEGIN + timedelta(minutes=minutes)
            assert today(Asked(facts, now)) == now.astimezone(zone).date()  # type: ignore[arg-type]  # no more is read
