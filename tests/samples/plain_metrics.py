"""The reports' figures computed a second time, row by row and without pandas, straight from their definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import fmean, median
from typing import Any

from tasks.rules.office import ServiceLevel

Row = dict[str, Any]


def plain_calls(rows: Iterable[Row], level: ServiceLevel) -> dict[str, Any]:
    """Figures of the incoming ones among these calls."""
    incoming = [row for row in rows if row["direction"] == "in"]
    answered = [row for row in incoming if row["outcome"] == "answered"]
    known = [row for row in incoming if row["wait_seconds"] is not None]
    short = [r for r in known if r["outcome"] == "abandoned" and r["wait_seconds"] < level.short_abandon_seconds]
    in_time = [r for r in known if r["outcome"] == "answered" and r["wait_seconds"] <= level.threshold_seconds]
    gave_up = [r for r in known if r["outcome"] == "abandoned" and r["wait_seconds"] <= level.threshold_seconds]
    waits = [row["wait_seconds"] for row in known]
    answer_waits = [row["wait_seconds"] for row in known if row["outcome"] == "answered"]
    talks = [row["talk_seconds"] for row in answered]
    return {
        "offered": len(incoming),
        "answered": len(answered),
        "missed": len(incoming) - len(answered),
        "abandoned": sum(row["outcome"] == "abandoned" for row in incoming),
        "short_abandons": len(short),
        "offered_level": _share(len(in_time), len(known)),
        "offered_without_short_level": _share(len(in_time), len(known) - len(short)),
        "offered_with_abandoned_level": _share(len(in_time) + len(gave_up), len(known)),
        "answered_level": _share(len(in_time), len(answer_waits)),
        "asa": fmean(answer_waits) if answer_waits else None,
        "p50": plain_percentile(waits, 50),
        "p90": plain_percentile(waits, 90),
        "p95": plain_percentile(waits, 95),
        "talk": sum(talks),
        "aht": fmean(talks) if talks else None,
    }


def plain_percentile(values: Sequence[float], percent: int) -> float | None:
    """By the definition: the smallest of the values that at least so many per cent of them do not exceed."""
    fitting = [v for v in values if 100 * sum(other <= v for other in values) >= percent * len(values)]
    return min(fitting, default=None)


def plain_repeats(rows: Iterable[Row]) -> dict[str, int]:
    """Numbers that called twice or more, and how often."""
    counts = Counter(row["client_phone"] for row in rows if row["direction"] == "in" and row["client_phone"])
    return {phone: count for phone, count in counts.items() if count > 1}


def plain_deadlines(leads: Iterable[Row], tasks: Iterable[Row], start: datetime, end: datetime) -> tuple[int, int]:
    """Kept and broken promises decided in [start, end), when everything up to `end` is known."""
    promises = [(row["take_due_at"], row["taken_at"] or row["ended_at"]) for row in leads]
    promises += [(row["due_at"], row["closed_at"]) for row in tasks if row["state"] != "withdrawn" and row["due_at"]]
    kept = sum(done is not None and done <= due and start <= done < end for due, done in promises)
    late = sum((done is None or done > due) and start <= due < end for due, done in promises)
    return kept, late


def plain_median(values: Sequence[float]) -> float | None:
    """The median by the standard library."""
    return float(median(values)) if values else None


def _share(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
