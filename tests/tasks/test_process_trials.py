"""The recorded course of a real day at the office: proved, back-tested, watched by a version that only looks on."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ruamel.yaml import YAML

from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.process_definitions import keep_definitions
from tasks.gateways.store.shadow_runs import count_acts, differing_acts
from tasks.process_tools.backtesting import run_backtest
from tasks.process_tools.live import read_live
from tasks.process_tools.migrating import apply_migration, plan_migration
from tasks.process_tools.proving import prove_courses
from tasks.process_tools.shadowing import start_shadow, stop_shadow, watch_shadows
from tasks.rules.errors import UsageError
from tasks.rules.process_tools.migration import Renaming
from tests.tasks.day_at_office import DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)  # 09:00 in Moscow
ANSWERS = Path(__file__).resolve().parents[1] / "samples" / "process" / "assumed_answers.yaml"
MIDNIGHT = MORNING + timedelta(hours=15)
QUALIFIED = "квалифицирован\nвид: urgent\nдиспетчер: daria\nкомпания: ООО Новый клиент\nимя: Иван Петров"
FILLED = "позиция: repair-boiler x 1\nисполнитель: egor\nвремя: 2026-11-19 10:00\nготово"


def at(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


@pytest.fixture
def day(engine: sa.Engine, tmp_path: Path) -> DayAtOffice:
    return DayAtOffice(engine, tmp_path, MORNING)


def _to_the_money(day: DayAtOffice) -> None:
    """A lead becomes an order, is refused once, and is closed; clocks of the evening pass."""
    day.lead(at(0))
    day.advance(at(1))
    manager = day.letters("lead_new")[0].recipient
    day.answer(at(2), "lead_new", "", QUALIFIED)
    day.advance(at(3))
    for minute, wording, to, text, files in (
        (10, "work_price", "daria", "готово", ()),  # refused: nothing is filled in
        (12, "work_price", "daria", FILLED, ()),
        (20, "work_time_agreed", "ivan", "да", ()),
        (21, "work_time_agreed", "egor", "да", ()),
        (30, "work_approval", "daria", "да", ()),
        (31, "work_approval", manager, "да", ()),
        (40, "work_papers", "egor", "готово", ("акт.pdf",)),
        (50, "deal_close_asked", manager, "готово", ()),
    ):
        day.answer(at(minute), wording, to, text, *files)
        day.advance(at(minute + 1) if minute != 20 else at(20))
    assert day.rows(schema.deal)[0].outcome == "won"


def _changed(day: DayAtOffice) -> dict[str, Any]:
    """The service process with the chief's approval after everybody else's."""
    raw: dict[str, Any] = copy.deepcopy(day.desk.office.processes["service"])
    raw["version"] += 1
    raw["work"]["last_word"] = {"kind": "approval", "who": ["chief"], "due": "4h working", "title": "{number}"}
    raw["stages"]["last_word"] = {
        "enter": [{"ask": "last_word"}],
        "rules": [
            {"work": "last_word approved", "to": "scheduled"},
            {"work": "last_word declined", "to": "planning"},
            {"work": "last_word overdue", "do": [{"notify": {"to": ["chief"], "text": "the last word is late"}}]},
        ],
    }
    for rule in raw["stages"]["approving"]["rules"]:
        if rule.get("work") == "approval approved":
            rule["to"] = "last_word"
    return raw


def test_a_day_is_reproduced_exactly(day: DayAtOffice) -> None:
    _to_the_money(day)
    day.advance(MIDNIGHT)
    proof = prove_courses.fn(day.desk, MORNING, MIDNIGHT)
    assert [(one.kind, one.key, one.recorded, one.replayed) for one in proof.mismatches] == []
    assert proof.items >= 2
    assert proof.events >= 10


def test_a_record_that_was_changed_is_found(day: DayAtOffice) -> None:
    _to_the_money(day)
    course = schema.process_course
    with writing(day.engine) as connection:
        row = connection.execute(sa.select(course).where(course.c.kind == "event").order_by(course.c.id)).first()
        assert row is not None
        connection.execute(sa.update(course).where(course.c.id == row.id).values(decisions=[]))
    proof = prove_courses.fn(day.desk, MORNING, MIDNIGHT)
    assert [(one.kind, one.key) for one in proof.mismatches] == [("decisions", row.event["key"])]
    assert prove_courses.fn(day.desk, MIDNIGHT, MIDNIGHT + timedelta(days=1)).events == 0


def test_the_same_file_changes_nothing_in_the_past(day: DayAtOffice) -> None:
    _to_the_money(day)
    result = run_backtest(day.desk, day.desk.office.processes["service"], MORNING, MIDNIGHT, is_assuming=False)
    assert result.before == result.after
    assert (len(result.items), result.changed, result.unproved) == (1, [], 0)
    assert result.before.ends == {"won": 1}
    assert sum(result.before.refusals.values()) == 1


def test_a_changed_file_is_tried_on_the_past(day: DayAtOffice) -> None:
    _to_the_money(day)
    result = run_backtest(day.desk, _changed(day), MORNING, MIDNIGHT, is_assuming=False)
    assert result.after.work["last_word"] == 1
    assert (result.before.ends, result.after.ends) == ({"won": 1}, {})
    assert result.unanswered["last_word"] == 1
    before = day.everything()
    assumed = run_backtest(day.desk, _changed(day), MORNING, MIDNIGHT, is_assuming=True)
    assert assumed.assumed == 1
    assert assumed.after.moves["last_word → scheduled"] == 1
    assert day.everything() == before


def test_a_file_says_which_answers_are_assumed(day: DayAtOffice) -> None:
    _to_the_money(day)
    answers = YAML(typ="safe").load(ANSWERS)
    tried = run_backtest(day.desk, _changed(day), MORNING, MIDNIGHT, is_assuming=False, answers=answers)
    assert tried.assumed >= 1
    assert tried.after.moves["last_word → planning"] == 1
    answers = {"answers": {"chief": {"answer": "approve", "after": "2h"}}}
    tried = run_backtest(day.desk, _changed(day), MORNING, MIDNIGHT, is_assuming=False, answers=answers)
    assert (tried.assumed, tried.after.moves["last_word → scheduled"]) == (1, 1)
    assert tried.unanswered == {"papers": 1, "conduct": 1}  # what really came then is too early now


def test_a_shadow_only_writes_what_it_would_have_done(day: DayAtOffice) -> None:
    run_id = start_shadow(day.desk, _changed(day), "person:1", MORNING)
    with pytest.raises(UsageError, match="watches already"):
        start_shadow(day.desk, _changed(day), "person:1", MORNING)
    _to_the_money(day)
    before = {name: rows for name, rows in day.everything().items() if not name.startswith("shadow")}
    assert watch_shadows.fn(day.desk, at(60)) > 10
    assert watch_shadows.fn(day.desk, at(60)) == 0
    assert {name: rows for name, rows in day.everything().items() if not name.startswith("shadow")} == before
    with reading(day.engine) as connection:
        seen, differing = count_acts(connection, run_id)
        acts = differing_acts(connection, run_id, 100)
    assert 0 < differing < seen
    assert any(one["is"] == "Move" and one["target"] == "last_word" for act in acts for one in act.would)
    stop_shadow(day.desk, run_id, at(61))
    with pytest.raises(UsageError, match="no run"):
        stop_shadow(day.desk, run_id, at(61))


def test_living_figures_come_from_the_record(day: DayAtOffice) -> None:
    _to_the_money(day)
    live = read_live(day.desk, "service", at(60), days=1)
    assert live.stages["won"].now == 1
    assert live.arrows["planning", "agreeing"].count == 1
    assert live.stages["planning"].median_hours == pytest.approx(0.2, abs=0.1)


def _renamed(day: DayAtOffice) -> dict[str, Any]:
    """The service process under another version, its approval due sooner, a stage called differently."""
    raw: dict[str, Any] = copy.deepcopy(day.desk.office.processes["service"])
    raw["version"] += 1
    raw["work"]["price"]["due"] = "1h working"
    return raw


def test_open_items_go_over_to_another_version_and_go_on(day: DayAtOffice) -> None:
    day.lead(at(0))
    day.advance(at(1))
    day.answer(at(2), "lead_new", "", QUALIFIED)
    day.advance(at(3))
    raw = _renamed(day)
    with writing(day.engine) as connection:
        keep_definitions(connection, {"service": raw}, at(4))
    version = raw["version"]
    (planned,) = plan_migration(day.desk, "service", version, Renaming(), at(5))
    assert (planned.plan.stage, planned.plan.unfit, planned.plan.due) == ("planning", (), ())
    before = day.everything()
    (done,) = apply_migration(day.desk, "service", version, Renaming(), "", "person:1", at(5))
    assert done.is_done
    assert apply_migration(day.desk, "service", version, Renaming(), "", "person:1", at(6)) == []
    item = day.rows(schema.process_item)[0]
    assert (item.version, item.stage, item.next_due_at) == (version, "planning", at(62))
    price = next(task for task in day.rows(schema.work_task) if task.name == "price")
    assert price.due_at == at(62)
    assert len(day.rows(schema.outbox)) == len(before["outbox"])
    day.answer(at(12), "work_price", "daria", FILLED)
    day.advance(at(13))
    assert day.rows(schema.process_item)[0].stage == "agreeing"
    proof = prove_courses.fn(day.desk, MORNING, MIDNIGHT)
    assert [(one.kind, one.key, one.recorded, one.replayed) for one in proof.mismatches] == []


def test_a_migration_with_something_due_asks_first(day: DayAtOffice) -> None:
    day.lead(at(0))
    day.advance(at(1))
    day.answer(at(2), "lead_new", "", QUALIFIED)
    day.advance(at(3))
    raw = _renamed(day)
    raw["stages"]["planning"]["rules"].append({"after": "5m", "do": [{"status": "slow"}]})
    with writing(day.engine) as connection:
        keep_definitions(connection, {"service": raw}, at(4))
    with pytest.raises(UsageError, match="--due fire or --due skip"):
        apply_migration(day.desk, "service", raw["version"], Renaming(), "", "person:1", at(30))
    (done,) = apply_migration(day.desk, "service", raw["version"], Renaming(), "fire", "person:1", at(30))
    assert done.is_done
    day.advance(at(31))
    assert day.rows(schema.process_item)[0].status_text == "slow"
    with pytest.raises(UsageError, match="there is no version 99"):
        plan_migration(day.desk, "service", 99, Renaming(), at(32))
