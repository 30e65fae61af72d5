"""Proof and back-test over courses made at random: what was recorded comes out again, and any tampering is seen."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules.process.definition import Definition
from tasks.rules.process_tools.backtest import Backtester, usual_answers
from tasks.rules.process_tools.proof import prove
from tasks.rules.process_tools.trial_values import BEGINNING
from tests.rules.process_tools.made_courses import first, random_course
from tests.rules.process_tools.office_processes import NAMES, definition, raw, small

END = BEGINNING + timedelta(days=400)


@cache
def _office(name: str) -> Definition:
    return definition(raw(name))


def _known(found: Definition) -> Any:
    return lambda name, version: found if (name, version) == (found.name, found.version) else None


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(NAMES), st.data())
def test_whatever_happened_is_reproduced_exactly(name: str, data: st.DataObject) -> None:
    found = _office(name)
    courses, item = random_course(found, lambda count: data.draw(st.integers(0, count - 1)))
    assert prove(courses, _known(found), {}, BEGINNING, item) == []


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(NAMES), st.data())
def test_the_same_file_makes_no_difference(name: str, data: st.DataObject) -> None:
    found = _office(name)
    courses, _ = random_course(found, lambda count: data.draw(st.integers(0, count - 1)))
    tester = Backtester(found, definition(raw(name)), BEGINNING, END)
    tester.take(courses, {})
    result = tester.result
    assert result.before == result.after
    assert (result.changed, result.unanswered, result.assumed) == ([], {}, 0)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(NAMES), st.data())
def test_a_tampered_record_is_seen(name: str, data: st.DataObject) -> None:
    found = _office(name)
    courses, item = random_course(found, lambda count: data.draw(st.integers(0, count - 1)))
    number = data.draw(st.integers(0, len(courses) - 1))
    told = [*copy.deepcopy(courses[number].decisions), {"is": "Move", "target": "nowhere"}]
    courses[number] = replace(courses[number], decisions=tuple(told))
    (mismatch,) = prove(courses, _known(found), {}, BEGINNING, item)
    assert (mismatch.kind, mismatch.key) == ("decisions", courses[number].event.key)
    assert mismatch.recorded == ({"is": "Move", "target": "nowhere"},)


def test_another_rule_is_seen_where_it_acts() -> None:
    courses, item = random_course(definition(small()), first, 3)
    changed = small()
    changed["stages"]["open"]["enter"].append({"status": "watched"})
    (mismatch,) = prove(courses, _known(definition(changed)), {}, BEGINNING, item)
    assert mismatch.kind == "decisions"
    assert mismatch.replayed == ({"is": "ShowStatus", "text": {"": "watched"}},)


def test_only_what_is_asked_about_is_told() -> None:
    courses, _ = random_course(definition(small()), first, 3)
    changed = definition(small(work={"check": {"kind": "task", "who": ["author"], "due": "1h"}}))
    assert prove(courses, _known(changed), {}, BEGINNING, None)
    assert prove(courses, _known(changed), {}, END, None) == []


def test_a_missing_version_and_a_record_without_beginning_are_said() -> None:
    found = definition(small())
    courses, item = random_course(found, first, 3)
    assert [one.kind for one in prove(courses, lambda _n, _v: None, {}, BEGINNING, item)] == ["no_definition"]
    assert [one.kind for one in prove(courses[1:], _known(found), {}, BEGINNING, item)] == ["no_beginning"]


def test_an_item_that_was_changed_by_hand_is_seen() -> None:
    found = definition(small())
    courses, item = random_course(found, first, 2)
    spoilt = replace(item, fields={**item.fields, "note": "by hand"})
    (mismatch,) = prove(courses, _known(found), {}, BEGINNING, spoilt)
    assert mismatch.kind == "item"
    assert "by hand" in mismatch.recorded[0]


def _with_vote() -> dict[str, Any]:
    """The small process with an approval before its end."""
    file = small(version=2)
    file["work"]["approval"] = {"kind": "approval", "who": ["manager"], "due": "8h working"}
    file["stages"]["open"]["rules"][0]["to"] = "approving"
    file["stages"]["approving"] = {
        "enter": [{"ask": "approval"}],
        "rules": [
            {"work": "approval approved", "to": "won"},
            {"work": "approval overdue", "do": [{"notify": {"to": ["manager"], "text": "late vote"}}]},
        ],
    }
    return file


def test_what_the_past_cannot_answer_stays_open_and_is_counted() -> None:
    courses, _ = random_course(definition(small()), first, 3)
    tester = Backtester(definition(small()), definition(_with_vote()), BEGINNING, END)
    tester.take(courses, {})
    result = tester.result
    assert result.before.ends == {"won": 1}
    assert result.after.ends == {}
    assert result.unanswered == {"approval": 1}
    assert result.after.messages["late vote"] == 1
    (item,) = result.changed
    assert (item.before, item.after) == (("open", "won"), ("open", "approving"))


def test_the_usual_answer_is_assumed_and_marked() -> None:
    voted, _ = random_course(definition(_with_vote()), first, 4)
    usual = usual_answers([voted])
    assert usual["vote:manager"].verb == "approve"
    courses, _ = random_course(definition(small()), first, 3)
    tester = Backtester(definition(small()), definition(_with_vote()), BEGINNING, END, usual)
    tester.take(courses, {})
    result = tester.result
    assert result.after.ends == {"won": 1}
    assert (result.assumed, result.unanswered) == (1, {})
    assert result.after.median_hours()["approving"] == pytest.approx(usual["vote:manager"].seconds / 3600, abs=0.1)


def test_an_item_that_the_changed_file_would_not_begin_is_counted() -> None:
    strict = small()
    strict["fields"]["note"]["required"] = True
    courses, _ = random_course(definition(small()), first, 3)
    tester = Backtester(definition(small()), definition(strict), BEGINNING, END)
    tester.take(courses, {})
    assert tester.result.cannot_begin == 1
