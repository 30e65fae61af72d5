"""An order whose run dies, is repeated, or cannot go on: nothing twice, nothing by halves, the others go on."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tests.tasks.day_at_office import DayAtOffice
from tests.tasks.order_day import MORNING, agree, approve, at, fill, stage


@pytest.fixture
def day(engine: sa.Engine, tmp_path: Path) -> DayAtOffice:
    return DayAtOffice(engine, tmp_path, MORNING)


def test_nothing_happens_in_a_second_run_nor_in_one_about_an_earlier_moment(day: DayAtOffice) -> None:
    approve(day)
    before = day.everything()
    assert day.advance(at(32)) == {}
    assert day.advance(at(1)) == {}
    assert day.everything() == before


def test_a_death_in_the_middle_of_a_chain_leaves_nothing_half_done(
    day: DayAtOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(day)
    manager = day.letters("lead_new")[0].recipient
    day.answer(at(30), "work_approval", "daria", "да")
    day.answer(at(31), "work_approval", manager, "да")
    day.advance(at(30))
    before = day.everything()

    def die(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tasks.advance.tell", die)
        with pytest.raises(KeyboardInterrupt):
            day.advance(at(32))
    after = day.everything()
    assert [row.event_id for row in after.pop("process_inbox")] == [row.event_id for row in before.pop("process_inbox")]
    assert after == before
    day.advance(at(32))
    assert stage(day) == "scheduled"


def test_an_item_that_cannot_go_on_is_held_and_the_others_go_on(day: DayAtOffice) -> None:
    fill(day)
    known = day.rows(schema.process_item)[0].version
    with day.engine.begin() as connection:
        connection.execute(sa.update(schema.process_item).values(version=7))
    day.lead(at(20), mail="other@example.com")
    day.answer(at(19), "work_conduct", "daria", "беру")
    day.answer(at(20), "work_time_agreed", "ivan", "да")
    with day.engine.begin() as connection:
        connection.execute(sa.update(schema.process_item).values(next_due_at=at(20)))
    counts = day.advance(at(21))
    assert (counts["held"], counts["leads_assigned"]) == (1, 1)
    held = day.rows(schema.process_item)[0]
    assert "version 7" in held.held_reason
    assert held.held_at == at(21)
    [question] = [task for task in day.rows(schema.work_task) if task.kind == "question"]
    assert (question.state, question.item_id) == ("open", held.id)
    assert day.letters("item_held")
    assert day.advance(at(22)) == {}
    asked = day.letters("item_held")[-1].recipient.partition("@")[0]
    day.answer(at(23), "item_held", asked, "готово")
    assert day.advance(at(24)) == {}, "what stopped it is not put right: the answer waits"
    with day.engine.begin() as connection:
        connection.execute(sa.update(schema.process_item).values(version=known))
    assert day.advance(at(25))["released"] == 1
    assert [task.state for task in day.rows(schema.work_task) if task.kind == "question"] == ["done"]
