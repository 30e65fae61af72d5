"""The ladder: windows, missed nights, fresh registers, renewals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules.ladder import Paper, Reminder, due_reminders
from tasks.rules.office import LadderStep

END = date(2026, 12, 31)
LADDER = (
    LadderStep(90, ("responsible",)),
    LadderStep(30, ("responsible", "client")),
    LadderStep(7, ("responsible", "client", "manager")),
    LadderStep(0, ("responsible", "client")),
    LadderStep(-7, ("responsible", "chief")),
)
PLACES = {"responsible": ["person:1"], "manager": ["person:2"], "client": ["contact:5"], "chief": ["person:9"]}
PAPER = Paper(1, 1, END, PLACES, frozenset())


def on(days_left: int, paper: Paper = PAPER) -> list[Reminder]:
    return due_reminders([paper], LADDER, END - timedelta(days=days_left))


def told(reminders: list[Reminder]) -> list[tuple[str, int, int]]:
    return [(one.recipient, one.stage_days, one.late_days) for one in reminders if not one.is_overtaken]


def after(paper: Paper, reminders: list[Reminder]) -> Paper:
    return replace(paper, told=frozenset(paper.told) | {(one.stage_days, one.recipient) for one in reminders})


FRESH = {
    91: [],
    90: [("person:1", 90, 0)],
    31: [("person:1", 90, 59)],
    30: [("person:1", 30, 0), ("contact:5", 30, 0)],
    7: [("person:1", 7, 0), ("contact:5", 7, 0), ("person:2", 7, 0)],
    3: [("person:1", 7, 4), ("contact:5", 7, 4), ("person:2", 7, 4)],
    0: [("person:1", 0, 0), ("contact:5", 0, 0)],
    -6: [("person:1", 0, 6), ("contact:5", 0, 6)],
    -7: [("person:1", -7, 0), ("person:9", -7, 0)],
    -300: [("person:1", -7, 293), ("person:9", -7, 293)],
}


@pytest.mark.parametrize("days_left", FRESH)
def test_a_fresh_register_is_told_at_its_current_stage_only(days_left: int) -> None:
    reminders = on(days_left)
    assert told(reminders) == FRESH[days_left]
    assert due_reminders([after(PAPER, reminders)], LADDER, END - timedelta(days=days_left)) == []


def test_missed_nights_give_one_message_of_the_most_urgent_stage() -> None:
    known = after(PAPER, on(90))
    reminders = on(5, known)
    assert told(reminders) == [("person:1", 7, 2), ("contact:5", 7, 2), ("person:2", 7, 2)]
    assert [(one.recipient, one.stage_days) for one in reminders if one.is_overtaken] == [
        ("person:1", 30),
        ("contact:5", 30),
    ]


def test_a_missed_stage_that_alone_names_someone_is_not_lost() -> None:
    known = after(PAPER, on(30))
    assert ("person:2", 7, 8) in told(on(-1, known))


def test_a_new_responsible_person_is_told_once() -> None:
    known = after(PAPER, on(30))
    moved = replace(known, places=PLACES | {"responsible": ["person:3"]})
    assert told(on(29, moved)) == [("person:3", 30, 1)]


def test_renewal_stops_the_rest() -> None:
    renewed = replace(PAPER, term_version=2, valid_until=END + timedelta(days=365))
    assert due_reminders([renewed], LADDER, END) == []


STAND_INS = [
    ({"client": []}, [("person:1", 30, 0), ("person:2", 30, 0)]),
    ({"client": [], "manager": []}, [("person:1", 30, 0), ("person:9", 30, 0)]),
    ({"responsible": []}, [("person:2", 30, 0), ("contact:5", 30, 0)]),
    ({"responsible": ["person:2"], "client": []}, [("person:2", 30, 0)]),
    ({"responsible": [], "client": [], "manager": [], "chief": []}, []),
]


@pytest.mark.parametrize(("changed", "expected"), STAND_INS)
def test_an_empty_place_is_filled(changed: dict[str, list[str]], expected: list[tuple[str, int, int]]) -> None:
    assert told(on(30, replace(PAPER, places=PLACES | changed))) == expected


@settings(max_examples=200)
@given(st.lists(st.integers(-20, 100), unique=True))
def test_whatever_nights_are_missed(nights: list[int]) -> None:
    paper, seen = PAPER, []
    for days_left in sorted(nights, reverse=True):
        reminders = on(days_left, paper)
        by_recipient = [one.recipient for one in reminders if not one.is_overtaken]
        assert len(by_recipient) == len(set(by_recipient))
        seen += [(one.stage_days, one.recipient) for one in reminders]
        paper = after(paper, reminders)
        current = min((step.days for step in LADDER if step.days >= days_left), default=None)
        assert current is None or (current, "person:1") in paper.told
    assert len(seen) == len(set(seen))
