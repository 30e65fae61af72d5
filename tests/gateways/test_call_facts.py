"""Telephony facts: only touched days and the last ones are made anew; killed and repeated they are the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.gateways.store import call_facts
from tasks.gateways.store.call_fact_rows import CallFilter, read_facts
from tasks.gateways.store.call_facts import refresh_facts, touch_hours
from tasks.gateways.store.connection import reading, writing
from tasks.rules.calls.facts import CallFacts, HourFact, merged_hours

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
DAYS = [date(2026, 11, 16 + n) for n in range(3)]
FACTS = ("fact_call_hour", "fact_line_hour", "fact_agent_hour", "fact_agent_day")


def _call(number: int, at: datetime, **changes: Any) -> dict[str, Any]:
    plain = {
        "source": "pbx",
        "linked_id": f"c{number}",
        "direction": "in",
        "started_at": at,
        "answered_at": at + timedelta(seconds=9),
        "ended_at": at + timedelta(seconds=69),
        "outcome": "answered",
        "wait_seconds": 9,
        "talk_seconds": 60,
        "leg_count": 1,
        "transfer_count": 0,
        "client_raw": "",
        "line": "+79000000100",
        "queue": "600",
        "person_id": 1,
    }
    return plain | changes


def _store(engine: sa.Engine, *calls: dict[str, Any]) -> None:
    with writing(engine) as connection:
        if not connection.scalar(sa.select(sa.func.count()).select_from(schema.person)):
            person = {"key": "olga", "name": "Ольга", "mail": "olga@north-service.example", "extension": "101"}
            connection.execute(sa.insert(schema.person), [person])
        connection.execute(sa.insert(schema.call), list(calls))
        touch_hours(connection, [call["started_at"] for call in calls])


def _three_days(engine: sa.Engine, zone: ZoneInfo = MOSCOW) -> None:
    mornings = [datetime(day.year, day.month, day.day, 10, 20, tzinfo=zone).astimezone(UTC) for day in DAYS]
    calls = [
        _call(n, at + timedelta(minutes=m)) for n, (at, m) in enumerate((at, m) for at in mornings for m in (0, 50))
    ]
    calls.append(_call(90, mornings[0], outcome="abandoned", wait_seconds=200, talk_seconds=0, person_id=None))
    calls.append(_call(91, mornings[0], direction="out", queue=None, wait_seconds=None))
    _store(engine, *calls)


def _kept(engine: sa.Engine) -> dict[str, list[Any]]:
    with reading(engine) as connection:
        return {name: sorted(map(repr, connection.execute(sa.select(getattr(schema, name))).all())) for name in FACTS}


def _computed(engine: sa.Engine) -> dict[date, datetime]:
    with reading(engine) as connection:
        table = schema.fact_day
        return {row.day: row.computed_at for row in connection.execute(sa.select(table.c.day, table.c.computed_at))}


def _facts(engine: sa.Engine, zone: ZoneInfo = MOSCOW) -> CallFacts:
    with reading(engine) as connection:
        return read_facts(connection, DAYS[0], DAYS[-1], NOW, zone, CallFilter())


def _numbered(facts: CallFacts) -> list[HourFact]:
    """The hours in order, the edges of their bins as numbers."""
    return sorted(merged_hours(facts.hours, lambda fact: (fact.hour_at, fact.line, fact.queue)), key=repr)


def test_hours_say_what_their_calls_say(engine: sa.Engine) -> None:
    _three_days(engine)
    assert refresh_facts(engine, MOSCOW, NOW) == {"fact_days": 3}
    hour = _numbered(_facts(engine))[0]
    assert (hour.day, hour.hour_at) == (DAYS[0], datetime(2026, 11, 16, 7, tzinfo=UTC))
    assert (hour.call_count, hour.answered, hour.abandoned, hour.flow_out) == (2, 1, 1, None)
    assert (hour.answered_waits, hour.abandoned_waits, hour.other_waits) == ({9: 1}, {204: 1}, {})
    assert (hour.answer_wait_seconds, hour.talk_seconds) == (9, 60)


def test_facts_equal_those_of_the_single_calls(engine: sa.Engine) -> None:
    _three_days(engine)
    from_calls = _facts(engine)
    refresh_facts(engine, MOSCOW, NOW)
    kept = _facts(engine)
    assert _numbered(kept) == _numbered(from_calls)
    assert kept == replace(from_calls, hours=kept.hours)
    assert kept.days_with_rows == set(DAYS)


def test_only_touched_days_and_the_last_ones_are_made_anew(engine: sa.Engine) -> None:
    _three_days(engine)
    refresh_facts(engine, MOSCOW, NOW)
    later = NOW + timedelta(hours=1)
    assert refresh_facts(engine, MOSCOW, later) == {"fact_days": 0}
    _store(engine, _call(95, datetime(2026, 11, 16, 20, 59, tzinfo=UTC)))
    assert refresh_facts(engine, MOSCOW, later) == {"fact_days": 1}
    assert _computed(engine) == {DAYS[0]: later, DAYS[1]: NOW, DAYS[2]: NOW}
    latest = later + timedelta(hours=1)
    assert refresh_facts(engine, MOSCOW, latest, last_days=3) == {"fact_days": 3}
    assert {day for day, at in _computed(engine).items() if at == latest} == {date(2026, 11, n) for n in (18, 19, 20)}


def test_a_refresh_that_was_killed_is_finished_by_the_next(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    _three_days(engine)
    refresh_facts(engine, MOSCOW, NOW)
    whole = _kept(engine)
    with writing(engine) as connection:
        connection.execute(sa.update(schema.fact_day).values(is_stale=True))
    monkeypatch.setattr(call_facts, "_DAYS_AT_ONCE", 1)
    made = []

    def killed(connection: sa.Connection, days: Any) -> None:
        made.append(days)
        if len(made) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(call_facts, "add_presence", killed)
    with pytest.raises(KeyboardInterrupt):
        refresh_facts(engine, MOSCOW, NOW)
    monkeypatch.undo()
    assert _kept(engine) == whole
    assert refresh_facts(engine, MOSCOW, NOW) == {"fact_days": 2}
    assert _kept(engine) == whole


def test_another_zone_makes_every_day_anew(sqlite_engine: sa.Engine) -> None:
    _three_days(sqlite_engine)
    refresh_facts(sqlite_engine, MOSCOW, NOW)
    kolkata = ZoneInfo("Asia/Kolkata")
    refresh_facts(sqlite_engine, kolkata, NOW)
    hours = _facts(sqlite_engine, kolkata).hours
    assert {fact.hour_at.astimezone(kolkata).minute for fact in hours} == {0}
    assert sum(fact.call_count for fact in hours) == 7
    with reading(sqlite_engine) as connection:
        assert set(connection.scalars(sa.select(schema.fact_day.c.zone))) == {"Asia/Kolkata"}


def test_nights_of_23_and_25_hours_keep_every_call(sqlite_engine: sa.Engine) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = datetime(2026, 10, 24, 21, 30, tzinfo=UTC)
    _store(sqlite_engine, *(_call(n, night + timedelta(hours=n)) for n in range(27)))
    refresh_facts(sqlite_engine, berlin, NOW)
    with reading(sqlite_engine) as connection:
        day = date(2026, 10, 25)
        facts = read_facts(connection, day, day, NOW, berlin, CallFilter())
    assert len(facts.hours) == 25
    assert [fact.hour_at.astimezone(berlin).hour for fact in facts.hours][:5] == [0, 1, 2, 2, 3]


def test_breaks_are_read_from_the_queue_log(engine: sa.Engine) -> None:
    _three_days(engine)
    noon = datetime(2026, 11, 16, 9, tzinfo=UTC)
    rows = [
        {"natural_key": f"q{n}", "at": noon + timedelta(minutes=10 * n), "kind": kind}
        for n, kind in enumerate(("ADDMEMBER", "PAUSE", "UNPAUSE", "REMOVEMEMBER"))
    ]
    rest = {"source": "pbx", "call_key": "NONE", "queue": "600", "agent": "PJSIP/101", "data": []}
    with writing(engine) as connection:
        texts = {"raw_line": "", "file_line": "queue_log:1"}
        connection.execute(sa.insert(schema.queue_event), [row | rest | texts for row in rows])
    refresh_facts(engine, MOSCOW, NOW)
    assert _facts(engine).presence == {1: (1800, 600)}


def test_a_day_with_calls_still_going_is_read_from_its_calls(sqlite_engine: sa.Engine) -> None:
    _three_days(sqlite_engine)
    refresh_facts(sqlite_engine, MOSCOW, NOW)
    moment = datetime(2026, 11, 18, 7, 20, 30, tzinfo=UTC)
    with reading(sqlite_engine) as connection:
        facts = read_facts(connection, DAYS[0], DAYS[-1], moment, MOSCOW, CallFilter())
    assert facts.days_with_rows == set(DAYS[:2])
    assert facts.call_count == 6
