"""What a step that is given up had said and counted has never happened; missed reminders are told as one."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks import advance, process_handlers, process_outside
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.process_codec import pack_event
from tasks.gateways.store.staff import open_loads
from tasks.office_round import OfficeRound, begin_round
from tasks.process_acting import Act, perform
from tasks.process_acts import start_item
from tasks.process_chain import Chain
from tasks.process_work import ask_work
from tasks.rules.process.decisions import AskWork, Notify
from tasks.rules.process.reasons import HeldError, Reason
from tasks.rules.process.state import Event
from tests.tasks.day_at_office import DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)  # 09:00 in Moscow
CHORE: dict[str, Any] = {
    "process": "chore",
    "version": 1,
    "title": "Chore",
    "entity": "document",
    "fields": {"keeper": {"type": "person"}},
    "work": {
        "look": {"kind": "confirm", "title": "look", "who": ["operator", "dispatcher"], "need": "any", "due": "8d"},
        "more": {"kind": "task", "title": "more", "who": ["dispatcher"], "due": "8d"},
    },
    "stages": {
        "open": {
            "enter": [
                {"ask": "look"},
                {"notify": {"to": ["manager"], "text": {"ru": "Новое дело.", "en": "A new chore."}}},
            ],
            "rules": [
                {"work": "look approved", "to": "over"},
                {"event": "again", "do": [{"ask": "more"}]},
                {"work": "look overdue", "do": [{"notify": {"to": ["chief"], "text": {"ru": "поздно", "en": "late"}}}]},
                {
                    "after": "1d",
                    "every": "1d",
                    "times": 7,
                    "do": [{"notify": {"to": ["chief"], "text": {"ru": "Дело ждёт.", "en": "The chore waits."}}}],
                },
            ],
        },
        "over": {"ends": "won", "status": {"ru": "сделано", "en": "done"}},
    },
}


def at(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


class Chores(DayAtOffice):
    """The sample office with one more process: somebody of two has to look, the managers are told."""

    def __post_init__(self) -> None:
        super().__post_init__()
        office = self.desk.office
        processes = {**office.processes, "chore": copy.deepcopy(CHORE)}
        self.desk.office = replace(office, processes=processes, digest=f"{office.digest}+chore")

    def begin(self, count: int) -> list[int]:
        """Chores that begin when their turn comes."""
        found = []
        with writing(self.engine) as connection:
            run = begin_round(connection, self.desk.office, at(0))
            for number in range(count):
                key = f"chore:{number}"
                found.append(start_item(connection, run, "chore", key=key, actor="person:1", fields={}))
        return found

    def tell(self, item_id: int, minute: int, name: str, actor: str, work: str) -> None:
        """A fact in the item's inbox."""
        event = Event(f"{name}:{item_id}:{minute}", at(minute), name, actor, work=work)
        said = pack_event(event) | {"item_id": item_id}
        with writing(self.engine) as connection:
            fact = NewEvent(event.key, at(minute), "document", item_id, "item.fact", actor, said, None, True, item_id)
            record_event(connection, fact)

    def told(self, wording: str, words: str) -> list[str]:
        return [row.recipient for row in self.letters(wording) if words in self.text(row)]

    def open_work(self) -> list[Any]:
        return [row for row in self.rows(schema.work_task) if row.state == "open"]


@pytest.fixture
def chores(sqlite_engine: sa.Engine, tmp_path: Path) -> Chores:
    return Chores(sqlite_engine, tmp_path, MORNING)


def _refuse_second(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """The message of the second item that gets so far cannot be carried out, once its work has been asked for."""
    refused: list[int] = []

    def notify(chain: Chain, decision: Notify, key: str) -> None:
        process_outside.notify(chain, decision, key)
        if chain.stored.item_id == 2 and len(refused) < 2:
            refused.append(1)
            raise error

    monkeypatch.setitem(process_handlers.HANDLERS, Notify, notify)


@pytest.mark.parametrize("error", [HeldError(Reason("empty", "keeper")), RuntimeError("broken")])
def test_a_step_that_is_given_up_tells_nobody_and_counts_nothing(
    chores: Chores, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    rounds: list[OfficeRound] = []

    def beginning(*words: Any) -> OfficeRound:
        rounds.append(begin_round(*words))
        return rounds[-1]

    monkeypatch.setattr(advance, "begin_round", beginning)
    items = chores.begin(3)
    for item_id in items:
        chores.tell(item_id, 1, "changed", "person:1", "")
    _refuse_second(monkeypatch, error)
    chores.advance(at(60 * 24 + 5))  # the first reminder of each
    waits = [row for row in chores.letters("deal_notice") if "ждёт" in chores.text(row)]
    assert {row.item_id for row in waits} == {1, 3}
    held = {row.id for row in chores.rows(schema.process_item) if row.held_at}
    assert held == {2}
    with reading(chores.engine) as connection:
        standing = dict(open_loads(connection))
    counted = {ref: count for ref, count in rounds[-1].loads.items() if count}
    assert counted.items() <= standing.items()


def test_loads_are_those_of_the_store_after_a_chain_was_rolled_back(
    chores: Chores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask_and_fail(chain: Chain, decision: AskWork, key: str) -> None:
        ask_work(chain, decision, key)
        raise HeldError(Reason("empty", "keeper"))

    (item_id,) = chores.begin(1)
    monkeypatch.setitem(process_handlers.HANDLERS, AskWork, ask_and_fail)
    with writing(chores.engine) as connection:
        run = begin_round(connection, chores.desk.office, at(1))
        acted = perform(connection, run, Act("again", item_id, "again", "person:1", "door"))
        assert acted.reasons
        facts = run.facts(connection, run.definitions["chore"])
        assert {ref: count for ref, count in facts.loads.items() if count} == dict(open_loads(connection))


def test_a_group_is_told_each_once_and_the_first_who_takes_it_withdraws_the_others(chores: Chores) -> None:
    (item_id,) = chores.begin(1)
    managers = chores.told("deal_notice", "Новое дело")
    assert len(managers) == len(set(managers)) == 2
    first, second = chores.open_work()
    assert first.person_id != second.person_id
    chores.tell(item_id, 5, "approve", f"person:{first.person_id}", "look")
    chores.advance(at(6))
    states = {row.person_id: row.state for row in chores.rows(schema.work_task)}
    assert states == {first.person_id: "approved", second.person_id: "withdrawn"}
    withdrawn = [row.recipient_ref for row in chores.letters("work_withdrawn")]
    assert withdrawn == [f"person:{second.person_id}"]


def test_a_week_of_missed_reminders_is_one_message_that_says_so(chores: Chores) -> None:
    chores.begin(1)
    week = MORNING + timedelta(days=7, minutes=5)
    chores.advance(week)
    waits = [row for row in chores.letters("deal_notice") if "Дело ждёт" in chores.text(row)]
    assert len(waits) == 1
    assert "пропущено напоминаний: 6" in chores.text(waits[0])
    collapsed = [row for row in chores.rows(schema.event) if row.kind == "notice.collapsed"]
    assert len(collapsed) == 6
    assert chores.advance(week) == {}
