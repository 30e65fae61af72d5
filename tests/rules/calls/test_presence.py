"""Who was there and on a break: told by pause entries, unknown without them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tasks.rules.calls.presence import Presence, Sign, presence_of

NINE = datetime(2026, 11, 17, 6, tzinfo=UTC)


def _signs(text: str) -> list[Sign]:
    """'0 ADDMEMBER 600, 60 PAUSE 600': minutes after nine, kind, queue."""
    parts = [one.split() for one in text.split(", ") if one]
    return [Sign(NINE + timedelta(minutes=int(minute)), kind, queue) for minute, kind, queue in parts]


@pytest.mark.parametrize(
    ("text", "present", "paused"),
    [
        ("0 ADDMEMBER 600, 60 PAUSE 600, 70 UNPAUSE 600, 480 REMOVEMEMBER 600", 480, 10),
        ("60 PAUSE 600, 60 PAUSE 601, 70 UNPAUSE 600, 75 UNPAUSE 601", 120, 15),
        ("30 UNPAUSE ALL", 120, 30),
        ("0 ADDMEMBER 600, 90 PAUSE 600", 120, 30),
        ("0 PAUSEALL ALL, 20 UNPAUSEALL ALL, 60 PAUSE 600, 80 UNPAUSE 600", 120, 40),
        ("0 ADDMEMBER 600, 60 REMOVEMEMBER 600, 30 PAUSE 600, 90 UNPAUSE 600", 60, 30),
    ],
)
def test_breaks_are_told_by_their_entries(text: str, present: int, paused: int) -> None:
    talks = [(NINE, NINE + timedelta(minutes=3)), (NINE + timedelta(minutes=110), NINE + timedelta(minutes=120))]
    assert presence_of(_signs(text), talks) == Presence(60 * present, 60 * paused)


def test_without_a_pause_entry_nothing_is_known() -> None:
    assert presence_of(_signs("0 ADDMEMBER 600, 480 REMOVEMEMBER 600"), []) is None
