"""The telephony report's tables of employees, lines and how many people the calls ask for."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.rules.calls.facts import ALL_LINES
from tasks.rules.calls.row_keys import CallKeys
from tasks.rules.metrics import Staffing, Telephony
from tasks.rules.report_model import Cell, Column, Table, Word
from tasks.rules.report_telephony_groups import counted, measured


def people_table(found: Telephony, names: Mapping[int, str], keys: CallKeys) -> Table:
    """One row per employee, those with the most answered calls first; calls of nobody known come last."""
    columns = (
        Column("person", "text"),
        Column("answered", "count"),
        Column("talk", "seconds"),
        Column("aht", "seconds"),
        Column("made", "count"),
        Column("reached", "count"),
        Column("made_talk", "seconds"),
        Column("occupancy", "percent"),
    )
    ranked = sorted(found.people, key=lambda one: (one.person_id == 0, -one.answered, names.get(one.person_id, "")))
    body = tuple(
        (
            Cell(names.get(one.person_id) or Word("no_person")),
            counted(keys, "answered", one.answered, "person", one.person_id),
            measured(keys, "answered", one.talk_seconds, "person", one.person_id),
            measured(keys, "answered", one.mean_talk_seconds, "person", one.person_id, one.answered),
            counted(keys, "made", one.made, "person", one.person_id),
            counted(keys, "reached", one.reached, "person", one.person_id),
            measured(keys, "reached", one.made_talk_seconds, "person", one.person_id),
            measured(keys, "talked", one.occupancy_percent, "person", one.person_id),
        )
        for one in ranked
    )
    return Table("people", columns, body)


def busy_table(found: Telephony, titles: Mapping[str, str], keys: CallKeys) -> Table:
    """How busy each line was, and all of them together; peaks lead to the calls of that hour and of that moment."""
    columns = (
        Column("line", "text"),
        Column("line_calls", "count"),
        Column("busy_time", "seconds"),
        Column("peak_erlangs", "decimal"),
        Column("peak_calls", "count"),
    )
    body = tuple(
        (
            Cell(Word("total") if one.line == ALL_LINES else _title(one.line, titles)),
            counted(keys, "busy", one.call_count, *_place(one.line)),
            measured(keys, "busy", one.busy_seconds, *_place(one.line)),
            measured(keys, "busy_hour", one.peak_busy_seconds / 3600, *_place(one.line)),
            counted(keys, "busy_peak", one.peak_calls, *_place(one.line)),
        )
        for one in found.busy_lines
    )
    return Table("busy_lines", columns, body, has_total=bool(body) and found.busy_lines[-1].line == ALL_LINES)


def _place(line: str) -> tuple[str, str | None]:
    return ("all", None) if line == ALL_LINES else ("line", line)


def staffing_table(found: Telephony, keys: CallKeys) -> Table:
    """By hour of the day: the load, how many people it asks for, and how many were there; all lead to its calls."""
    columns = (
        Column("hour", "text"),
        Column("calls_a_day", "decimal"),
        Column("aht", "seconds"),
        Column("load_erlangs", "decimal"),
        Column("needed", "count"),
        Column("present", "decimal"),
        Column("difference", "difference"),
    )
    body = tuple(
        (
            Cell(f"{one.hour:02d}:00"),
            *(measured(keys, kind, value, "hour", one.hour) for kind, value in _asked_of(one)),
        )
        for one in found.staffing
    )
    return Table("staffing", columns, body)


def _asked_of(one: Staffing) -> tuple[tuple[str, float | None], ...]:
    """What an hour's figures are made from, and the figures, in the order of the columns."""
    is_known = one.needed is not None and one.present is not None
    return (
        ("offered", one.calls_per_day),
        ("answered", one.mean_talk_seconds),
        ("offered", one.load_erlangs),
        ("offered", one.needed),
        ("answered_by_us", one.present),
        ("offered", (one.present or 0) - (one.needed or 0) if is_known else None),
    )


def _title(line: str, titles: Mapping[str, str]) -> str | Word:
    return f"{titles[line]} ({line})" if line in titles else line or Word("unknown_line")
