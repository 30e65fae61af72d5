"""A step that is given up: tried again, held or left, and what it counted as somebody's work is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tasks.advance_attempts import Attempts
from tasks.gateways.store.connection import reading
from tasks.gateways.store.office_sync import sync_office
from tasks.gateways.store.process_items import ConflictError
from tasks.office_round import OfficeRound, begin_round
from tasks.rules.errors import StoreError
from tests.tasks.day_at_office import sample_office

MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)


@pytest.fixture
def run(sqlite_engine: sa.Engine) -> OfficeRound:
    office = sample_office()
    with sqlite_engine.begin() as connection:
        sync_office(connection, office, MORNING)
    with reading(sqlite_engine) as connection:
        return begin_round(connection, office, MORNING)


def _step(run: OfficeRound, *errors: Exception) -> Callable[[sa.Connection], int]:
    """Counts work for somebody, then fails with one error after the other, then says what was counted before."""
    left = list(errors)

    def step(_connection: sa.Connection) -> int:
        before = run.loads.get("person:7", 0)
        run.loads["person:7"] = before + 1
        if left:
            raise left.pop(0)
        return before

    return step


def _carry(engine: sa.Engine, run: OfficeRound, *errors: Exception) -> tuple[list[int], list[str]]:
    told: list[str] = []
    carried = Attempts(engine, run).carry(
        _step(run, *errors), hold=lambda error: told.append(str(error)), give_up=lambda: told.append("given up")
    )
    return carried, told


def test_a_step_that_came_late_begins_again_as_if_it_had_not_been(sqlite_engine: sa.Engine, run: OfficeRound) -> None:
    assert _carry(sqlite_engine, run, ConflictError("late"), ConflictError("late")) == ([0], [])


def test_one_that_comes_late_too_often_is_left(sqlite_engine: sa.Engine, run: OfficeRound) -> None:
    assert _carry(sqlite_engine, run, *[ConflictError("late")] * 5) == ([], ["given up"])
    assert run.loads == {}


def test_what_nobody_foresaw_is_held(sqlite_engine: sa.Engine, run: OfficeRound) -> None:
    assert _carry(sqlite_engine, run, ValueError("odd")) == ([], ["odd"])
    assert run.loads == {}


def test_a_store_that_fails_ends_the_run(sqlite_engine: sa.Engine, run: OfficeRound) -> None:
    with pytest.raises(StoreError):
        _carry(sqlite_engine, run, StoreError("the disk is full"))
