"""Waiting times in bins, because percentiles do not add: bins of days and queues can be merged, and a percentile read.

A bin is named by its upper edge in seconds: every second up to 2 minutes, then steps of 5 s to 10 minutes, of 30 s to
an hour, and of 5 minutes. sql/facts/call_hour.*.sql counts into the same bins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

STEPS = ((120, 1), (600, 5), (3600, 30))
_LAST_STEP = 300
Bins = Mapping[int, int]


def bin_of(wait_seconds: int) -> int:
    """The upper edge of the bin that this wait falls into."""
    step = next((width for below, width in STEPS if wait_seconds < below), _LAST_STEP)
    return wait_seconds - wait_seconds % step + step - 1


def merge_bins(parts: Iterable[Mapping[Any, int]]) -> dict[int, int]:
    """All the calls of these bins together. Edges may still be text, as the store's JSON has them.

    They become numbers after merging: a report merges hundreds of thousands of them.
    """
    merged: dict[Any, int] = defaultdict(int)
    for part in parts:
        for edge, calls in part.items():
            merged[edge] += calls
    numbers: dict[int, int] = defaultdict(int)
    for edge, calls in merged.items():
        numbers[int(edge)] += calls
    return dict(numbers)


def count_calls(bins: Bins) -> int:
    """How many calls are in the bins."""
    return sum(bins.values())


def count_within(bins: Bins, seconds: int) -> int:
    """How many waited no longer than so many seconds: exact up to 2 minutes, and at the edges of bins above."""
    return sum(calls for edge, calls in bins.items() if edge <= seconds)


def percentile_of(bins: Bins, percent: int) -> int | None:
    """Nearest rank: the edge that at least `percent` per cent of the calls do not exceed; None of no calls.

    To the second up to 2 minutes; above, the wait was at most this and less than one bin shorter.
    """
    rank = -(-percent * count_calls(bins) // 100)
    seen = 0
    for edge in sorted(bins):
        seen += bins[edge]
        if seen >= rank and seen:
            return edge
    return None
