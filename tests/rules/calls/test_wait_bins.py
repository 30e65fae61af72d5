"""Waits in bins: percentiles of merged bins are those of all the calls, as fine as the bins are."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.calls.wait_bins import bin_of, count_calls, count_within, merge_bins, percentile_of
from tests.samples.plain_metrics import plain_percentile

waits_of_calls = st.lists(st.integers(0, 7200))


def test_bins_are_named_by_their_upper_edge() -> None:
    assert [bin_of(wait) for wait in (0, 119, 120, 124, 125, 599, 600, 629, 3599, 3600, 3900)] == [
        0, 119, 124, 124, 129, 599, 629, 629, 3599, 3899, 4199,
    ]  # fmt: skip


@given(waits_of_calls, waits_of_calls, st.sampled_from([50, 90, 95]))
def test_percentiles_of_merged_bins(first: list[int], second: list[int], percent: int) -> None:
    merged = merge_bins(Counter(map(bin_of, part)) for part in (first, second))
    exact = plain_percentile([*first, *second], percent)
    assert count_calls(merged) == len(first) + len(second)
    assert percentile_of(merged, percent) == (None if exact is None else bin_of(int(exact)))


@given(waits_of_calls, st.integers(0, 119))
def test_thresholds_up_to_two_minutes_are_exact(waits: list[int], threshold: int) -> None:
    assert count_within(Counter(map(bin_of, waits)), threshold) == sum(wait <= threshold for wait in waits)
