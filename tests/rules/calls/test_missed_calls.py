"""Which calls are missed, who owes the call back, and what settles it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tasks.rules.calls.missed import LaterCall, choose_caller, find_settling, is_missed
from tasks.rules.office import Absence, Person

START = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 17)


@pytest.mark.parametrize(
    ("direction", "outcome", "wait", "ring", "missed"),
    [
        ("in", "abandoned", 5, 11, True),
        ("in", "abandoned", 4, 11, False),
        ("in", "abandoned", None, 11, True),
        ("in", "no_answer", None, 4, False),
        ("in", "busy", 1, 1, True),
        ("in", "failed", 0, 0, True),
        ("in", "answered", 60, 90, False),
        ("out", "no_answer", None, 60, False),
        ("internal", "no_answer", None, 60, False),
    ],
)
def test_a_missed_call(direction: Any, outcome: Any, wait: int | None, ring: int, missed: bool) -> None:
    assert is_missed(direction, outcome, wait, ring, 5) is missed


def _call(name: str, direction: Any, outcome: Any, minutes: int) -> LaterCall:
    at = START + timedelta(minutes=minutes)
    answered = at + timedelta(seconds=10) if outcome == "answered" else None
    return LaterCall(1, name, direction, outcome, at, answered, at + timedelta(minutes=1), None)


@pytest.mark.parametrize(
    ("calls", "settled"),
    [
        ([], None),
        ([("a", "out", "answered", 5)], ("returned", "a")),
        ([("a", "out", "no_answer", 5)], ("returned", "a")),
        ([("a", "out", "busy", 5), ("b", "out", "failed", 6)], None),
        ([("a", "out", "answered", -5)], None),
        ([("a", "in", "abandoned", 5)], None),
        ([("a", "in", "answered", 5)], ("came_back", "a")),
        ([("b", "out", "answered", 9), ("a", "in", "answered", 5)], ("came_back", "a")),
    ],
)
def test_what_settles_a_missed_call(calls: list[tuple[str, str, str, int]], settled: tuple[str, str] | None) -> None:
    found = find_settling(START, [_call(*call) for call in calls])
    assert (found and (found.state, found.call.linked_id)) == settled


def _person(key: str, role: Any, away: str | None = None) -> Person:
    absences = () if away is None else (Absence(DAY, DAY, substitute=away),)
    return Person(key, key, f"{key}@example.com", (role,), absences=absences)


@pytest.mark.parametrize(
    ("manager", "people", "chosen"),
    [
        ("mikhail", [_person("olga", "operator"), _person("mikhail", "manager")], "mikhail"),
        ("mikhail", [_person("olga", "operator"), _person("mikhail", "manager", "olga")], "olga"),
        ("mikhail", [_person("olga", "operator"), _person("mikhail", "manager", "")], "olga"),
        ("", [_person("pavel", "operator", ""), _person("olga", "operator")], "olga"),
        ("", [_person("pavel", "operator", "olga"), _person("olga", "operator", "pavel")], None),
        ("", [_person("mikhail", "manager")], None),
    ],
)
def test_who_calls_back(manager: str, people: list[Person], chosen: str | None) -> None:
    assert choose_caller(manager, people, DAY) == chosen
