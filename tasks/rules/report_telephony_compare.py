"""The telephony report's table of the period beside the one before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from tasks.rules.metrics import Telephony
from tasks.rules.office import ServiceLevel
from tasks.rules.report_model import Cell, Column, Kind, Table
from tasks.rules.report_telephony_groups import counted, level_cell, measured
from tasks.rules.report_telephony_missed import Debts

_COUNTS: tuple[Literal["offered", "answered", "missed", "abandoned"], ...] = (
    "offered",
    "answered",
    "missed",
    "abandoned",
)


@dataclass(frozen=True, slots=True)
class Period:
    """One of the two: its figures and its missed calls, which know the rows they come from."""

    found: Telephony
    debts: Debts


def compared(now: Period, before: Period, level: ServiceLevel) -> Table:
    """The period beside the one before it: counts and times change in percent, shares in percentage points.

    A change leads to the rows of both. Rows of the period before that are too many to be listed are in its own report.
    """
    columns = (
        Column("figure", "word"),
        Column("this_period", "count"),
        Column("period_before", "count"),
        Column("change", "change"),
    )
    pairs = zip(_figures(now, level), _figures(before, level), strict=True)
    body = tuple(
        (
            Cell(key),
            replace(cell, kind=kind),
            replace(former, kind=kind, asked=""),
            _change(kind, cell, former),
        )
        for (key, kind, cell), (_, _, former) in pairs
    )
    return Table("compare", columns, body)


def _figures(one: Period, level: ServiceLevel) -> list[tuple[str, Kind, Cell]]:
    total, debts, keys = one.found.total, one.debts, one.debts.keys
    has_data = any(figures is not None for figures in one.found.days.values())
    made = sum(person.made for person in one.found.people)
    counts: list[tuple[str, Kind, Cell]] = [
        *((kind, "count", counted(keys, kind, getattr(total, kind))) for kind in _COUNTS),
        ("open", "count", debts.cell("still_open")),
        ("made", "count", counted(keys, "made", made)),
    ]
    rest: list[tuple[str, Kind, Cell]] = [
        ("service_level", "percent", replace(level_cell(total, level, keys), sample=None)),
        ("asa", "seconds", measured(keys, "answer_waited", total.mean_answer_seconds)),
        ("wait_p90", "seconds", measured(keys, "waited", total.wait_p90)),
        ("aht", "seconds", measured(keys, "answered", total.mean_talk_seconds)),
        ("call_back_p50", "seconds", debts.call_back(debts.missed.call_back_p50)),
    ]
    return [(key, kind, cell if has_data else Cell(None)) for key, kind, cell in counts] + rest


def _change(kind: Kind, cell: Cell, former: Cell) -> Cell:
    value = _moved(kind, cell.value, former.value)
    own: Kind | None = "points" if kind == "percent" else None
    if value is None:
        return Cell(None)
    return Cell(value, tuple(dict.fromkeys((*cell.rows, *former.rows))), None, cell.asked, own)


def _moved(kind: Kind, value: Any, former: Any) -> float | None:
    if value is None or former is None:
        return None
    if kind == "percent":
        return float(value - former)
    return 100 * (value - former) / former if former else None
