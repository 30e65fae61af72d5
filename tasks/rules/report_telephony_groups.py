"""The telephony report's tables of incoming calls: by day, hour, weekday, queue and line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from tasks.rules.calls.figures import LEVELS, CallFigures
from tasks.rules.calls.row_keys import CallKeys
from tasks.rules.metrics import Telephony
from tasks.rules.office import ServiceLevel
from tasks.rules.report_model import Cell, Column, Kind, Table, Word

_GROUP: tuple[tuple[str, Kind], ...] = (
    ("offered", "count"),
    ("answered", "count"),
    ("missed", "count"),
    ("abandoned", "count"),
    ("short_abandons", "count"),
    ("flow_out", "count"),
    ("service_level", "percent"),
    ("asa", "seconds"),
    ("wait_p50", "seconds"),
    ("wait_p90", "seconds"),
    ("wait_p95", "seconds"),
    ("talk", "seconds"),
    ("aht", "seconds"),
)

BASES = {
    "offered": "waited",
    "offered_without_short": "waited_long",
    "answered": "answer_waited",
    "offered_with_abandoned": "waited",
}
"""By definition of the service level: the kind of calls it is a share of."""


def counted(keys: CallKeys, kind: str, value: int | None, dimension: str = "all", of: Any = None) -> Cell:
    """A count that leads to its rows, or says how to find them where they are not listed."""
    rows = keys.of(kind, dimension, of)
    return Cell(value, rows, None, "" if rows or not value else keys.asked(kind, dimension, of))


def measured(
    keys: CallKeys, kind: str, value: float | None, dimension: str = "all", of: Any = None, sample: int | None = None
) -> Cell:
    """A mean, a share, a sum that leads to the rows it is of; one that is not available leads nowhere."""
    return Cell(None) if value is None else replace(counted(keys, kind, 1, dimension, of), value=value, sample=sample)


def figure_cells(
    figures: CallFigures, level: ServiceLevel, keys: CallKeys, dimension: str = "all", of: Any = None
) -> tuple[Cell, ...]:
    """One row of figures, in the order of the group tables."""
    counts = [
        counted(keys, kind, getattr(figures, kind), dimension, of)
        for kind in ("offered", "answered", "missed", "abandoned", "short_abandons", "flow_out")
    ]
    measures = (
        ("answer_waited", figures.mean_answer_seconds),
        ("waited", figures.wait_p50),
        ("waited", figures.wait_p90),
        ("waited", figures.wait_p95),
        ("answered", figures.talk_seconds),
        ("answered", figures.mean_talk_seconds),
    )
    return (
        *counts,
        level_cell(figures, level, keys, dimension, of),
        *(measured(keys, kind, value, dimension, of) for kind, value in measures),
    )


def level_cell(
    figures: CallFigures, level: ServiceLevel, keys: CallKeys, dimension: str = "all", of: Any = None
) -> Cell:
    """The service level by the office's definition; it leads to the calls it is a share of."""
    share = figures.levels[level.counts]
    return measured(keys, BASES[level.counts], share.percent, dimension, of, share.whole)


def group_table(
    key: str,
    dimension: str,
    kind: Kind,
    groups: Iterable[tuple[Any, str | Word, CallFigures]],
    level: ServiceLevel,
    keys: CallKeys,
    total: CallFigures | None = None,
) -> Table:
    """One row per group (its value, its title, its figures), and the total of all where it is given."""
    columns = (Column(dimension, kind), *(Column(column, of) for column, of in _GROUP))
    body = [(Cell(title), *figure_cells(figures, level, keys, dimension, value)) for value, title, figures in groups]
    if total is not None:
        body.append((Cell(Word("total")), *figure_cells(total, level, keys)))
    return Table(key, columns, tuple(body), has_total=total is not None)


def days_table(found: Telephony, level: ServiceLevel, keys: CallKeys) -> Table:
    """One row per day; a day without a single row has no figures, not zeros."""
    empty = tuple(Cell(None) for _ in _GROUP)
    columns = (Column("day", "day"), *(Column(column, of) for column, of in _GROUP))
    body = [
        (Cell(day), *(empty if figures is None else figure_cells(figures, level, keys, "day", day)))
        for day, figures in found.days.items()
    ]
    has_data = any(figures is not None for figures in found.days.values())
    total = figure_cells(found.total, level, keys) if has_data else empty
    return Table("days", columns, (*body, (Cell(Word("total")), *total)), (), True)


def heat_offered(found: Telephony, keys: CallKeys) -> Table:
    """Incoming calls by local hour and weekday."""

    def cell(weekday: int, hour: int) -> Cell:
        figures = found.cells.get((weekday, hour))
        offered = figures.offered if figures else 0
        return counted(keys, "offered", offered, "cell", (weekday, hour))

    return _heat("heat_offered", "count", found, cell)


def heat_levels(found: Telephony, level: ServiceLevel, keys: CallKeys) -> Table:
    """The service level by local hour and weekday."""

    def cell(weekday: int, hour: int) -> Cell:
        figures = found.cells.get((weekday, hour))
        if figures is None:
            return Cell("")
        return level_cell(figures, level, keys, "cell", (weekday, hour))

    return _heat("heat_levels", "percent", found, cell)


def _heat(key: str, kind: Kind, found: Telephony, cell: Any) -> Table:
    """Rows are the hours between the first and the last with calls; a weekday without a single row is not available.

    Weekdays that the period has none of are no columns.
    """
    shown = sorted({day.weekday() for day in found.days})
    weekdays = {day.weekday() for day, figures in found.days.items() if figures is not None}
    hours = range(min(found.hours, default=0), max(found.hours, default=-1) + 1)
    columns = (Column("hour", "text"), *(Column(f"weekday.{number}", kind) for number in shown))
    body = tuple(
        (Cell(f"{hour:02d}:00"), *(cell(day, hour) if day in weekdays else Cell(None) for day in shown))
        for hour in hours
    )
    return Table(key, columns, body, is_heat=True)


def levels_table(total: CallFigures, level: ServiceLevel, keys: CallKeys, *, every: bool) -> Table:
    """The service level by each usual definition, or by the office's own alone."""
    columns = (
        Column("level_definition", "word"),
        Column("within", "count"),
        Column("base", "count"),
        Column("service_level", "percent"),
        Column("is_chosen", "word"),
    )
    body = tuple(
        (
            Cell(f"level.{name}"),
            counted(keys, "served" if name == "offered_with_abandoned" else "within", total.levels[name].part),
            counted(keys, BASES[name], total.levels[name].whole),
            measured(keys, BASES[name], total.levels[name].percent),
            Cell("yes" if name == level.counts else ""),
        )
        for name in LEVELS
        if every or name == level.counts
    )
    return Table("levels", columns, body)


def day_before(first: date, last: date) -> tuple[date, date]:
    """The period of the same length that ends right before `first`."""
    length = last - first
    ends = date.fromordinal(first.toordinal() - 1)
    return ends - length, ends
