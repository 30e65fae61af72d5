"""The staff report's detail rows: leads, deals, tasks, incidents, calls and mails that its figures lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.rules.metrics_staff import StaffRows
from tasks.rules.report_model import Cell, Column, Kind, Table

Row = dict[str, Any]
Names = Mapping[int, str]
_SHOWN_WORK = ("call_answered", "mail_received", "mail_sent")


def detail_tables(rows: StaffRows, names: Names) -> tuple[Table, ...]:
    """All rows that a figure of the report can lead to."""
    return (
        _leads(rows.leads, names),
        _deals(rows.deals, names),
        _tasks(rows.tasks, names),
        _incidents(rows.incidents, names),
        _work(rows.work, names),
    )


def _leads(rows: Sequence[Row], names: Names) -> Table:
    columns: tuple[tuple[str, Kind], ...] = (
        ("number", "text"),
        ("channel", "word"),
        ("title", "text"),
        ("owner", "text"),
        ("created", "moment"),
        ("due", "moment"),
        ("taken", "moment"),
        ("qualified", "moment"),
        ("ended", "moment"),
        ("outcome", "word"),
    )
    body = [
        (
            row["number"],
            f"channel.{row['channel']}",
            row["title"],
            _name(names, row["responsible_id"]),
            row["created_at"],
            row["take_due_at"],
            row["taken_at"] or "",
            row["qualified_at"] or "",
            row["ended_at"] or "",
            f"outcome.{row['outcome'] or 'open'}",
        )
        for row in rows
    ]
    return _table("lead_rows", columns, body, [f"lead-{row['lead_id']}" for row in rows])


def _deals(rows: Sequence[Row], names: Names) -> Table:
    columns: tuple[tuple[str, Kind], ...] = (
        ("number", "text"),
        ("title", "text"),
        ("client", "text"),
        ("manager", "text"),
        ("executor", "text"),
        ("amount", "money"),
        ("created", "moment"),
        ("ended", "moment"),
        ("outcome", "word"),
        ("paid_at", "moment"),
    )
    body = [
        (
            row["number"],
            row["title"],
            row["client_name"],
            _name(names, row["manager_id"]),
            _name(names, row["executor_id"]),
            row["amount"],
            row["created_at"],
            row["ended_at"] or "",
            f"outcome.{row['outcome'] or 'open'}",
            row["paid_at"] or "",
        )
        for row in rows
    ]
    return _table("deal_rows", columns, body, [f"deal-{row['deal_id']}" for row in rows])


def _tasks(rows: Sequence[Row], names: Names) -> Table:
    columns: tuple[tuple[str, Kind], ...] = (
        ("number", "text"),
        ("title", "text"),
        ("person", "text"),
        ("opened", "moment"),
        ("due", "moment"),
        ("closed", "moment"),
        ("state", "word"),
    )
    body = [
        (
            str(row["work_task_id"]),
            row["title"],
            _name(names, row["person_id"]),
            row["opened_at"],
            row["due_at"] or "",
            row["closed_at"] or "",
            f"state.{row['state']}",
        )
        for row in rows
    ]
    return _table("task_rows", columns, body, [f"task-{row['work_task_id']}" for row in rows])


def _incidents(rows: Sequence[Row], names: Names) -> Table:
    columns: tuple[tuple[str, Kind], ...] = (
        ("number", "text"),
        ("at", "moment"),
        ("person", "text"),
        ("step", "text"),
        ("what", "text"),
    )
    body = [
        (str(row["incident_id"]), row["happened_at"], _name(names, row["person_id"]), row["step"], row["what"])
        for row in rows
    ]
    return _table("incident_rows", columns, body, [f"incident-{row['incident_id']}" for row in rows])


def _work(rows: Sequence[Row], names: Names) -> Table:
    columns: tuple[tuple[str, Kind], ...] = (
        ("number", "text"),
        ("at", "moment"),
        ("person", "text"),
        ("work", "word"),
        ("talk_time", "seconds"),
    )
    shown = [row for row in rows if row["work"] in _SHOWN_WORK]
    body = [
        (
            str(row["entity_id"]),
            row["worked_at"],
            _name(names, row["person_id"]),
            f"work.{row['work']}",
            "" if row["talk_seconds"] is None else row["talk_seconds"],
        )
        for row in shown
    ]
    return _table("work_rows", columns, body, [f"{row['entity']}-{row['entity_id']}" for row in shown])


def _table(
    key: str, columns: tuple[tuple[str, Kind], ...], body: Sequence[tuple[Any, ...]], anchors: Sequence[str]
) -> Table:
    head = tuple(Column(name, kind) for name, kind in columns)
    return Table(key, head, tuple(tuple(map(Cell, row)) for row in body), tuple(anchors))


def _name(names: Names, person_id: int | None) -> str:
    return names[person_id] if person_id is not None else ""
