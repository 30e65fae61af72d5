"""An order that cannot go on: a person's answer is done and kept, comes back as a suggestion, then by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.process_items import load_item
from tasks.office_round import begin_round
from tasks.process_acts import start_item
from tasks.process_steps import take_event
from tasks.process_tools.answering import (
    answer_exceptions,
    answer_item,
    answer_rules,
    held_cases,
    revoke_answers,
)
from tasks.process_tools.proving import prove_courses
from tasks.rules.errors import UsageError
from tasks.rules.process.state import Event
from tasks.rules.process_tools.answers import read_choice
from tests.tasks.day_at_office import DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
RAW = {
    "process": "parcel",
    "version": 1,
    "title": "Parcel",
    "entity": "parcel",
    "fields": {"address": {"type": "text"}, "seen": {"type": "flag"}},
    "stages": {
        "open": {
            "within": {"time": "90d"},
            "rules": [
                {"event": "scanned", "to": "sent"},
                {"event": "noticed", "do": [{"set": {"seen": True}}]},
            ],
        },
        "sent": {"needs": ["address"], "ends": "won"},
    },
}


def at(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path) -> Desk:
    day = DayAtOffice(engine, tmp_path, MORNING, "en")
    processes = {**day.desk.office.processes, "parcel": RAW}
    office = replace(day.desk.office, processes=processes, digest=f"{day.desk.office.digest}-parcel")
    return Desk(office, engine, day.desk.secrets, tmp_path, tmp_path)


def _held(desk: Desk, number: int) -> int:
    """A parcel that a fact cannot send: it has no address."""
    with writing(desk.engine) as connection:
        run = begin_round(connection, desk.office, at(number))
        item_id = start_item(connection, run, "parcel", key=f"parcel:{number}", actor="person:1", fields={})
        event = Event(f"scan:{number}", at(number), "scanned", "process", is_command=False)
        stepped = take_event(connection, run, load_item(connection, item_id), event)
    assert stepped.is_held
    return item_id


def _stage(desk: Desk, item_id: int) -> tuple[str, bool]:
    with reading(desk.engine) as connection:
        item = load_item(connection, item_id).item
    return item.stage, item.is_held


def test_an_answer_is_kept_suggested_and_then_given_by_itself(desk: Desk) -> None:
    for number in range(3):
        item_id = _held(desk, number)
        (case,) = held_cases(desk)
        assert case.item_id == item_id
        assert (case.suggestion.times if case.suggestion else 0) == number
        assert answer_exceptions.fn(desk, at(number)) == {}
        answer_item(desk, item_id, read_choice(["set", "address=Lesnaya 5"]), "viktor", at(number))
        assert _stage(desk, item_id) == ("open", False)
    (rule,) = answer_rules(desk)
    assert (rule.suggestion.choice, rule.suggestion.is_automatic) == ("set address=Lesnaya 5", True)

    item_id = _held(desk, 10)
    assert answer_exceptions.fn(desk, at(11)) == {"answered": 1}
    assert _stage(desk, item_id) == ("open", False)
    assert answer_exceptions.fn(desk, at(11)) == {}
    assert answer_rules(desk)[0].given_by_itself == 1
    assert prove_courses.fn(desk, MORNING, at(20)).mismatches == ()

    revoke_answers(desk, rule.number, "viktor", "the street was renamed", at(12))
    assert answer_rules(desk) == []
    _held(desk, 13)
    assert answer_exceptions.fn(desk, at(14)) == {}


def test_what_an_event_came_for_can_be_dropped(desk: Desk) -> None:
    item_id = _held(desk, 0)
    answer_item(desk, item_id, read_choice(["drop"]), "viktor", at(1))
    assert _stage(desk, item_id) == ("open", False)
    with reading(desk.engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.process_inbox)) == 0


def test_one_event_is_answered_by_itself_only_once(desk: Desk) -> None:
    for number in range(3):
        answer_item(desk, _held(desk, number), read_choice(["release"]), "viktor", at(number))
    item_id = _held(desk, 10)
    assert answer_exceptions.fn(desk, at(11)) == {"answered": 1}
    with writing(desk.engine) as connection:
        run = begin_round(connection, desk.office, at(12))
        event = Event("scan:10", at(10), "scanned", "process", is_command=False)
        assert take_event(connection, run, load_item(connection, item_id), event).is_held
    assert answer_exceptions.fn(desk, at(13)) == {}
    assert _stage(desk, item_id) == ("open", True)


@pytest.mark.parametrize(
    ("words", "who", "why"),
    [
        (["release"], "nobody", "nobody on the staff"),
        (["set", "adress=Lesnaya"], "viktor", "cannot be set"),
    ],
)
def test_what_cannot_be_done_changes_nothing(desk: Desk, words: list[str], who: str, why: str) -> None:
    item_id = _held(desk, 0)
    with pytest.raises(UsageError, match=why):
        answer_item(desk, item_id, read_choice(words), who, at(1))
    assert _stage(desk, item_id) == ("open", True)
    assert answer_rules(desk) == []


def test_an_item_that_waits_for_nobody_takes_no_answer(desk: Desk) -> None:
    item_id = _held(desk, 0)
    answer_item(desk, item_id, read_choice(["release"]), "viktor", at(1))
    with pytest.raises(UsageError, match="is not held"):
        answer_item(desk, item_id, read_choice(["release"]), "viktor", at(2))
