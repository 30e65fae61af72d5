"""What the reports' pictures show: labels, series and values, before they are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tasks.rules.calls.wait_bins import merge_bins
from tasks.rules.metrics import Telephony
from tasks.rules.metrics_staff import StaffFigures
from tasks.rules.report_model import Bar, Chart

# the same in the page, the mail and the workbook; told apart without colour sense too (light and dark)
COLOURS = {
    "answered": "#2f7d6d",
    "missed": "#d9822b",
    "answered_calls": "#2f7d6d",
    "made_calls": "#7aa7c7",
    "won_amount": "#2f7d6d",
    "lead_items": "#d9822b",
    "deal_items": "#2f7d6d",
    "task_items": "#7aa7c7",
}
WAIT_BINS = ((0, 10), (10, 20), (20, 30), (30, 60), (60, 120), (120, None))
MOST_PEOPLE = 30


def hour_chart(found: Telephony) -> Chart:
    """Answered and missed calls by local hour; an hour without calls inside the day is a true 0."""
    bars = []
    for hour in range(min(found.hours, default=0), max(found.hours, default=-1) + 1):
        figures = found.hours.get(hour)
        answered, missed = (figures.answered, figures.missed) if figures else (0, 0)
        bars += [Bar(f"{hour:02d}", "answered", answered), Bar(f"{hour:02d}", "missed", missed)]
    return Chart("hours", "columns", "hour", "axis.calls", tuple(bars))


def wait_chart(found: Telephony) -> Chart:
    """How long incoming callers waited until the answer, or until nobody came."""
    waits = {
        "answered": merge_bins(fact.answered_waits for fact in found.incoming),
        "missed": merge_bins(part for fact in found.incoming for part in (fact.abandoned_waits, fact.other_waits)),
    }
    bars = []
    for low, high in WAIT_BINS:
        label = f"{low}–{high}" if high is not None else f"{low}+"
        for series, bins in waits.items():
            inside = sum(calls for edge, calls in bins.items() if low <= edge and (high is None or edge < high))
            bars.append(Bar(label, series, inside))
    return Chart("waiting", "columns", "axis.wait", "axis.calls", tuple(bars) if any(waits.values()) else ())


def people_chart(found: Telephony, names: Mapping[int, str]) -> Chart:
    """Answered and made calls of each employee known, the busiest first."""
    known = [one for one in found.people if one.person_id in names]
    bars = [
        bar
        for one in sorted(known, key=lambda one: (-one.answered, names[one.person_id]))[:MOST_PEOPLE]
        for bar in (
            Bar(names[one.person_id], "answered_calls", one.answered),
            Bar(names[one.person_id], "made_calls", one.made),
        )
    ]
    return Chart("people", "rows", "person", "axis.calls", tuple(bars))


def money_chart(named: Sequence[tuple[str, StaffFigures]]) -> Chart:
    """The amount each employee won, the highest first; those without are left out."""
    ranked = sorted((one for one in named if one[1].won_amount), key=lambda one: (-one[1].won_amount, one[0]))
    bars = tuple(Bar(name, "won_amount", float(figures.won_amount)) for name, figures in ranked)
    return Chart("money", "rows", "person", "axis.money", bars)


def load_chart(named: Sequence[tuple[str, StaffFigures]]) -> Chart:
    """Open leads, deals and tasks of each employee; those without are left out."""
    bars = []
    for name, figures in named:
        for series in ("lead", "deal", "task"):
            count = sum(key.startswith(f"{series}-") for key in figures.workload)
            bars += [Bar(name, f"{series}_items", count)] if figures.workload else []
    return Chart("load", "rows", "person", "axis.items", tuple(bars))
