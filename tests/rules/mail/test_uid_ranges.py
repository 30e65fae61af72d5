"""Message numbers as runs behave like sets of numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.mail.uid_ranges import UidRanges

UIDS = st.sets(st.integers(1, 40))


@given(UIDS, UIDS)
def test_runs_are_sets(one: set[int], other: set[int]) -> None:
    first, second = UidRanges.of(one), UidRanges.of(other)
    assert list(first) == sorted(one)
    assert len(first) == len(one)
    assert list(first | second) == sorted(one | other)
    assert list(first - second) == sorted(one - other)
    assert UidRanges.parse(str(first)) == first
    assert first - second == UidRanges.of(one - other)


@pytest.mark.parametrize(
    ("uids", "text"), [((), ""), ((7,), "7"), ((3, 1, 2, 9), "1:3,9"), (range(1, 200_001), "1:200000")]
)
def test_runs_are_written_shortly(uids: list[int], text: str) -> None:
    assert str(UidRanges.of(uids)) == text
