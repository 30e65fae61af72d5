"""A contact merged while a process runs with it: whoever stays is asked and answers; undoing takes it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import create_contact
from tasks.gateways.store.process_items import load_item
from tasks.gateways.store.process_promises import PlannedEntry, plan_entry
from tasks.merging import merge, unmerge
from tasks.office_round import begin_round
from tasks.process_acts import start_item
from tasks.process_steps import Stepped, take_event
from tasks.process_tools.proving import prove_courses
from tasks.rules.process.state import Event
from tests.tasks.day_at_office import DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
RAW = {
    "process": "permit",
    "version": 1,
    "title": "Permit",
    "entity": "permit",
    "fields": {"client": {"type": "contact"}, "note": {"type": "text"}},
    "work": {"agree": {"kind": "approval", "title": "Permit", "who": ["client"], "need": "all", "due": "2d working"}},
    "stages": {
        "asked": {
            "within": {"time": "90d"},
            "enter": [{"ask": "agree"}],
            "rules": [{"work": "agree approved", "to": "given"}, {"work": "agree declined", "to": "refused"}],
        },
        "given": {"ends": "won"},
        "refused": {"ends": "lost"},
    },
}


def at(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path) -> Desk:
    day = DayAtOffice(engine, tmp_path, MORNING, "en")
    processes = {**day.desk.office.processes, "permit": RAW}
    office = replace(day.desk.office, processes=processes, digest=f"{day.desk.office.digest}-permit")
    return Desk(office, engine, day.desk.secrets, tmp_path, tmp_path)


@pytest.fixture
def pair(desk: Desk) -> tuple[int, int]:
    """Who stays and who is merged in."""
    with writing(desk.engine) as connection:
        keep, other = (
            create_contact(
                connection,
                name="Анна Белова",
                points=[("mail", f"anna{number}@example.com", "")],
                company_id=None,
                language="ru",
                at=MORNING,
            )
            for number in range(2)
        )
    return keep, other


def _started(desk: Desk, contact_id: int, minute: int) -> int:
    with writing(desk.engine) as connection:
        run = begin_round(connection, desk.office, at(minute))
        fields = {"client": f"contact:{contact_id}", "note": f"of contact:{contact_id}"}
        key = f"permit:{minute}"
        item_id = start_item(connection, run, "permit", key=key, actor="person:1", fields=fields)
        plan_entry(connection, PlannedEntry(item_id, key, f"contact:{contact_id}", at(900), "Visit"), at(minute), 1)
    return item_id


def _answered(desk: Desk, item_id: int, contact_id: int, minute: int) -> Stepped:
    with writing(desk.engine) as connection:
        run = begin_round(connection, desk.office, at(minute))
        event = Event(f"link:{item_id}:{minute}", at(minute), "approve", f"contact:{contact_id}", work="agree")
        return take_event(connection, run, load_item(connection, item_id), event)


def _merged(desk: Desk, keep: int, other: int, minute: int) -> int:
    with writing(desk.engine) as connection:
        return merge(connection, keep, other, "person:1", "", at(minute))["merge_number"]


def _undone(desk: Desk, merge_id: int, minute: int) -> None:
    with writing(desk.engine) as connection:
        unmerge(connection, merge_id, "person:1", at(minute))


def _owner(desk: Desk, item_id: int) -> tuple[Any, str]:
    with reading(desk.engine) as connection:
        item = load_item(connection, item_id).item
    return item.fields["client"], item.work["agree"].rows[0].owner


def _entries(desk: Desk) -> list[tuple[str, str]]:
    with reading(desk.engine) as connection:
        entry = schema.calendar_entry
        return [tuple(row) for row in connection.execute(sa.select(entry.c.who, entry.c.key).order_by(entry.c.id))]


def _mismatches(desk: Desk, until: int) -> tuple[Any, ...]:
    return prove_courses.fn(desk, MORNING, at(until)).mismatches


def test_who_stays_is_asked_and_may_answer_by_the_link_sent_before(desk: Desk, pair: tuple[int, int]) -> None:
    keep, other = pair
    item_id = _started(desk, other, 1)
    _merged(desk, keep, other, 2)
    assert _owner(desk, item_id) == (f"contact:{keep}", f"contact:{keep}")
    assert _entries(desk) == [(f"contact:{keep}", f"permit:1:contact:{keep}")]
    with reading(desk.engine) as connection:
        assert load_item(connection, item_id).item.fields["note"] == f"of contact:{other}", "a text only mentions it"
    stepped = _answered(desk, item_id, other, 3)
    assert (stepped.reasons, stepped.stored.item.outcome) == ((), "won")
    assert _mismatches(desk, 4) == ()


def test_undoing_takes_it_back(desk: Desk, pair: tuple[int, int]) -> None:
    keep, other = pair
    own, item_id = _started(desk, keep, 1), _started(desk, other, 2)
    merge_id = _merged(desk, keep, other, 3)
    _undone(desk, merge_id, 4)
    assert _owner(desk, own) == (f"contact:{keep}",) * 2, "what was the winner's stays the winner's"
    assert _owner(desk, item_id) == (f"contact:{other}",) * 2
    assert _entries(desk) == [
        (f"contact:{keep}", f"permit:1:contact:{keep}"),
        (f"contact:{other}", f"permit:2:contact:{other}"),
    ]
    assert _answered(desk, item_id, keep, 5).reasons
    assert _answered(desk, item_id, other, 6).stored.item.outcome == "won"
    assert _mismatches(desk, 7) == ()


def test_what_was_changed_or_ended_since_stays(desk: Desk, pair: tuple[int, int]) -> None:
    keep, other = pair
    ended, changed = _started(desk, other, 1), _started(desk, other, 2)
    assert _answered(desk, ended, other, 3).stored.item.outcome == "won"
    merge_id = _merged(desk, keep, other, 4)
    assert _owner(desk, ended)[0] == f"contact:{other}", "history stays"
    with writing(desk.engine) as connection:
        item = schema.process_item
        connection.execute(sa.update(item).where(item.c.id == changed).values(fields={"client": "contact:77"}))
    _undone(desk, merge_id, 5)
    assert _owner(desk, changed) == ("contact:77", f"contact:{other}")


def test_merging_twice_over_two_contacts_follows_to_the_last(desk: Desk, pair: tuple[int, int]) -> None:
    keep, other = pair
    with writing(desk.engine) as connection:
        third = create_contact(connection, name="Аня Белова", points=[], company_id=None, language="ru", at=MORNING)
    item_id = _started(desk, other, 1)
    first = _merged(desk, keep, other, 2)
    second = _merged(desk, third, keep, 3)
    assert _owner(desk, item_id) == (f"contact:{third}",) * 2
    _undone(desk, second, 4)
    assert _owner(desk, item_id) == (f"contact:{keep}",) * 2
    _undone(desk, first, 5)
    assert _owner(desk, item_id) == (f"contact:{other}",) * 2
    assert _mismatches(desk, 6) == ()
