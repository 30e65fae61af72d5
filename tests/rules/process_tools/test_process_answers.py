"""Kept answers: what counts as a confirmation, when an exception answers itself, and what makes it stop."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.errors import UsageError
from tasks.rules.process_tools.answers import (
    BY_RULE,
    Choice,
    KeptAnswer,
    choice_of,
    read_choice,
    signature_of,
    suggestion_of,
    suggestion_words,
)

NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)


def _answers(*choices: str, by: str = "person:1") -> list[KeptAnswer]:
    return [KeptAnswer(number + 1, choice, by, NOON) for number, choice in enumerate(choices)]


@pytest.mark.parametrize(
    ("choices", "choice", "times", "row", "is_automatic"),
    [
        (("release",), "release", 1, 1, False),
        (("release", "release", "release"), "release", 3, 3, True),
        (("drop", "release", "release", "release"), "release", 3, 3, True),
        (("release", "release", "drop"), "release", 2, 0, False),
        (("release", "release", "drop", "release"), "release", 3, 1, False),
        (("drop", "release"), "release", 1, 1, False),
        (("drop", "drop", "drop", "drop", "release", "release", "release"), "drop", 4, 0, False),
    ],
)
def test_confirmations_count_in_a_row(
    choices: tuple[str, ...], choice: str, times: int, row: int, is_automatic: bool
) -> None:
    found = suggestion_of(_answers(*choices), 0, 3)
    assert found is not None
    assert (found.choice, found.times, found.row, found.is_automatic) == (choice, times, row, is_automatic)
    assert found.total == len(choices)


def test_answers_given_by_themselves_confirm_nothing() -> None:
    assert suggestion_of(_answers("release", "release", "release", by=BY_RULE), 0, 3) is None


def test_what_was_revoked_counts_no_longer() -> None:
    answers = _answers("release", "release", "release", "drop")
    assert suggestion_of(answers, 4, 3) is None
    found = suggestion_of(answers, 3, 3)
    assert found is not None
    assert (found.choice, found.total) == ("drop", 1)


@given(st.lists(st.sampled_from(("release", "drop", "set kind=urgent")), max_size=12), st.integers(0, 4))
def test_nothing_happens_by_itself_before_it_was_confirmed_often_enough(choices: list[str], needed: int) -> None:
    found = suggestion_of(_answers(*choices), 0, needed)
    is_sure = needed > 0 and len(choices) >= needed and len(set(choices[-needed:])) == 1
    if found is not None and found.is_automatic:
        assert is_sure
        assert found.choice == choices[-1]
    if is_sure and len(set(choices)) == 1:
        assert found is not None
        assert found.is_automatic


def test_numbers_and_people_do_not_make_another_exception() -> None:
    one = signature_of("service", "planning", ["D-000017: cost is 8600.00, person:5 is away"], ["planning.1"])
    other = signature_of("service", "planning", ["D-000018: cost is 12.5, person:7 is away"], ["planning.1"])
    assert one == other
    assert one != signature_of("service", "agreeing", ["D-000018: cost is 12.5, person:7 is away"], ["planning.1"])


@pytest.mark.parametrize("words", [["release"], ["drop"], ["set", "kind=urgent", "note=call me at 9"]])
def test_a_choice_can_be_read_again(words: list[str]) -> None:
    choice = read_choice(words)
    assert choice_of(choice.text()) == choice


@pytest.mark.parametrize("words", [[], ["forget"], ["set"], ["release", "a=b"], ["set", "kind"], ["set", "=x"]])
def test_an_answer_that_is_none_is_refused(words: list[str]) -> None:
    with pytest.raises(UsageError):
        read_choice(words)


def test_a_suggestion_is_said_with_its_counts() -> None:
    found = suggestion_of(_answers("release", "release", "release"), 0, 3)
    assert suggestion_words(found, "en") == "release (3 of 3, 3 in a row; by itself)"
    assert suggestion_words(found, "ru") == "release (3 из 3, подряд 3; сам)"
    assert suggestion_words(None, "en") == ""
    assert Choice("set", (("kind", "urgent"),)).text() == "set kind=urgent"
