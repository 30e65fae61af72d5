"""The telephony report's contents: which figures, tables and pictures, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tasks.rules.calls.figures import CallFigures
from tasks.rules.calls.row_keys import CallKeys
from tasks.rules.metrics import MissedFigures, Telephony
from tasks.rules.office import Office, ServiceLevel
from tasks.rules.report_charts import hour_chart, people_chart, wait_chart
from tasks.rules.report_model import Cell, Column, Figure, Hint, Kind, Section, Table, Word
from tasks.rules.report_telephony_groups import (
    compared,
    counted,
    days_table,
    group_table,
    heat_levels,
    heat_offered,
    levels_table,
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
    before: tuple[Telephony, MissedFigures] | None = None
    has_rows_listed: bool = True
    has_all_levels: bool = True

    @property
    def level(self) -> ServiceLevel:
        """The office's definition of good service."""
        return self.office.telephony.service_level


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
    total, missed, level = one.found.total, one.missed, one.level
    has_data = any(day is not None for day in one.found.days.values())
    share = total.levels[level.counts].percent
    answered = Hint("hint.share", "percent", total.answered_percent)
    abandoned = Hint("hint.abandoned", "count", total.abandoned)
    outgoing = Hint("hint.made", "count", sum(person.made for person in one.found.people))
    target = Hint("hint.target", "count", level.target_percent)
    late = Hint("hint.overdue", "count", len(missed.overdue))
    p90 = Hint("hint.p90", "seconds", missed.call_back_p90)
    median = Hint("hint.median", "seconds", total.wait_p50)
    within, reply = (counted(one.keys, kind, 0) for kind in ("within", "answered"))
    return (
        Figure("offered", "count", _known(counted(one.keys, "offered", total.offered), has_data), outgoing),
        Figure("answered", "count", _known(counted(one.keys, "answered", total.answered), has_data), answered),
        Figure("missed", "count", _known(counted(one.keys, "missed", total.missed), has_data), abandoned),
        Figure("service_level", "percent", Cell(share, within.rows, None, within.asked), target, _is_met(share, level)),
        Figure("asa", "seconds", Cell(total.mean_answer_seconds, reply.rows, None, reply.asked)),
        Figure("wait_p90", "seconds", Cell(total.wait_p90, one.keys.of("offered")), median),
        Figure("call_back_p50", "seconds", Cell(missed.call_back_p50, _missed(one, missed.returned)), p90),
        Figure("open", "count", _known(_owed(one, missed.still_open), has_data), late, _is_returned(missed)),
    )


def sections(one: TelephonyContents) -> tuple[Section, ...]:
    """The chapters in reading order; the days appear when there is more than one."""
    found, level, keys = one.found, one.level, one.keys
    queues = group_table("queues", "queue", "text", _titled(one, "queue", found.queues), level, keys)
    lines = group_table("lines", "line", "text", _titled(one, "line", found.lines), level, keys)
    hours = [(hour, f"{hour:02d}:00", figures) for hour, figures in found.hours.items()]
    by_hour = group_table("hours", "hour", "text", hours, level, keys, found.total)
    days = (Section("days", tables=(days_table(found, level, keys),)),) if len(found.days) > 1 else ()
    before = (Section("compare", tables=(compared(found, one.missed, *one.before, level),)),) if one.before else ()
    return (
        *before,
        *days,
        Section("hours", (hour_chart(found),), (by_hour,)),
        Section("heat", tables=(heat_offered(found, keys), heat_levels(found, level, keys))),
        Section("levels", (wait_chart(found),), (levels_table(found.total, level, keys, every=one.has_all_levels),)),
        Section("routes", tables=(queues, lines, busy_table(found, _line_titles(one)))),
        Section("people", (people_chart(found, one.names),), (people_table(found, one.names, keys),)),
        Section("staffing", tables=(staffing_table(found),)),
        Section("missed_course", tables=(_missed_course(one), _call_back(one), _repeats(one), _clients(one))),
    )


def _missed_course(one: TelephonyContents) -> Table:
    missed, total = one.missed, one.found.total.missed
    body = [
        ("missed", counted(one.keys, "missed", total)),
        ("withheld", Cell(one.withheld, one.keys.of("withheld"))),
        ("unowed", Cell(total - one.withheld - len(missed.all), one.keys.of("unowed"))),
        ("owed", _owed(one, missed.all)),
        ("returned", _owed(one, missed.returned)),
        ("came_back", _owed(one, missed.came_back)),
        ("lost", _owed(one, missed.lost)),
        ("open", _owed(one, missed.still_open)),
        ("in_time", _owed(one, missed.in_time)),
        ("overdue", _owed(one, missed.overdue)),
    ]
    columns = (Column("course", "word"), Column("calls", "count"))
    return Table("missed_course", columns, tuple((Cell(f"course.{name}"), cell) for name, cell in body))


def _call_back(one: TelephonyContents) -> Table:
    missed, keys = one.missed, _missed(one, one.missed.returned)
    columns = (Column("returned", "count"), Column("call_back_p50", "seconds"), Column("call_back_p90", "seconds"))
    count = len(missed.returned)
    cells = (
        Cell(count, keys),
        Cell(missed.call_back_p50, sample=count),
        Cell(missed.call_back_p90, sample=count),
    )
    return Table("call_back", columns, (cells,))


def _repeats(one: TelephonyContents) -> Table:
    columns = (Column("phone", "text"), Column("client", "text"), Column("calls", "count"), Column("answered", "count"))
    body = tuple(
        (
            Cell(row["client_phone"]),
            Cell(client_name(row)),
            counted(one.keys, "offered", row["call_count"], "phone", row["client_phone"]),
            counted(one.keys, "answered", row["answered"], "phone", row["client_phone"]),
        )
        for row in one.repeats
    )
    return Table("repeats", columns, body)


def _clients(one: TelephonyContents) -> Table:
    kinds: tuple[tuple[str, Kind], ...] = (
        ("offered", "count"),
        ("answered", "count"),
        ("made", "count"),
        ("talk", "seconds"),
    )
    columns = (Column("client", "text"), *(Column(name, kind) for name, kind in kinds))
    body = tuple(
        (
            Cell(client_name(row)),
            *(counted(one.keys, kind, row[kind], "contact", row["contact_id"]) for kind, _ in kinds[:3]),
            Cell(row["talk_seconds"]),
        )
        for row in one.clients
    )
    return Table("clients", columns, body)


def client_name(row: Row) -> str:
    """'person, company', a name, or '' for a number nobody knows."""
    return ", ".join(name for name in (row["contact_name"], row["company_name"]) if name)


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


def _missed(one: TelephonyContents, ids: Sequence[int]) -> tuple[str, ...]:
    return tuple(f"missed-{missed_id}" for missed_id in ids) if one.has_rows_listed else ()


def _owed(one: TelephonyContents, ids: Sequence[int]) -> Cell:
    return Cell(len(ids), _missed(one, ids))


def _known(cell: Cell, has_data: bool) -> Cell:
    return cell if has_data else Cell(None)


def _is_returned(missed: MissedFigures) -> bool | None:
    return not missed.still_open if missed.all else None


def _is_met(share: float | None, level: ServiceLevel) -> bool | None:
    return None if share is None else share >= level.target_percent


def silent_days(found: Telephony) -> list[date]:
    """Days without a single row."""
    return [day for day, figures in found.days.items() if figures is None]
