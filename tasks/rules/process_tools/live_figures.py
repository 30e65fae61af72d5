"""Counts and median hours of a process's stages and arrows, from the moves that were recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from statistics import median

from tasks.rules.process_tools.chart import ArrowLive, Live, StageLive

_HOUR_SECONDS = 3600


def live_figures(counts: Mapping[str, tuple[int, int]], moves: Iterable[tuple[int, datetime, str, str]]) -> Live:
    """`counts`: stage → (items, overdue); `moves`: (item, time, source, target) in the order of time per item.

    Hours are elapsed ones, of stays whose beginning and end are both known; the way is counted anyway.
    """
    entered: dict[int, tuple[str, datetime]] = {}
    stays: dict[str, list[float]] = defaultdict(list)
    ways: dict[tuple[str, str], list[float]] = defaultdict(list)
    passed: dict[tuple[str, str], int] = defaultdict(int)
    for item, at, source, target in moves:
        stage, since = entered.get(item, ("", at))
        if source:
            passed[source, target] += 1
        if source and stage == source:
            hours = (at - since).total_seconds() / _HOUR_SECONDS
            stays[source].append(hours)
            ways[source, target].append(hours)
        entered[item] = (target, at)
    stages = {*counts, *stays}
    return Live(
        {name: StageLive(*counts.get(name, (0, 0)), _median(stays.get(name))) for name in stages},
        {way: ArrowLive(count, _median(ways.get(way))) for way, count in passed.items()},
    )


def _median(hours: list[float] | None) -> float | None:
    return round(median(hours), 1) if hours else None
