"""The telephony report's tables of employees, lines and how many people the calls ask for."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.rules.calls.facts import ALL_LINES
from tasks.rules.calls.row_keys import CallKeys
from tasks.rules.metrics import Telephony
from tasks.rules.report_model import Cell, Column, Table, Word
from tasks.rules.report_telephony_groups import counted


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
            Cell(one.talk_seconds),
            Cell(one.mean_talk_seconds, sample=one.answered),
            counted(keys, "made", one.made, "person", one.person_id),
            counted(keys, "reached", one.reached, "person", one.person_id),
            Cell(one.made_talk_seconds),
            Cell(one.occupancy_percent),
        )
        for one in ranked
    )
    return Table("people", columns, body)


def busy_table(found: Telephony, titles: Mapping[str, str]) -> Table:
    """How busy each line was, and all of them together."""
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
            Cell(one.call_count),
            Cell(one.busy_seconds),
            Cell(one.peak_busy_seconds / 3600),
            Cell(one.peak_calls),
        )
        for one in found.busy_lines
    )
    return Table("busy_lines", columns, body, has_total=bool(body) and found.busy_lines[-1].line == ALL_LINES)


def staffing_table(found: Telephony) -> Table:
    """By hour of the day: the load, how many people it asks for, and how many were there."""
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
            Cell(one.calls_per_day),
            Cell(one.mean_talk_seconds),
            Cell(one.load_erlangs),
            Cell(one.needed),
            Cell(one.present),
            Cell(None if one.needed is None or one.present is None else one.present - one.needed),
        )
        for one in found.staffing
    )
    return Table("staffing", columns, body)


def _title(line: str, titles: Mapping[str, str]) -> str | Word:
    return f"{titles[line]} ({line})" if line in titles else line or Word("unknown_line")
