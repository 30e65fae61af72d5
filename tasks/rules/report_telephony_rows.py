"""The telephony report's detail rows: the calls and the missed calls that its figures lead to."""

from __future__ import annotations

from collections.abc import Sequence
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


def call_table(rows: Sequence[Row]) -> Table:
    """One row per call of the period."""
    anchors = tuple(f"call-{row['call_id']}" for row in rows)
    return Table("call_rows", CALL_COLUMNS, tuple(call_cells(row) for row in rows), anchors)


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


def missed_table(rows: Sequence[Row]) -> Table:
    """One row per missed call and what became of it."""
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
            Cell(str(row["call_id"]), (f"call-{row['call_id']}",)),
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
    return Table("missed_rows", columns, body, tuple(f"missed-{row['missed_call_id']}" for row in rows))
