"""Rows that are inserted unless they are there: the same values as SQLAlchemy writes, on either engine."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql.column_types import Json, Money, RowId, UtcDateTime
from tasks.gateways.store.connection import insert_new, reading, writing
from tasks.gateways.store.packed_bytes import packed

_KINDS = sa.Table(
    "every_kind",
    sa.MetaData(),
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("at", UtcDateTime()),
    sa.Column("day", sa.Date),
    sa.Column("price", Money),
    sa.Column("is_true", sa.Boolean),
    sa.Column("data", Json),
    sa.Column("raw", sa.LargeBinary),
)
_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
_TIMES = st.datetimes(
    datetime(1971, 1, 1),  # noqa: DTZ001  # hypothesis wants it so, and adds the zone
    datetime(2099, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=3)), timezone(-timedelta(hours=9, minutes=30))]),
)
_ROWS = st.fixed_dictionaries(
    {
        "key": _TEXTS,
        "at": st.none() | _TIMES,
        "day": st.none() | st.dates(),
        "price": st.none() | st.decimals(Decimal(-1_000_000), Decimal(1_000_000), places=2),
        "is_true": st.none() | st.booleans(),
        "data": st.dictionaries(_TEXTS, st.integers(-9, 9) | _TEXTS | st.lists(st.booleans()), max_size=3),
        "raw": st.none() | st.binary(max_size=20),
    }
)


@pytest.fixture
def kinds(engine: sa.Engine) -> Iterator[sa.Engine]:
    """A store with one table more."""
    _KINDS.metadata.create_all(engine)
    yield engine
    _KINDS.metadata.drop_all(engine)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_ROWS, max_size=6))
def test_the_same_values_as_by_sqlalchemy(kinds: sa.Engine, rows: list[dict[str, Any]]) -> None:
    first = {row["key"]: row for row in reversed(rows)}
    with writing(kinds) as connection:
        connection.execute(sa.delete(_KINDS))
        for row in first.values():
            connection.execute(sa.insert(_KINDS), row)
        wanted = _stored(connection)
        connection.execute(sa.delete(_KINDS))
        assert insert_new(connection, _KINDS, rows) == len(first)
        assert _stored(connection) == wanted
        assert insert_new(connection, _KINDS, rows) == 0


def test_a_naive_time_is_refused(kinds: sa.Engine) -> None:
    with pytest.raises((ValueError, sa.exc.StatementError)), writing(kinds) as connection:
        insert_new(connection, _KINDS, [{"key": "a", "at": datetime(2026, 11, 17)}])  # noqa: DTZ001  # that is the point
    with reading(kinds) as connection:
        assert _stored(connection) == {}


@given(
    st.binary(max_size=40) | st.builds(lambda unit, times: unit * times, st.binary(min_size=1), st.integers(0, 9000))
)
def test_what_is_packed_is_unpacked(raw: bytes) -> None:
    assert zlib.decompress(packed(raw)) == raw


def _stored(connection: sa.Connection) -> dict[str, Any]:
    columns = [column for column in _KINDS.c if column.name != "id"]
    return {row.key: tuple(row) for row in connection.execute(sa.select(*columns))}
