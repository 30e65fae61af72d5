"""The telephony facts: which days are to be made again, and making them, a few days in one transaction.

Whoever writes a call touches its hour in the same transaction; `refresh_facts` turns touched hours into stale days of
the office's zone and makes those anew. Killed at any moment, it goes on at the next run; run twice, it changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from sql import schema
from sql.column_types import UtcDateTime
from tasks.gateways.store.agent_presence import add_presence
from tasks.gateways.store.connection import insert, writing
from tasks.rules.report_period import day_bounds

_FOLDER = Path(__file__).resolve().parents[3] / "sql" / "facts"
_FACTS = (schema.fact_call_hour, schema.fact_line_hour, schema.fact_agent_hour, schema.fact_agent_day)
_STEPS = ("call_hour", "line_hour", "agent_hour", "agent_day")
_HOUR = timedelta(hours=1)
_DAYS_AT_ONCE = 8

# A moment of seconds since 1970, the seconds of a moment, and keys and values as one JSON object.
_WORDS = (
    re.compile(r"MOMENT_OF\(((?:[^()]|\([^()]*\))*)\)"),
    re.compile(r"SECONDS_OF\(([^()]*)\)"),
    re.compile("OBJECT_OF"),
)
_SAID = {
    "sqlite": (
        r"strftime('%Y-%m-%d %H:%M:%S', \1, 'unixepoch') || '.000000'",
        r"CAST(strftime('%s', \1) AS INTEGER)",
        "json_group_object",
    ),
    "postgresql": (r"TO_TIMESTAMP(\1)", r"CAST(FLOOR(DATE_PART('epoch', \1)) AS BIGINT)", "JSONB_OBJECT_AGG"),
}


def touch_hours(connection: sa.Connection, moments: Iterable[datetime]) -> None:
    """Note that calls which began at these moments are new or changed. In the transaction that writes them.

    An hour that is noted already is written again: it waits for whoever is just taking it, so that nothing is lost.
    """
    hours = sorted({moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0) for moment in moments})
    if hours:
        statement = insert(connection, schema.fact_touch)
        again = statement.on_conflict_do_update(
            index_elements=["hour_at"], set_={"hour_at": statement.excluded.hour_at}
        )
        connection.execute(again, [{"hour_at": hour} for hour in hours])


def refresh_facts(engine: sa.Engine, zone: ZoneInfo, now: datetime, last_days: int = 0) -> dict[str, int]:
    """Make the facts of the touched days anew, and of the `last_days` days up to `now`; how many days that were.

    When the office's zone has changed, every day is made anew.
    """
    with writing(engine) as connection:
        today = now.astimezone(zone).date()
        recent = {today - timedelta(days=back) for back in range(last_days)}
        _mark(connection, zone, recent | _touched_days(connection, zone) | _days_of_another_zone(connection, zone))
    made = 0
    for first, last in _portions(engine):
        with writing(engine) as connection:
            made += _make(connection, first, last, now)
    return {"fact_days": made}


def _touched_days(connection: sa.Connection, zone: ZoneInfo) -> set[date]:
    """The days of the touched hours, which are taken off the list: in zones of half hours an hour may be in two."""
    table = schema.fact_touch
    hours = list(connection.scalars(sa.select(table.c.hour_at).with_for_update()))
    for start in range(0, len(hours), 500):
        connection.execute(sa.delete(table).where(table.c.hour_at.in_(hours[start : start + 500])))
    ends = (hour + _HOUR - timedelta(microseconds=1) for hour in hours)
    return {moment.astimezone(zone).date() for moment in (*hours, *ends)}


def _days_of_another_zone(connection: sa.Connection, zone: ZoneInfo) -> set[date]:
    """Every day, after dropping the facts, when they were made for another zone: their borders have moved."""
    table = schema.fact_day
    others = connection.execute(sa.select(table.c.begins_at, table.c.ends_at).where(table.c.zone != zone.key)).all()
    if not others:
        return set()
    for fact in (*_FACTS, table):
        connection.execute(sa.delete(fact))
    last = timedelta(microseconds=1)
    return {moment.astimezone(zone).date() for row in others for moment in (row.begins_at, row.ends_at - last)}


def _mark(connection: sa.Connection, zone: ZoneInfo, days: Iterable[date]) -> None:
    rows = []
    for day in sorted(days):
        begins, ends = day_bounds(day, day, zone)
        rows.append({"day": day, "zone": zone.key, "begins_at": begins, "ends_at": ends, "is_stale": True})
    if rows:
        statement = insert(connection, schema.fact_day)
        stale = statement.on_conflict_do_update(index_elements=["day"], set_={"is_stale": statement.excluded.is_stale})
        connection.execute(stale, rows)


def _portions(engine: sa.Engine) -> Iterator[tuple[date, date]]:
    """The stale days, a few at a time."""
    with writing(engine) as connection:
        table = schema.fact_day
        days = list(connection.scalars(sa.select(table.c.day).where(table.c.is_stale).order_by(table.c.day)))
    for start in range(0, len(days), _DAYS_AT_ONCE):
        part = days[start : start + _DAYS_AT_ONCE]
        yield part[0], part[-1]


def _make(connection: sa.Connection, first: date, last: date, now: datetime) -> int:
    """Make the facts of the stale days from `first` to `last` and call them current, in the caller's transaction."""
    day = schema.fact_day
    stale = sa.select(day.c.day).where(day.c.is_stale, day.c.day.between(first, last)).order_by(day.c.day)
    days: Sequence[date] = list(connection.scalars(stale.with_for_update()))
    for fact in _FACTS:
        connection.execute(sa.delete(fact).where(fact.c.day.in_(days)))
    for step in _STEPS:
        connection.execute(_statement(step, connection.dialect.name), {"first": first, "last": last})
    add_presence(connection, days)
    connection.execute(_statement("day", connection.dialect.name), {"first": first, "last": last, "now": now})
    return len(days)


@lru_cache(maxsize=16)
def _statement(name: str, dialect: str) -> sa.TextClause:
    """sql/facts/NAME.sql, with what the engines say differently in this one's words."""
    types: dict[str, Any] = {"first": sa.Date(), "last": sa.Date(), "now": UtcDateTime()}
    text = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    for word, said in zip(_WORDS, _SAID[dialect], strict=True):
        text = word.sub(said, text)
    statement = sa.text(text)
    known = statement.compile().params
    return statement.bindparams(*(sa.bindparam(key, type_=kind) for key, kind in types.items() if key in known))
