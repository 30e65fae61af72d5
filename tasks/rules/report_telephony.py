"""The telephony report's contents: which figures, tables and pictures, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tasks.rules.calls.figures import CallFigures
from tasks.rules.calls.row_keys import CallKeys
from tasks.rules.metrics import MissedFigures, Telephony
from tasks.rules.office import Office, ServiceLevel
from tasks.rules.report_charts import hour_chart, people_chart, wait_chart
from tasks.rules.report_model import Cell, Figure, Hint, Kind, Section, Table, Word
from tasks.rules.report_telephony_compare import Period, compared
from tasks.rules.report_telephony_groups import (
    counted,
    days_table,
    group_table,
    heat_levels,
    heat_offered,
    level_cell,
    levels_table,
    measured,
)
from tasks.rules.report_telephony_missed import (
    Debts,
    call_back_table,
    clients_table,
    course_table,
    repeats_table,
)
from tasks.rules.report_telephony_staff import busy_table, people_table, staffing_table

Row = Mapping[str, Any]
DEFINED = (
    "offered",
    "answered",
    "missed",
    "abandoned",
    "short_abandons",
    "flow_out",
    "service_level",
    "asa",
    "wait_p90",
    "aht",
    "occupancy",
    "call_back_p50",
    "open",
    "repeats",
    "busy_lines",
    "staffing",
)


@dataclass(frozen=True, slots=True)
class Before:
    """The period before: its figures, and what leads to its rows where they are listed."""

    found: Telephony
    missed: MissedFigures
    keys: CallKeys
    is_listed: bool


@dataclass(frozen=True, slots=True)
class TelephonyContents:
    """Everything the report shows: its figures, those of the period before (None: not asked for), and lists.

    `names` are the employees by row id; `repeats`, `clients` the most frequent callers; `withheld` the missed calls
    without a number. `keys` lead from a figure to its rows.
    """

    office: Office
    found: Telephony
    missed: MissedFigures
    keys: CallKeys
    names: Mapping[int, str]
    repeats: Sequence[Row] = ()
    clients: Sequence[Row] = ()
    withheld: int = 0
    before: Before | None = None
    has_rows_listed: bool = True
    has_all_levels: bool = True

    @property
    def level(self) -> ServiceLevel:
        """The office's definition of good service."""
        return self.office.telephony.service_level

    @property
    def debts(self) -> Debts:
        """The calls that are to be returned."""
        return Debts(self.missed, self.keys, self.has_rows_listed)

    @property
    def has_data(self) -> bool:
        """Whether any day has a single row; without one nothing is counted, not even to zero."""
        return any(day is not None for day in self.found.days.values())

    def known(self, cell: Cell) -> Cell:
        """The cell, or 'not available' where no day has a row."""
        return cell if self.has_data else Cell(None)


def definition_values(office: Office, chosen: str) -> dict[str, Any]:
    """What the definitions' texts need; `chosen` is the worded base of the service level."""
    level = office.telephony.service_level
    return {
        "short_seconds": level.short_abandon_seconds,
        "threshold": level.threshold_seconds,
        "target": level.target_percent,
        "chosen": chosen,
        "call_back_minutes": office.telephony.call_back_minutes,
    }


def head_figures(one: TelephonyContents) -> tuple[Figure, ...]:
    """The numbers a chief looks at first."""
    total, debts, keys = one.found.total, one.debts, one.keys
    counts = {
        kind: one.known(counted(keys, kind, getattr(total, kind)))
        for kind in ("offered", "answered", "missed", "abandoned")
    }
    share = measured(keys, "offered", total.answered_percent)
    level = level_cell(total, one.level, keys)
    target = Hint("hint.target", "count", one.level.target_percent)
    median, p90 = (measured(keys, "waited", value) for value in (total.wait_p50, total.wait_p90))
    half, most = (debts.call_back(value) for value in (one.missed.call_back_p50, one.missed.call_back_p90))
    still_open, overdue = one.known(debts.cell("still_open")), one.known(debts.cell("overdue"))
    return (
        Figure("offered", "count", counts["offered"], _hint("made", "count", one.known(_made(one)))),
        Figure("answered", "count", counts["answered"], _hint("share", "percent", share)),
        Figure("missed", "count", counts["missed"], _hint("abandoned", "count", counts["abandoned"])),
        Figure("service_level", "percent", replace(level, sample=None), target, _is_met(level.value, one.level)),
        Figure("asa", "seconds", measured(keys, "answer_waited", total.mean_answer_seconds)),
        Figure("wait_p90", "seconds", p90, _hint("median", "seconds", median)),
        Figure("call_back_p50", "seconds", half, _hint("p90", "seconds", most)),
        Figure("open", "count", still_open, _hint("overdue", "count", overdue), _is_returned(one.missed)),
    )


def _made(one: TelephonyContents) -> Cell:
    return counted(one.keys, "made", sum(person.made for person in one.found.people))


def _hint(key: str, kind: Kind, cell: Cell) -> Hint:
    return Hint(f"hint.{key}", kind, cell.value, cell.rows, cell.asked)


def sections(one: TelephonyContents) -> tuple[Section, ...]:
    """The chapters in reading order; the days appear when there is more than one."""
    found, level, keys = one.found, one.level, one.keys
    queues = group_table("queues", "queue", "text", _titled(one, "queue", found.queues), level, keys)
    lines = group_table("lines", "line", "text", _titled(one, "line", found.lines), level, keys)
    hours = [(hour, f"{hour:02d}:00", figures) for hour, figures in found.hours.items()]
    by_hour = group_table("hours", "hour", "text", hours, level, keys, found.total if one.has_data else None)
    days = (Section("days", tables=(days_table(found, level, keys),)),) if len(found.days) > 1 else ()
    levels = levels_table(found.total, level, keys, every=one.has_all_levels)
    levels = levels if one.has_data else replace(levels, rows=())
    busy = busy_table(found, _line_titles(one), keys)
    missed = (
        course_table(one.debts, found.total.missed if one.has_data else None, one.withheld),
        call_back_table(one.debts),
        repeats_table(one.repeats, keys),
        clients_table(one.clients, keys),
    )
    return (
        *((Section("compare", tables=(_compare(one, one.before),)),) if one.before else ()),
        *days,
        Section("hours", (hour_chart(found),), (by_hour,)),
        Section("heat", tables=(heat_offered(found, keys), heat_levels(found, level, keys))),
        Section("levels", (wait_chart(found),), (levels,)),
        Section("routes", tables=(queues, lines, busy)),
        Section("people", (people_chart(found, one.names),), (people_table(found, one.names, keys),)),
        Section("staffing", tables=(staffing_table(found, keys),)),
        Section("missed_course", tables=missed),
    )


def _compare(one: TelephonyContents, before: Before) -> Table:
    now = Period(one.found, one.debts)
    debts = Debts(before.missed, before.keys, before.is_listed)
    return compared(now, Period(before.found, debts), one.level)


def _titled(
    one: TelephonyContents, name: str, groups: Mapping[str, CallFigures]
) -> list[tuple[str, str | Word, CallFigures]]:
    """The groups under the office's own names; '' gets the words for what it means."""
    nameless = {"queue": Word("direct"), "line": Word("unknown_line")}[name]
    titles = one.office.telephony.queues if name == "queue" else _line_titles(one)
    found: list[tuple[str, str | Word, CallFigures]] = []
    for key, figures in groups.items():
        title = f"{titles[key]} ({key})" if key in titles else key
        found.append((key, title or nameless, figures))
    return found


def _line_titles(one: TelephonyContents) -> dict[str, str]:
    return {line.number: line.title for line in one.office.telephony.lines}


def _is_returned(missed: MissedFigures) -> bool | None:
    return not missed.still_open if missed.all else None


def _is_met(share: float | None, level: ServiceLevel) -> bool | None:
    return None if share is None else share >= level.target_percent


def silent_days(found: Telephony) -> list[date]:
    """Days without a single row."""
    return [day for day, figures in found.days.items() if figures is None]
