"""The plan of a migration: what fits goes over unchanged, clocks keep their basis, what has fired stays fired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules.process.clocks import clock_event
from tasks.rules.process.state import Event, Item
from tasks.rules.process.step import begin, step
from tasks.rules.process_tools.migration import ItemPlan, Renaming, plan_item
from tasks.rules.process_tools.migration_words import plan_line, total_line
from tasks.rules.process_tools.trial_values import AUTHOR, BEGINNING, set_stage
from tests.rules.process_tools.made_courses import random_course
from tests.rules.process_tools.office_processes import NAMES, definition, raw, small

Raw = dict[str, Any]
HOUR = timedelta(hours=1)
NOW = BEGINNING + HOUR


def _begun(file: Raw) -> Item:
    found = definition(file)
    stage = set_stage(found)
    fields = {"manager": stage.people["manager"], "note": "first"}
    return begin(found, stage.facts, key="deal:1", at=BEGINNING, actor=AUTHOR, fields=fields)[0]


def _planned(old: Raw, new: Raw, item: Item, now: datetime = NOW, **names: dict[str, str]) -> ItemPlan:
    before, after = definition(old), definition(new)
    calendar = set_stage(before).facts.calendar
    return plan_item(before, after, calendar, item, Renaming(names.get("stages", {}), names.get("work", {})), now)


def _nag(**parts: Any) -> Raw:
    return {"after": "2h", "do": [{"notify": {"to": ["manager"], "text": "and?"}}]} | parts


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(NAMES), st.data())
def test_the_same_file_under_another_version_changes_nothing(name: str, data: st.DataObject) -> None:
    old, new = raw(name), raw(name) | {"version": 99}
    _, item = random_course(definition(old), lambda count: data.draw(st.integers(0, count - 1)))
    if item.outcome or item.is_held:
        return
    plan = _planned(old, new, item, BEGINNING + timedelta(days=900))
    assert (plan.unfit, plan.due, plan.dropped) == ((), (), ())
    expected = replace(item, recent={})
    assert plan.fired == plan.skipped
    assert plan.fired == expected


def test_a_clock_is_counted_again_from_its_old_basis() -> None:
    item = _begun(small())
    new = small(version=2)
    new["work"]["check"]["due"] = "3h"
    plan = _planned(small(), new, item)
    assert plan.fired is not None
    (clock,) = plan.fired.clocks
    assert (clock.due, clock.basis) == (BEGINNING + 3 * HOUR, BEGINNING)
    assert plan.fired.work["check"].rows[0].due_at == clock.due
    assert plan.due == ()


def test_a_clock_that_has_fired_stays_fired() -> None:
    old = small()
    found = definition(old)
    item = _begun(old)
    after, _ = step(found, set_stage(found).facts, item, clock_event(item))
    new = small(version=2)
    new["work"]["check"]["due"] = "3d"
    plan = _planned(old, new, after, BEGINNING + timedelta(days=2))
    assert plan.fired is not None
    assert plan.fired.clocks == ()
    assert plan.fired.work["check"].rows[0].is_overdue


def test_a_reminder_that_moved_in_the_file_is_still_the_same() -> None:
    old = small(rules=[_nag(every="2h", times=3)])
    new = small(rules=[_nag(after="9h"), _nag(every="2h", times=3)], version=2)
    found = definition(old)
    item = _begun(old)
    item, _ = step(found, set_stage(found).facts, item, clock_event(item))
    plan = _planned(old, new, item, BEGINNING + 3 * HOUR)
    assert plan.fired is not None
    assert {(clock.name, clock.n) for clock in plan.fired.clocks} >= {("after:rules.1", 1), ("after:rules.0", 0)}
    assert plan.due == ()


def test_a_new_clock_that_is_due_already_is_a_persons_word() -> None:
    new = small(rules=[_nag()], version=2)
    plan = _planned(small(), new, _begun(small()), BEGINNING + 3 * HOUR)
    assert plan.due == ("after:rules.0",)
    assert plan.fired is not None
    assert plan.skipped is not None
    assert "after:rules.0" in {clock.name for clock in plan.fired.clocks}
    assert "after:rules.0" not in {clock.name for clock in plan.skipped.clocks}
    assert _planned(small(), new, _begun(small())).due == ()


def test_a_new_rule_that_is_true_already_is_a_persons_word() -> None:
    new = small(rules=[{"as_soon_as": {"note": "first"}, "do": [{"status": "seen"}]}], version=2)
    plan = _planned(small(), new, _begun(small()))
    assert plan.due == ("rules.0",)
    found = definition(new)
    for item, is_acting in ((plan.fired, True), (plan.skipped, False)):
        assert item is not None
        event = Event("e", NOW, "changed", AUTHOR, False, sets={"cost": 5})
        _, decisions = step(found, set_stage(found).facts, item, event)
        assert any(type(one).__name__ == "ShowStatus" for one in decisions) is is_acting


def _renamed_stage(new: Raw) -> None:
    new["stages"] = {("running" if name == "open" else name): part for name, part in new["stages"].items()}


def _renamed_work(new: Raw) -> None:
    new["work"] = {"look": new["work"]["check"]}
    new["stages"]["open"]["enter"] = [{"ask": "look"}]
    new["stages"]["open"]["rules"] = [
        {"work": "look done", "to": "won"},
        {"work": "look overdue", "do": [{"status": "late"}]},
    ]


def _vote(new: Raw) -> None:
    new["work"]["check"] = {"kind": "approval", "who": ["manager"]}
    new["stages"]["open"]["rules"] = [{"work": "check approved", "to": "won"}]


def _number(new: Raw) -> None:
    new["fields"]["note"] = {"type": "number"}
    new["work"]["check"]["title"] = "check"


def _needs(new: Raw) -> None:
    new["stages"]["open"]["needs"] = ["cost"]


def _required(new: Raw) -> None:
    new["fields"]["cost"]["required"] = True


@pytest.mark.parametrize(
    ("change", "kind", "name"),
    [
        (_renamed_stage, "stage", "open"),
        (_renamed_work, "work", "check"),
        (_vote, "work_kind", "check"),
        (_number, "value", "note"),
        (_needs, "needs", "cost"),
        (_required, "required", "cost"),
    ],
)
def test_what_does_not_fit_is_left_with_its_reason(change: Callable[[Raw], None], kind: str, name: str) -> None:
    new = small(version=2)
    change(new)
    plan = _planned(small(), new, _begun(small()))
    assert [(one.kind, one.name) for one in plan.unfit] == [(kind, name)]
    assert plan.fired is None
    for language in ("ru", "en"):
        assert name in plan_line(7, "D-1", plan, language)


def test_names_can_be_mapped() -> None:
    new = small(version=2)
    _renamed_stage(new)
    plan = _planned(small(), new, _begun(small()), stages={"open": "running"})
    assert plan.fired is not None
    assert plan.fired.stage == "running"
    new = small(version=2)
    _renamed_work(new)
    plan = _planned(small(), new, _begun(small()), work={"check": "look"})
    assert plan.fired is not None
    assert plan.fired.work["look"].rows[0].name == "look"
    assert [clock.name for clock in plan.fired.clocks] == ["work:look:1"]


def test_a_field_that_is_gone_is_dropped_and_said() -> None:
    new = small(version=2)
    del new["fields"]["note"]
    new["work"]["check"]["title"] = "check"
    plan = _planned(small(), new, _begun(small()))
    assert plan.dropped == ("note",)
    assert "note" in plan_line(7, "", plan, "en")
    assert total_line(1, 0, 0, "en").startswith("1 fit")
