"""Many rows by the driver alone: the same values as SQLAlchemy writes, and told apart what was there already."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sql import schema
from tasks.gateways.store.bulk_rows import (
    any_of,
    columns_of,
    insert_missing,
    moment_reader,
    read_json,
    run_plain,
    set_each,
)
from tasks.gateways.store.call_corrections import LEG_NAMES
from tasks.gateways.store.connection import reading, writing
from tasks.rules.calls.records import Leg, QueueEvent

TEN = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)
_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
_TIMES = st.datetimes(
    datetime(1971, 1, 1),  # noqa: DTZ001  # hypothesis wants it so, and adds the zone
    datetime(2099, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=3)), timezone(-timedelta(hours=9, minutes=30))]),
)


def _leg(key: str, source: str = "bulk", **more: Any) -> Leg:
    leg = Leg(source, key, "1.1", TEN, None, TEN, 0, 0, "busy", "", None, "", None, None, None, None, "in", "", "m:1")
    return replace(leg, **more)


def _stored(engine: sa.Engine, table: sa.Table, source: str) -> list[Any]:
    columns = [column for column in table.c if column.name not in ("id", "source")]
    with reading(engine) as connection:
        query = sa.select(*columns).where(table.c.source == source).order_by(table.c.id)
        return [tuple(row) for row in connection.execute(query)]


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(_TIMES, st.none() | _TIMES, _TEXTS, st.lists(_TEXTS, max_size=3)), max_size=5))
@example(rows=[(TEN, None, "a\tb\\N\r\n\\.", ["plain", "words"]), (TEN, TEN, r"\N", ['a", "b', "", "ж"])])
def test_the_same_values_as_by_sqlalchemy(engine: sa.Engine, rows: list[Any]) -> None:
    legs = [
        _leg(str(number), started_at=at, answered_at=other, ended_at=at, raw_line=text)
        for number, (at, other, text, _) in enumerate(rows)
    ]
    events = [
        QueueEvent("bulk", str(number), at, text, "", "", "DID", tuple(data), text, "q:1")
        for number, (at, _, text, data) in enumerate(rows)
    ]
    names = [name for name in schema.queue_event.c.keys() if name != "id"]  # noqa: SIM118  # a table's columns
    with writing(engine) as connection:
        for table in (schema.call_leg, schema.queue_event):
            connection.execute(sa.delete(table))
        assert insert_missing(connection, schema.call_leg, columns_of(legs, LEG_NAMES), "natural_key") == set()
        assert insert_missing(connection, schema.queue_event, columns_of(events, names), "natural_key") == set()
        if rows:
            plain = [asdict(leg) | {"source": "plain"} for leg in legs]
            connection.execute(sa.insert(schema.call_leg), plain)
            told = [asdict(event) | {"source": "plain", "data": list(event.data)} for event in events]
            connection.execute(sa.insert(schema.queue_event), told)
    for table in (schema.call_leg, schema.queue_event):
        assert _stored(engine, table, "bulk") == _stored(engine, table, "plain")


def test_what_was_there_is_left_out_and_named(engine: sa.Engine) -> None:
    legs = [_leg(str(number)) for number in range(9)]
    with writing(engine) as connection:
        assert insert_missing(connection, schema.call_leg, columns_of(legs[3:5], LEG_NAMES), "natural_key") == set()
    changed = [replace(leg, note="again") for leg in legs]
    with writing(engine) as connection:
        for _ in range(2):  # the second time nothing is new, in the same transaction
            left = insert_missing(connection, schema.call_leg, columns_of(changed[:7], LEG_NAMES), "natural_key")
        assert left == set("0123456")
        assert insert_missing(connection, schema.call_leg, columns_of(changed, LEG_NAMES), "natural_key") == left
    with reading(engine) as connection:
        query = sa.select(schema.call_leg.c.natural_key, schema.call_leg.c.note)
        notes = {row.natural_key: row.note for row in connection.execute(query)}
    assert notes == {leg.natural_key: "" if leg.natural_key in "34" else "again" for leg in legs}


def test_a_time_without_a_zone_is_refused(engine: sa.Engine) -> None:
    columns = columns_of([_leg("1", started_at=TEN.replace(tzinfo=None))], LEG_NAMES)
    with pytest.raises((TypeError, ValueError)), writing(engine) as connection:
        insert_missing(connection, schema.call_leg, columns, "natural_key")


def test_read_and_set_by_arrays(engine: sa.Engine) -> None:
    moments = [TEN, TEN + timedelta(microseconds=7)]
    with writing(engine) as connection:
        legs = [_leg(str(number), started_at=at) for number, at in enumerate(moments)]
        insert_missing(connection, schema.call_leg, columns_of(legs, LEG_NAMES), "natural_key")
        text = f"SELECT id, started_at FROM call_leg WHERE natural_key {any_of(connection, 'keys')} ORDER BY id"  # noqa: S608
        found = run_plain(connection, sa.text(text), keys=["0", "1", "2"])
        assert [moment_reader(connection)(row[1]) for row in found] == moments
        assert run_plain(connection, sa.text(text), keys=[]) == []
        call = {"source": "bulk", "linked_id": "1.1", "direction": "in", "started_at": TEN, "ended_at": TEN}
        call |= {"outcome": "busy", "talk_seconds": 0, "leg_count": 1, "transfer_count": 0}
        call_ids = [
            connection.execute(sa.insert(schema.call).values(call | {"linked_id": key})).inserted_primary_key[0]  # type: ignore[index]  # it has one
            for key in "ab"
        ]
        set_each(connection, schema.call_leg, "call_id", [(call_ids[0], found[0][0])])
        set_each(connection, schema.call_leg, "call_id", [(call_ids[1], row[0]) for row in found])
        set_each(connection, schema.call_leg, "call_id", [])
        bound = connection.scalars(sa.select(schema.call_leg.c.call_id).order_by(schema.call_leg.c.id)).all()
    assert bound == call_ids


def test_json_is_read_from_either_driver() -> None:
    assert read_json('["a"]') == read_json(["a"]) == ["a"]
