"""The telephony report's contents: which figures, tables and pictures, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tasks.rules.metrics import LEVELS, CallFigures, Telephony
from tasks.rules.office import Office, ServiceLevel
from tasks.rules.report_charts import hour_chart, people_chart, wait_chart
from tasks.rules.report_model import Cell, Column, Figure, Hint, Kind, Section, Table, Word
from tasks.rules.report_telephony_rows import client_of

Row = dict[str, Any]
DEFINED = (
    "offered",
    "answered",
    "missed",
    "short_abandons",
    "service_level",
    "asa",
    "wait_p90",
    "aht",
    "call_back_p50",
    "open",
    "repeats",
)
_NAMELESS = {"queue": "direct", "line": "unknown_line"}
_GROUP: tuple[tuple[str, Kind], ...] = (
    ("offered", "count"),
    ("answered", "count"),
    ("missed", "count"),
    ("abandoned", "count"),
    ("short_abandons", "count"),
    ("service_level", "percent"),
    ("asa", "seconds"),
    ("wait_p50", "seconds"),
    ("wait_p90", "seconds"),
    ("wait_p95", "seconds"),
    ("talk", "seconds"),
    ("aht", "seconds"),
)


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


def head_figures(found: Telephony, level: ServiceLevel) -> tuple[Figure, ...]:
    """The numbers a chief looks at first."""
    total, missed = found.total, found.missed
    has_data = any(day is not None for day in found.days.values())
    share = total.levels[level.counts]
    answered = Hint("hint.share", "percent", total.answered_percent)
    abandoned = Hint("hint.abandoned", "count", len(total.abandoned))
    outgoing = Hint("hint.made", "count", sum(len(one.made) for one in found.people))
    target = Hint("hint.target", "count", level.target_percent)
    late = Hint("hint.overdue", "count", len(missed.overdue))
    p90 = Hint("hint.p90", "seconds", missed.call_back_p90)
    median = Hint("hint.median", "seconds", total.wait_p50)
    return (
        Figure("offered", "count", _count(call_keys(total.offered), has_data), outgoing),
        Figure("answered", "count", _count(call_keys(total.answered), has_data), answered),
        Figure("missed", "count", _count(call_keys(total.missed), has_data), abandoned),
        Figure("service_level", "percent", Cell(share, call_keys(total.within)), target, _is_met(share, level)),
        Figure("asa", "seconds", Cell(total.mean_answer_seconds, call_keys(total.answered))),
        Figure("wait_p90", "seconds", Cell(total.wait_p90, call_keys(total.offered)), median),
        Figure("call_back_p50", "seconds", Cell(missed.call_back_p50, _missed(missed.returned)), p90),
        Figure("open", "count", _count(_missed(missed.still_open), has_data), late, _is_returned(found)),
    )


def sections(found: Telephony, rows: Sequence[Row], missed_rows: Sequence[Row], office: Office) -> tuple[Section, ...]:
    """The chapters in reading order; the days appear when there is more than one."""
    level = office.telephony.service_level
    titles = office.telephony.queues
    bound = {line.number: line.title for line in office.telephony.lines}
    queues = _groups("queues", "queue", "text", _titled(found.queues, titles), level)
    lines = _groups("lines", "line", "text", _titled(found.lines, bound), level)
    hours = {f"{hour:02d}:00": figures for hour, figures in found.hours.items()}
    days = (Section("days", tables=(_days(found, level),)),) if len(found.days) > 1 else ()
    return (
        *days,
        Section("hours", (hour_chart(found),), (_groups("hours", "hour", "text", hours, level, found.total),)),
        Section("levels", (wait_chart(rows, level),), (_levels(found.total, level),)),
        Section("routes", tables=(queues, lines)),
        Section("people", (people_chart(found, names_of(rows)),), (_people(found, rows),)),
        Section(
            "missed_course", tables=(_missed_course(found, rows, missed_rows), _call_back(found), _repeats(found, rows))
        ),
    )


def figure_cells(figures: CallFigures, level: ServiceLevel) -> tuple[Cell, ...]:
    """One row of figures, in the order of the group tables."""
    answered = call_keys(figures.answered)
    offered = call_keys(figures.offered)
    return (
        Cell(len(figures.offered), offered),
        Cell(len(figures.answered), answered),
        Cell(len(figures.missed), call_keys(figures.missed)),
        Cell(len(figures.abandoned), call_keys(figures.abandoned)),
        Cell(len(figures.short_abandons), call_keys(figures.short_abandons)),
        Cell(figures.levels[level.counts], call_keys(figures.within), _base(figures, level.counts)),
        Cell(figures.mean_answer_seconds),
        Cell(figures.wait_p50),
        Cell(figures.wait_p90),
        Cell(figures.wait_p95),
        Cell(figures.talk_seconds),
        Cell(figures.mean_talk_seconds),
    )


def _groups(
    key: str,
    name: str,
    kind: Kind,
    groups: dict[str, CallFigures],
    level: ServiceLevel,
    total: CallFigures | None = None,
) -> Table:
    columns = (Column(name, kind), *(Column(column, of) for column, of in _GROUP))
    body = [(Cell(label or Word(_NAMELESS[name])), *figure_cells(figures, level)) for label, figures in groups.items()]
    if total is not None:
        body.append((Cell(Word("total")), *figure_cells(total, level)))
    return Table(key, columns, tuple(body), has_total=total is not None)


def _days(found: Telephony, level: ServiceLevel) -> Table:
    empty = tuple(Cell(None) for _ in _GROUP)
    columns = (Column("day", "day"), *(Column(column, of) for column, of in _GROUP))
    body = [
        (Cell(day), *(empty if figures is None else figure_cells(figures, level)))
        for day, figures in found.days.items()
    ]
    return Table("days", columns, (*body, (Cell(Word("total")), *figure_cells(found.total, level))), has_total=True)


def _levels(total: CallFigures, level: ServiceLevel) -> Table:
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
            Cell(len(total.within), call_keys(total.within)),
            Cell(_base(total, name)),
            Cell(total.levels[name]),
            Cell("yes" if name == level.counts else ""),
        )
        for name in LEVELS
    )
    return Table("levels", columns, body)


def _base(figures: CallFigures, name: str) -> int:
    unknown = set(figures.unknown_waits)
    base = set(figures.answered if name == "answered" else figures.offered) - unknown
    return len(base - set(figures.short_abandons)) if name == "offered_without_short" else len(base)


def _people(found: Telephony, rows: Sequence[Row]) -> Table:
    names = names_of(rows)
    columns = (
        Column("person", "text"),
        Column("answered", "count"),
        Column("talk", "seconds"),
        Column("aht", "seconds"),
        Column("made", "count"),
        Column("reached", "count"),
        Column("made_talk", "seconds"),
    )
    body = tuple(
        (
            Cell(names[one.person_id]),
            Cell(len(one.answered), call_keys(one.answered)),
            Cell(one.talk_seconds),
            Cell(one.mean_talk_seconds, sample=len(one.answered)),
            Cell(len(one.made), call_keys(one.made)),
            Cell(len(one.reached), call_keys(one.reached)),
            Cell(one.made_talk_seconds),
        )
        for one in sorted(found.people, key=lambda one: (-len(one.answered), names[one.person_id]))
    )
    return Table("people", columns, body)


def _missed_course(found: Telephony, rows: Sequence[Row], missed_rows: Sequence[Row]) -> Table:
    missed = found.missed
    owed = {row["call_id"] for row in missed_rows}
    other = [row for row in rows if row["call_id"] in set(found.total.missed) - owed]
    withheld = [row["call_id"] for row in other if row["client_phone"] is None]
    unowed = [row["call_id"] for row in other if row["client_phone"] is not None]
    body = (
        ("missed", call_keys(found.total.missed)),
        ("withheld", call_keys(withheld)),
        ("unowed", call_keys(unowed)),
        ("owed", _missed(missed.all)),
        ("returned", _missed(missed.returned)),
        ("came_back", _missed(missed.came_back)),
        ("open", _missed(missed.still_open)),
        ("in_time", _missed(missed.in_time)),
        ("overdue", _missed(missed.overdue)),
    )
    columns = (Column("course", "word"), Column("calls", "count"))
    return Table(
        "missed_course", columns, tuple((Cell(f"course.{name}"), Cell(len(keys), keys)) for name, keys in body)
    )


def _call_back(found: Telephony) -> Table:
    missed, keys = found.missed, _missed(found.missed.returned)
    columns = (Column("returned", "count"), Column("call_back_p50", "seconds"), Column("call_back_p90", "seconds"))
    cells = (
        Cell(len(keys), keys),
        Cell(missed.call_back_p50, sample=len(keys)),
        Cell(missed.call_back_p90, sample=len(keys)),
    )
    return Table("call_back", columns, (cells,))


def _repeats(found: Telephony, rows: Sequence[Row]) -> Table:
    who = {row["client_phone"]: client_of(row) for row in rows if row["client_phone"]}
    columns = (Column("phone", "text"), Column("client", "text"), Column("calls", "count"))
    often = sorted(found.repeats.items(), key=lambda item: (-len(item[1]), item[0]))
    body = tuple((Cell(phone), Cell(who[phone]), Cell(len(ids), call_keys(ids))) for phone, ids in often)
    return Table("repeats", columns, body)


def names_of(rows: Iterable[Row]) -> dict[int, str]:
    """The names of everybody who talked, by person id."""
    return {row["person_id"]: row["person_name"] for row in rows if row["person_id"] is not None}


def call_keys(ids: Iterable[int]) -> tuple[str, ...]:
    """The keys of these calls' detail rows."""
    return tuple(f"call-{call_id}" for call_id in ids)


def _missed(ids: Iterable[int]) -> tuple[str, ...]:
    return tuple(f"missed-{missed_id}" for missed_id in ids)


def _count(keys: tuple[str, ...], has_data: bool) -> Cell:
    return Cell(len(keys), keys) if has_data else Cell(None)


def _is_returned(found: Telephony) -> bool | None:
    return not found.missed.still_open if found.missed.all else None


def _is_met(share: float | None, level: ServiceLevel) -> bool | None:
    return None if share is None else share >= level.target_percent


def _titled(groups: Mapping[str, CallFigures], titles: Mapping[str, str]) -> dict[str, CallFigures]:
    """The groups under the office's own names; '' stays, the table says what it means."""
    return {f"{titles[name]} ({name})" if name in titles else name: figures for name, figures in groups.items()}
