"""The telephony report's detail rows: the calls and the missed calls that its figures lead to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.rules.report_model import Cell, Column, Table

Row = dict[str, Any]


def client_of(row: Row) -> str:
    """Who called or was called, as far as the number is known: 'person, company', a name, or ''."""
    return ", ".join(name for name in (row["contact_name"], row["company_name"]) if name)


CALL_COLUMNS = (
    Column("number", "text"),
    Column("started", "moment"),
    Column("direction", "word"),
    Column("outcome", "word"),
    Column("wait", "seconds"),
    Column("talk_time", "seconds"),
    Column("flow_out", "word"),
    Column("phone", "text"),
    Column("client", "text"),
    Column("queue", "text"),
    Column("line", "text"),
    Column("person", "text"),
    Column("lead", "text"),
    Column("log_line", "text"),
)


_COURSE = (Column("missed_state", "word"), Column("deadline", "word"))
_RECORDING = (Column("recording", "word"),)


@dataclass(frozen=True, slots=True)
class CallForm:
    """How calls are listed: `door_url` is where their recordings are heard ('': no links), `has_courses` adds what
    became of missed ones (where no second table says it).
    """

    door_url: str = ""
    has_courses: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """CALL_COLUMNS, and those that are wanted."""
        return (*CALL_COLUMNS, *(_RECORDING if self.door_url else ()), *(_COURSE if self.has_courses else ()))

    def cells(self, row: Row) -> tuple[Cell, ...]:
        """One call (a row of the query listed_calls), in the order of `columns`."""
        cells = call_cells(row)
        if self.door_url:
            number = row["recording_id"]
            cells += (
                Cell("listen", address=f"{self.door_url.rstrip('/')}/recording/{number}") if number else Cell(""),
            )
        if self.has_courses:
            state, deadline = row["missed_state"], row["deadline"]
            cells += (Cell(f"state.{state}" if state else ""), Cell(f"deadline.{deadline}" if deadline else ""))
        return cells


def call_table(rows: Sequence[Row], form: CallForm, key: str = "call_rows") -> Table:
    """One row per call of the period."""
    anchors = tuple(f"call-{row['call_id']}" for row in rows)
    return Table(key, form.columns, tuple(form.cells(row) for row in rows), anchors)


def call_cells(row: Row) -> tuple[Cell, ...]:
    """One call, in the order of CALL_COLUMNS."""
    return (
        Cell(str(row["call_id"])),
        Cell(row["started_at"]),
        Cell(f"direction.{row['direction']}"),
        Cell(f"outcome.{row['outcome']}"),
        Cell(row["wait_seconds"]),
        Cell(row["talk_seconds"]),
        Cell("yes" if row["flow_out"] else ""),
        Cell(row["client_phone"] or row["client_raw"]),
        Cell(client_of(row)),
        *(Cell(row[name] or "") for name in ("queue", "line", "person_name", "lead_number", "file_line")),
    )


def missed_table(rows: Sequence[Row], listed: Collection[int], key: str = "missed_rows") -> Table:
    """One row per missed call and what became of it; its number leads to the call where that is `listed` (call ids)."""
    columns = (
        Column("number", "text"),
        Column("missed_at", "moment"),
        Column("phone", "text"),
        Column("client", "text"),
        Column("due", "moment"),
        Column("state", "word"),
        Column("resolved", "moment"),
        Column("settled_by", "text"),
        Column("resolver", "text"),
        Column("owner", "text"),
    )
    body = tuple(
        (
            Cell(str(row["call_id"]), (f"call-{row['call_id']}",) if row["call_id"] in listed else ()),
            Cell(row["missed_at"]),
            Cell(row["client_phone"]),
            Cell(row["contact_name"] or ""),
            Cell(row["due_at"]),
            Cell(f"state.{row['course']}"),
            Cell(row["resolved_at"] or ""),
            Cell(str(row["resolved_call_id"] or "")),
            Cell(row["resolver_name"] or ""),
            Cell(row["person_name"] or ""),
        )
        for row in rows
    )
    return Table(key, columns, body, tuple(f"missed-{row['missed_call_id']}" for row in rows))
