"""Work goes to the least loaded who is present; an absent person's substitute acts for them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.assignment import Away, Member, least_loaded, present_in_role, speaks_for, stand_in

DAY = date(2026, 11, 17)


def _member(key: str, *, away: str | None = None, roles: tuple[str, ...] = ("manager",)) -> Member:
    absences = () if away is None else (Away(DAY, DAY, away),)
    return Member(f"person:{key}", key, key.title(), frozenset(roles), absences)


def _staff(*members: Member) -> dict[str, Member]:
    return {member.ref: member for member in members}


@pytest.mark.parametrize(
    ("loads", "expected"),
    [
        ({}, "person:a"),
        ({"person:a": 1}, "person:b"),
        ({"person:a": 2, "person:b": 2}, "person:a"),
        ({"person:b": -0}, "person:a"),
    ],
)
def test_the_least_loaded_gets_it_and_ties_go_by_key(loads: dict[str, int], expected: str) -> None:
    assert least_loaded(_staff(_member("b"), _member("a")), "manager", loads, DAY) == expected


def test_an_absent_member_gets_nothing_while_others_are_there() -> None:
    staff = _staff(_member("a", away="person:c"), _member("b"), _member("c", roles=()))
    assert least_loaded(staff, "manager", {"person:b": 9}, DAY) == "person:b"


def test_when_all_are_away_the_substitutes_stand_in() -> None:
    staff = _staff(_member("a", away="person:c"), _member("b", away=""), _member("c", roles=()))
    assert present_in_role(staff, "manager", DAY) == ["person:c", "person:b"]


def test_nobody_has_the_role() -> None:
    assert least_loaded(_staff(_member("a")), "dispatcher", {}, DAY) is None


def test_substitutes_in_a_circle_end_with_the_person() -> None:
    staff = _staff(_member("a", away="person:b"), _member("b", away="person:a"))
    assert stand_in(staff, "person:a", DAY) == "person:a"


def test_a_substitute_speaks_only_while_the_person_is_away() -> None:
    staff = _staff(_member("a", away="person:b"), _member("b"))
    assert speaks_for(staff, "person:b", "person:a", DAY)
    assert not speaks_for(staff, "person:b", "person:a", date(2026, 11, 18))


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5), min_size=1))
def test_nobody_with_more_work_is_chosen(loads: dict[str, int]) -> None:
    staff = _staff(*(_member(key) for key in loads))
    by_ref = {f"person:{key}": load for key, load in loads.items()}
    chosen = least_loaded(staff, "manager", by_ref, DAY)
    assert chosen is not None
    assert by_ref[chosen] == min(by_ref.values())
