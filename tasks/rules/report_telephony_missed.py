"""The telephony report's tables of missed calls, of those who called again, and of the clients who called most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tasks.rules.calls.row_keys import CallKeys
from tasks.rules.metrics import MissedFigures
from tasks.rules.report_model import Cell, Column, Kind, Table
from tasks.rules.report_telephony_groups import counted, measured

Row = Mapping[str, Any]
Course = Literal["all", "returned", "came_back", "lost", "still_open", "in_time", "overdue"]


@dataclass(frozen=True, slots=True)
class Debts:
    """The calls that are to be returned, and how their figures lead to them: to their rows where these are listed."""

    missed: MissedFigures
    keys: CallKeys
    is_listed: bool

    def cell(self, course: Course) -> Cell:
        """How many of them took this course."""
        count = len(getattr(self.missed, course))
        return Cell(count, self._rows(course), None, self._asked(course) if count else "")

    def call_back(self, value: float | None, sample: int | None = None) -> Cell:
        """A call-back time of those that were returned."""
        if value is None:
            return Cell(None)
        return Cell(value, self._rows("returned"), sample, self._asked("returned"))

    def _rows(self, course: Course) -> tuple[str, ...]:
        return tuple(f"missed-{missed_id}" for missed_id in getattr(self.missed, course)) if self.is_listed else ()

    def _asked(self, course: Course) -> str:
        return self.keys.asked("owed" if course == "all" else course)


def course_table(debts: Debts, missed_calls: int | None, withheld: int) -> Table:
    """What became of the missed calls; not available (`missed_calls` None) where no day has a single row."""
    keys = debts.keys
    columns = (Column("course", "word"), Column("calls", "count"))
    if missed_calls is None:
        return Table("missed_course", columns, ())
    body = [
        ("missed", counted(keys, "missed", missed_calls)),
        ("withheld", counted(keys, "withheld", withheld)),
        ("unowed", counted(keys, "unowed", missed_calls - withheld - len(debts.missed.all))),
        ("owed", debts.cell("all")),
        ("returned", debts.cell("returned")),
        ("came_back", debts.cell("came_back")),
        ("lost", debts.cell("lost")),
        ("open", debts.cell("still_open")),
        ("in_time", debts.cell("in_time")),
        ("overdue", debts.cell("overdue")),
    ]
    return Table("missed_course", columns, tuple((Cell(f"course.{name}"), cell) for name, cell in body))


def call_back_table(debts: Debts) -> Table:
    """How long those waited who were called back; no row where nobody was."""
    columns = (Column("returned", "count"), Column("call_back_p50", "seconds"), Column("call_back_p90", "seconds"))
    count = len(debts.missed.returned)
    cells = (
        debts.cell("returned"),
        debts.call_back(debts.missed.call_back_p50, count),
        debts.call_back(debts.missed.call_back_p90, count),
    )
    return Table("call_back", columns, (cells,) if count else ())


def repeats_table(rows: Sequence[Row], keys: CallKeys) -> Table:
    """Numbers that called more than once."""
    columns = (Column("phone", "text"), Column("client", "text"), Column("calls", "count"), Column("answered", "count"))
    body = tuple(
        (
            Cell(row["client_phone"]),
            Cell(client_name(row)),
            counted(keys, "offered", row["call_count"], "phone", row["client_phone"]),
            counted(keys, "answered", row["answered"], "phone", row["client_phone"]),
        )
        for row in rows
    )
    return Table("repeats", columns, body)


def clients_table(rows: Sequence[Row], keys: CallKeys) -> Table:
    """Known clients, the most frequent first."""
    counts: tuple[tuple[str, Kind], ...] = (("offered", "count"), ("answered", "count"), ("made", "count"))
    columns = (Column("client", "text"), *(Column(name, kind) for name, kind in counts), Column("talk", "seconds"))
    body = tuple(
        (
            Cell(client_name(row)),
            *(counted(keys, kind, row[kind], "contact", row["contact_id"]) for kind, _ in counts),
            measured(keys, "talked", row["talk_seconds"], "contact", row["contact_id"]),
        )
        for row in rows
    )
    return Table("clients", columns, body)


def client_name(row: Row) -> str:
    """'person, company', a name, or '' for a number nobody knows."""
    return ", ".join(name for name in (row["contact_name"], row["company_name"]) if name)
