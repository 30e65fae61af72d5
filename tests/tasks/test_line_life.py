"""A number is given up with a day of grace: it works, it can be kept, and the office is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from deployments.settings import PROJECT
from sql import schema
from tasks.call_routing import look_up_ended
from tasks.desk import Desk
from tasks.gateways.office_folder import load_office
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.office_sync import sync_office
from tasks.line_life import give_up_line, keep_line, line_standings
from tasks.rules.errors import UsageError

NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
NUMBER = "+79000000100"


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path) -> Desk:
    office = load_office(PROJECT / "deployments" / "office")
    with writing(engine) as connection:
        sync_office(connection, office, NOON)
    return Desk(office, engine, SecretSource(tmp_path), tmp_path, tmp_path)


def _subjects(desk: Desk) -> list[str]:
    with reading(desk.engine) as connection:
        return list(connection.scalars(sa.select(schema.outbox.c.subject).order_by(schema.outbox.c.id)))


def test_a_number_works_for_a_day_more(desk: Desk) -> None:
    assert give_up_line(desk, "8 900 000-01-00", NOON) == NOON + DAY
    assert give_up_line(desk, NUMBER, NOON + timedelta(hours=5)) == NOON + DAY
    assert look_up_ended(desk.engine, NOON + DAY - timedelta(seconds=1)) == frozenset()
    assert look_up_ended(desk.engine, NOON + DAY) == {NUMBER}
    assert [one.ends_at for one in line_standings(desk)] == [NOON + DAY]
    assert _subjects(desk) == [f"Номер {NUMBER} отключается"]
    with pytest.raises(UsageError, match="24 hours are over"):
        keep_line(desk, NUMBER, NOON + DAY)


def test_it_can_be_kept_until_then_and_given_up_again(desk: Desk) -> None:
    give_up_line(desk, NUMBER, NOON)
    keep_line(desk, NUMBER, NOON + DAY - timedelta(seconds=1))
    assert look_up_ended(desk.engine, NOON + 2 * DAY) == frozenset()
    assert _subjects(desk) == [f"Номер {NUMBER} отключается", f"Номер {NUMBER} остаётся"]
    assert give_up_line(desk, NUMBER, NOON + 2 * DAY) == NOON + 3 * DAY


def test_only_our_lines_and_only_what_is_given_up(desk: Desk) -> None:
    with pytest.raises(UsageError, match="is no line of ours"):
        give_up_line(desk, "+79000000999", NOON)
    with pytest.raises(UsageError, match="is not being given up"):
        keep_line(desk, NUMBER, NOON)
    assert _subjects(desk) == []
