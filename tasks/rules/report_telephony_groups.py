"""The telephony report's tables of incoming calls: by day, hour, weekday, queue, line, and beside the period before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tasks.rules.calls.figures import LEVELS, CallFigures
from tasks.rules.calls.row_keys import CallKeys
from tasks.rules.metrics import MissedFigures, Telephony
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


def counted(keys: CallKeys, kind: str, value: int | None, dimension: str = "all", of: Any = None) -> Cell:
    """A count that leads to its rows, or says how to find them where they are not listed."""
    rows = keys.of(kind, dimension, of)
    return Cell(value, rows, None, "" if rows or not value else keys.asked(kind, dimension, of))


def figure_cells(
    figures: CallFigures, level: ServiceLevel, keys: CallKeys, dimension: str = "all", of: Any = None
) -> tuple[Cell, ...]:
    """One row of figures, in the order of the group tables."""
    counts = [
        counted(keys, kind, getattr(figures, kind), dimension, of)
        for kind in ("offered", "answered", "missed", "abandoned", "short_abandons", "flow_out")
    ]
    share, within = figures.levels[level.counts], counted(keys, "within", 1, dimension, of)
    return (
        *counts,
        Cell(share.percent, within.rows, share.whole, within.asked),
        Cell(figures.mean_answer_seconds),
        Cell(figures.wait_p50),
        Cell(figures.wait_p90),
        Cell(figures.wait_p95),
        Cell(figures.talk_seconds),
        Cell(figures.mean_talk_seconds),
    )


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
    return Table("days", columns, (*body, (Cell(Word("total")), *figure_cells(found.total, level, keys))), (), True)


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
        share = figures.levels[level.counts]
        return Cell(share.percent, keys.of("within", "cell", (weekday, hour)), share.whole)

    return _heat("heat_levels", "percent", found, cell)


def _heat(key: str, kind: Kind, found: Telephony, cell: Any) -> Table:
    """Rows are the hours between the first and the last with calls; a weekday without data stays empty."""
    weekdays = {day.weekday() for day, figures in found.days.items() if figures is not None}
    hours = range(min(found.hours, default=0), max(found.hours, default=-1) + 1)
    columns = (Column("hour", "text"), *(Column(f"weekday.{number}", kind) for number in range(7)))
    body = tuple(
        (Cell(f"{hour:02d}:00"), *(cell(day, hour) if day in weekdays else Cell("") for day in range(7)))
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
            Cell(total.levels[name].whole),
            Cell(total.levels[name].percent),
            Cell("yes" if name == level.counts else ""),
        )
        for name in LEVELS
        if every or name == level.counts
    )
    return Table("levels", columns, body)


def compared(
    now: Telephony, missed: MissedFigures, before: Telephony, missed_before: MissedFigures, level: ServiceLevel
) -> Table:
    """The period beside the one before it: counts and times change in percent, shares in percentage points."""
    columns = (
        Column("figure", "word"),
        Column("this_period", "count"),
        Column("period_before", "count"),
        Column("change", "change"),
    )
    pairs = zip(_compared(now, missed, level), _compared(before, missed_before, level), strict=True)
    body = tuple(
        (Cell(key), Cell(value, kind=kind), Cell(former, kind=kind), _change(kind, value, former))
        for (key, kind, value), (_, _, former) in pairs
    )
    return Table("compare", columns, body)


def _compared(found: Telephony, missed: MissedFigures, level: ServiceLevel) -> list[tuple[str, Kind, Any]]:
    total = found.total
    has_data = any(figures is not None for figures in found.days.values())
    counts: list[tuple[str, Kind, Any]] = [
        ("offered", "count", total.offered),
        ("answered", "count", total.answered),
        ("missed", "count", total.missed),
        ("abandoned", "count", total.abandoned),
        ("open", "count", len(missed.still_open)),
        ("made", "count", sum(person.made for person in found.people)),
    ]
    rest: list[tuple[str, Kind, Any]] = [
        ("service_level", "percent", total.levels[level.counts].percent),
        ("asa", "seconds", total.mean_answer_seconds),
        ("wait_p90", "seconds", total.wait_p90),
        ("aht", "seconds", total.mean_talk_seconds),
        ("call_back_p50", "seconds", missed.call_back_p50),
    ]
    return [(key, kind, value if has_data else None) for key, kind, value in counts] + rest


def _change(kind: Kind, value: Any, former: Any) -> Cell:
    if value is None or former is None:
        return Cell(None)
    if kind == "percent":
        return Cell(value - former, kind="points")
    return Cell(100 * (value - former) / former) if former else Cell(None)


def day_before(first: date, last: date) -> tuple[date, date]:
    """The period of the same length that ends right before `first`."""
    length = last - first
    ends = date.fromordinal(first.toordinal() - 1)
    return ends - length, ends
