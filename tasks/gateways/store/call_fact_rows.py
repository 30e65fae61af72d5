"""Reading the telephony facts of a period: from the tables where a day's are current, else from its single calls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.bulk_rows import moment_reader
from tasks.gateways.store.report_rows import read_rows
from tasks.rules.calls.facts import CallFacts, HourFact, LineSums, PersonSums, facts_of_calls, merged
from tasks.rules.report_period import day_bounds

_BIN_COLUMNS = 3  # the last of fact_call_hour


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls a report is about; '' and 0 mean all of them."""

    line: str = ""
    queue: str = ""
    person_id: int = 0

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of the queries."""
        return {"line": self.line, "queue": self.queue, "person": self.person_id}


def read_facts(
    connection: sa.Connection, first: date, last: date, as_of: datetime, zone: ZoneInfo, wanted: CallFilter
) -> CallFacts:
    """The facts of the local days as known at `as_of`.

    A day is read from its calls when its facts are not current, or when one of its calls ended after that moment; so is
    everything when only one employee is asked for.
    """
    current = set() if wanted.person_id else _current_days(connection, first, last, as_of, zone)
    parts = []
    for begin, end, is_current in _stretches(first, last, current):
        if is_current:
            parts.append(_stored(connection, begin, end, wanted))
        else:
            begins, ends = day_bounds(begin, end, zone)
            moments = {"from": begins, "until": ends, "as_of": as_of}
            parts.append(facts_of_calls(read_rows(connection, "call_rows", **moments, **wanted.values), zone))
    return merged(parts)


def _current_days(connection: sa.Connection, first: date, last: date, as_of: datetime, zone: ZoneInfo) -> set[date]:
    table = schema.fact_day
    is_known = sa.or_(table.c.last_ended_at.is_(None), table.c.last_ended_at <= as_of)
    query = sa.select(table.c.day).where(
        table.c.day.between(first, last),
        table.c.zone == zone.key,
        ~table.c.is_stale,
        table.c.ends_at <= as_of,
        is_known,
    )
    touched = connection.scalars(sa.select(schema.fact_touch.c.hour_at))
    moments = (moment for hour in touched for moment in (hour, hour + timedelta(minutes=59, seconds=59)))
    spoiled = {moment.astimezone(zone).date() for moment in moments}
    return set(connection.scalars(query)) - spoiled


def _stretches(first: date, last: date, current: set[date]) -> Iterator[tuple[date, date, bool]]:
    """The days from first to last in stretches that are read alike."""
    begin = day = first
    while day <= last:
        after = day + timedelta(days=1)
        if after > last or (after in current) != (begin in current):
            yield begin, day, begin in current
            begin = after
        day = after


def _stored(connection: sa.Connection, first: date, last: date, wanted: CallFilter) -> CallFacts:
    hour, day = schema.fact_call_hour, schema.fact_day
    own = _only(hour, first, last, wanted)
    columns = [column for column in hour.columns if column.name not in ("day", "source", "direction")]
    incoming = sa.select(hour.c.day, hour.c.source, *columns).where(hour.c.direction == "in", *own)
    count = sa.select(sa.func.coalesce(sa.func.sum(hour.c.call_count), 0)).where(*own)
    days = sa.select(day.c.day).where(day.c.day.between(first, last), day.c.call_count > 0)
    return CallFacts(
        _hours(connection, incoming),
        _people(connection, first, last, wanted),
        _lines(connection, first, last, wanted),
        _answering(connection, first, last, wanted),
        frozenset(connection.scalars(days)),
        {} if wanted.line or wanted.queue else _presence(connection, first, last),
        int(connection.execute(count).scalar_one()),
    )


def _people(connection: sa.Connection, first: date, last: date, wanted: CallFilter) -> list[PersonSums]:
    table = schema.fact_agent_hour if wanted.line or wanted.queue else schema.fact_agent_day
    names = ("answered", "talk_seconds", "made", "reached", "made_talk_seconds")
    query = sa.select(table.c.person_id, *(sa.func.sum(table.c[name]) for name in names))
    own = query.where(*_only(table, first, last, wanted)).group_by(table.c.person_id).order_by(table.c.person_id)
    return [PersonSums(*map(int, row)) for row in connection.execute(own)]


def _lines(connection: sa.Connection, first: date, last: date, wanted: CallFilter) -> list[LineSums]:
    """Nothing for a single queue: a line is not busy by queue."""
    table = schema.fact_line_hour
    sums = (sa.func.sum(table.c.call_count), sa.func.sum(table.c.busy_seconds))
    most = (sa.func.max(table.c.busy_seconds), sa.func.max(table.c.peak_calls))
    own = sa.select(table.c.line, *sums, *most).where(*_only(table, first, last, wanted))
    rows = () if wanted.queue else connection.execute(own.group_by(table.c.line).order_by(table.c.line))
    return [LineSums(row[0], *map(int, row[1:])) for row in rows]


def _answering(connection: sa.Connection, first: date, last: date, wanted: CallFilter) -> dict[datetime, int]:
    table = schema.fact_agent_hour
    query = sa.select(table.c.hour_at, sa.func.count(sa.distinct(table.c.person_id))).where(
        *_only(table, first, last, wanted), table.c.answered > 0, table.c.person_id != 0
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(table.c.hour_at))}


def _presence(connection: sa.Connection, first: date, last: date) -> dict[int, tuple[int, int]]:
    table = schema.fact_agent_day
    query = sa.select(table.c.person_id, sa.func.sum(table.c.present_seconds), sa.func.sum(table.c.pause_seconds))
    known = query.where(table.c.day.between(first, last), table.c.present_seconds.is_not(None))
    rows = connection.execute(known.group_by(table.c.person_id))
    return {person_id: (int(present), int(paused)) for person_id, present, paused in rows}


def _only(table: sa.Table, first: date, last: date, wanted: CallFilter) -> list[Any]:
    named = {"line": wanted.line, "queue": wanted.queue}
    own = [table.c[name] == value for name, value in named.items() if value and name in table.c]
    return [table.c.day.between(first, last), *own]


def _hours(connection: sa.Connection, incoming: sa.Select[Any]) -> list[HourFact]:
    """The rows as facts; the bins of all hours are one JSON text to read, not three for each hour."""
    with connection.execute(incoming) as result:
        rows = list(result.cursor.fetchall())
    if not rows:
        return []
    days, sources, moments, *columns = zip(*rows, strict=True)
    known = {day: day if isinstance(day, date) else date.fromisoformat(day) for day in set(days)}
    bins = [_parsed(column) for column in columns[-_BIN_COLUMNS:]]
    numbers = zip(*columns[2:-_BIN_COLUMNS], strict=True)
    told = zip(days, sources, map(moment_reader(connection), moments), *columns[:2], numbers, *bins, strict=True)
    return [
        HourFact(known[day], hour_at, source, line, queue, "in", *counts, *waits)
        for day, source, hour_at, line, queue, counts, *waits in told
    ]


def _parsed(texts: Sequence[Any]) -> Sequence[Mapping[Any, int]]:
    """JSON objects, which PostgreSQL's driver has read already."""
    if not isinstance(texts[0], str):
        return texts
    found: list[Mapping[Any, int]] = json.loads(f"[{','.join(texts)}]")
    return found
