"""Acts on items: once per key, refused without harm, taken back when cancelled, held and released, by two workers."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.advance import advance_items
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.process_items import ConflictError
from tasks.office_round import begin_round
from tasks.process_acts import Act, BeginRefusedError, act, explain, possible_moves, start_item
from tasks.process_desk import held_list, release_items
from tasks.process_forms import Filled, act_on_item, enter_absence, reassign_work
from tasks.rules.errors import OfficeError, UsageError
from tests.tasks.acts_room import MORNING, Room, at


@pytest.fixture
def room(engine: sa.Engine, tmp_path: Path) -> Room:
    return Room(engine, tmp_path, MORNING)


def test_the_same_act_counts_once_and_a_refused_one_does_not_burn_its_key(room: Room) -> None:
    item_id = room.order()
    refused = room.do(1, item_id, "start", "maria", key="link:a")
    assert not refused.is_accepted
    assert "диспетчера" in " ".join(explain(refused.reasons, "ru"))
    before = len(room.rows(schema.event))
    room.do(1, item_id, "start", "maria", key="link:a")
    assert len(room.rows(schema.event)) == before
    accepted = room.do(2, item_id, "start", "maria", key="link:a", sets={"dispatcher": room.ref("daria")})
    assert accepted.is_accepted
    everything = room.everything()
    again = room.do(3, item_id, "start", "maria", key="link:a", sets={"dispatcher": room.ref("daria")})
    assert (again.is_accepted, again.is_repeated) == (True, True)
    assert room.everything() == everything
    event = next(row for row in room.rows(schema.event) if row.key == "link:a")
    assert (event.kind, event.actor, event.data["channel"]) == ("item.command", room.ref("maria"), "door")


def test_what_somebody_could_do_is_shown_with_the_reasons_why_not(room: Room) -> None:
    item_id = room.order()
    with reading(room.engine) as connection:
        run = begin_round(connection, room.desk.office, at(1))
        moves = {move.name: move for move in possible_moves(connection, run, item_id, room.ref("maria"))}
    assert not moves["start"].is_accepted
    assert moves["start"].is_theirs
    assert not moves["cancel"].is_accepted


def test_a_cancelled_order_takes_back_the_appointment(room: Room) -> None:
    item_id = room.agreed()
    assert room.item(item_id).stage == "scheduled"
    [entry] = room.rows(schema.calendar_entry)
    assert (entry.who, entry.state, entry.sequence) == (room.ref("egor"), "planned", 0)
    assert room.do(7, item_id, "cancel", "maria", sets={"reason": "клиент передумал"}).is_accepted
    [entry] = room.rows(schema.calendar_entry)
    assert (entry.state, entry.sequence) == ("cancelled", 1)
    assert [row.state for row in room.rows(schema.work_task) if row.state == "open"] == []
    assert room.item(item_id).next_due_at is None


def test_another_time_takes_the_appointment_back_until_it_is_agreed(room: Room) -> None:
    item_id = room.agreed()
    other = {"work_at": "2026-11-20T07:00:00+00:00"}
    assert room.do(7, item_id, "reschedule", "daria", sets=other).is_accepted
    assert room.item(item_id).stage == "agreeing"
    [entry] = room.rows(schema.calendar_entry)
    assert (entry.state, entry.sequence) == ("cancelled", 1)


def test_a_won_order_is_invoiced_and_a_cancelled_payment_takes_the_invoice_back(room: Room) -> None:
    item_id = room.agreed()
    for minute, name, who, more in (
        (8, "changed", "daria", {"sets": {"documents": ["act"]}}),
        (9, "done", "maria", {"task_id": room.task("conduct").id}),
    ):
        assert room.do(minute, item_id, name, who, **more).is_accepted
    money = next(row for row in room.rows(schema.process_item) if row.process == "receive_payment")
    papers = next(row for row in room.rows(schema.process_item) if row.process == "collect_documents")
    assert (money.parent_id, papers.parent_id) == (item_id, None)
    [invoice] = room.rows(schema.invoice)
    assert (invoice.amount, invoice.cancelled_at) == (3000, None)
    told = [room.letters("deal_closed", "anna")[0].id, room.letters("work_payment", "anna")[0].id]
    assert told == sorted(told)
    assert room.do(10, money.id, "cancel", "maria", sets={"reason": "ошибка"}).is_accepted
    assert room.rows(schema.invoice)[0].cancelled_at == at(10)
    room.advance(at(11))
    assert room.item(item_id).memory["children"]["payment"]["state"] == "cancelled"


def test_an_absence_gives_open_work_to_the_substitute_and_back(room: Room) -> None:
    item_id = room.order()
    room.do(1, item_id, "start", "maria", sets={"dispatcher": room.ref("daria")})
    room.advance(at(2))
    away = ("daria", date(2026, 11, 18), date(2026, 11, 19), "olga", "sick", "viktor")
    assert enter_absence.fn(room.desk, *away, at(3)).counts == {"absences": 1}
    assert enter_absence.fn(room.desk, *away, at(4)).counts == {"absences": 0}
    room.advance(at(5))
    assert room.task("price").person_id == int(room.ref("daria").partition(":")[2])
    room.advance(datetime(2026, 11, 18, 6, 0, tzinfo=UTC))
    assert room.task("price").person_id == int(room.ref("olga").partition(":")[2])
    assert room.letters("work_price", "olga")
    room.advance(datetime(2026, 11, 20, 6, 0, tzinfo=UTC))
    assert room.task("price").person_id == int(room.ref("daria").partition(":")[2])
    with pytest.raises(UsageError, match="before the first"):
        enter_absence.fn(room.desk, "daria", date(2026, 11, 19), date(2026, 11, 18), "", "", "viktor", at(3))


def test_forms_act_by_number_and_task(room: Room) -> None:
    item_id = room.order()
    number = room.item(item_id).number
    sets = {"dispatcher": "@daria", "kind": "urgent"}
    done = act_on_item.fn(room.desk, Filled("maria", "start", number=number, sets=sets), at(1))
    assert done.counts["accepted"] == 1
    begun = act_on_item.fn(room.desk, Filled("daria", "begin", task_id=room.task("conduct").id), at(2))
    assert begun.counts["accepted"] == 1
    refused = act_on_item.fn(room.desk, Filled("maria", "done", task_id=room.task("conduct").id), at(3))
    assert refused.counts["refused"] == 1
    assert any("документ" in note for note in refused.notes)
    given = reassign_work.fn(room.desk, room.task("price").id, "olga", "maria", at(4))
    assert given.counts["reassigned"] >= 1
    assert room.task("price").person_id == int(room.ref("olga").partition(":")[2])
    with pytest.raises(UsageError, match="no order"):
        act_on_item.fn(room.desk, Filled("maria", "cancel", number="D-999999"), at(5))


def test_an_item_begins_once_and_not_without_what_it_needs(room: Room) -> None:
    first, again = room.order(), 0
    room.counter -= 1
    again = room.order()
    assert first == again
    assert len(room.rows(schema.deal)) == 1
    with pytest.raises(BeginRefusedError):
        room.order(client="")


def test_a_held_item_waits_and_goes_on_where_it_stopped(room: Room) -> None:
    item_id = room.order()
    room.do(1, item_id, "start", "maria", sets={"dispatcher": room.ref("daria")})
    with writing(room.engine) as connection:
        record_event(connection, _fact(room.item(item_id), "changed", {"no_such_field": 1}))
    assert room.advance(at(6))["held"] == 1
    [held] = held_list(room.desk)
    assert (held.item_id, held.stage) == (item_id, "planning")
    assert "no such field" in held.reason or "no_such_field" in held.reason
    assert not room.do(7, item_id, "cancel", "maria", sets={"reason": "x"}).is_accepted
    with writing(room.engine) as connection:
        connection.execute(sa.delete(schema.process_inbox))
    released = release_items.fn(room.desk, [item_id], "viktor", at(8), "cli")
    assert released.counts["released"] == 1
    assert held_list(room.desk) == []
    assert room.do(9, item_id, "cancel", "maria", sets={"reason": "x"}).is_accepted


def _fact(row: Any, name: str, sets: dict[str, Any]) -> NewEvent:
    data = {"name": name, "is_command": False, "sets": sets, "item_id": row.id}
    key = f"test:{name}"
    return NewEvent(key, at(5), row.entity, row.entity_id, "item.fact", "x", data, for_process=True, item_id=row.id)


def test_a_version_never_changes_its_content(room: Room) -> None:
    room.advance(at(0))
    office = room.desk.office
    changed = json.loads(json.dumps(office.processes["service"]))
    changed["stages"]["new"]["within"]["time"] = "8h working"
    other = replace(office, processes={**office.processes, "service": changed}, digest="another")
    with (
        reading(room.engine) as connection,
        pytest.raises(OfficeError, match=r"service\.yaml: version 2 .* version: 3"),
    ):
        begin_round(connection, other, at(1))


def test_two_workers_at_once_do_everything_once(room: Room) -> None:
    items = [room.order() for _ in range(12)]
    for item_id in items:
        room.do(1, item_id, "start", "maria", sets={"dispatcher": room.ref("daria")})
    later = at(0) + timedelta(days=2)
    problems: list[BaseException] = []

    def work() -> None:
        try:
            advance_items.fn(room.desk, later)
        except BaseException as error:
            problems.append(error)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert problems == []
    late = [row for row in room.rows(schema.incident) if row.what == "price list late"]
    assert len(late) == len(items)
    keys = [row.key for row in room.rows(schema.event)]
    assert len(keys) == len(set(keys))
    room.advance(later)
    assert room.advance(later) == {}


def test_two_answers_to_one_vote_at_once_are_counted_once(room: Room) -> None:
    item_id = room.order()
    found: list[Any] = []

    def vote() -> None:
        found.append(room.do(1, item_id, "start", "maria", key="link:x", sets={"dispatcher": room.ref("daria")}))

    workers = [threading.Thread(target=vote) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [one.is_accepted for one in found] == [True] * 3
    assert sum(not one.is_repeated for one in found) == 1
    assert len([row for row in room.rows(schema.work_task) if row.name == "conduct"]) == 1


@pytest.mark.long
def test_a_process_killed_in_the_middle_leaves_all_or_nothing(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    room = Room(sqlite_engine, tmp_path, MORNING)
    items = [room.order() for _ in range(30)]
    for item_id in items:
        room.do(1, item_id, "start", "maria", sets={"dispatcher": room.ref("daria")})
    later = at(0) + timedelta(days=2)
    words = [
        sys.executable,
        "-m",
        "tests.samples.advance_once",
        str(sqlite_engine.url),
        str(tmp_path),
        later.isoformat(),
    ]
    for seconds in (3, 4, 5):
        victim = subprocess.Popen(words, cwd=Path(__file__).resolve().parents[2])
        try:
            victim.wait(seconds)
        except subprocess.TimeoutExpired:
            victim.kill()
            victim.wait()
    room.advance(later)
    late = [row for row in room.rows(schema.incident) if row.what == "price list late"]
    assert len(late) == len(items)
    told = [row.key for row in room.letters("work_overdue", "daria")]
    assert len(told) == len(set(told)) == len(items)
    assert room.advance(later) == {}


def test_acts_need_an_item_that_is_there(room: Room) -> None:
    with reading(room.engine) as connection:
        run = begin_round(connection, room.desk.office, at(0))
    with writing(room.engine) as connection, pytest.raises(sa.exc.NoResultFound):
        act(connection, run, Act("k", 4711, "start", "person:1", "cli"))


def test_two_workers_who_begin_the_same_begin_one_item(room: Room) -> None:
    room.order()
    gate, found = threading.Barrier(2), []

    def begin() -> None:
        fields = {"client": room.client(), "kind": "urgent", "manager": room.ref("maria")}
        with reading(room.engine) as connection:
            run = begin_round(connection, room.desk.office, at(1))
        gate.wait()
        try:
            with writing(room.engine) as connection:
                start_item(connection, run, "service", key="form:x", actor=room.ref("maria"), fields=fields)
            found.append("begun")
        except ConflictError:
            found.append("another was faster")

    workers = [threading.Thread(target=begin) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found.count("begun") in (1, 2)
    assert len(found) == 2
    assert len(room.rows(schema.deal)) == len(room.rows(schema.process_item)) == 2
