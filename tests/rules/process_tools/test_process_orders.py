"""Trying orders: what depends on the order is found, what does not is left alone, and a cut trial says so."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.rules.process_tools.check_words import remarks_of, trial_line
from tasks.rules.process_tools.orders import try_orders
from tests.rules.process_tools.office_processes import NAMES, definition, raw, small


def _two_tasks(**rules: Any) -> dict[str, Any]:
    """Two tasks side by side, and what follows them."""
    file = small()
    file["work"]["other"] = {"kind": "task", "who": ["manager"], "due": "8h"}
    file["stages"]["open"] = {
        "enter": [{"ask": "check"}, {"ask": "other"}],
        "rules": [
            *rules["rules"],
            {"work": "check overdue", "do": [{"status": "late"}]},
            {"work": "other overdue", "do": [{"status": "late"}]},
        ],
    }
    file["stages"]["lost"] = {"ends": "lost"}
    return file


JOIN = [{"as_soon_as": {"work.check": "done", "work.other": "done"}, "to": "won"}]
RACE = [
    {"work": "check done", "if": {"work.other": "done"}, "to": "won"},
    {"work": "other done", "if": {"work.check": "done"}, "to": "lost"},
]


def test_a_join_does_not_depend_on_the_order() -> None:
    trial = try_orders(definition(_two_tasks(rules=JOIN)))
    assert (trial.orders, trial.is_cut, trial.stuck) == ([], False, set())
    assert trial.entered == {"open", "won"}


def test_a_reaction_to_the_last_one_depends_on_it() -> None:
    (found,) = try_orders(definition(_two_tasks(rules=RACE))).orders
    assert (found.stage, {found.one, found.other}) == ("open", {"check done", "other done"})
    assert {found.end, found.other_end} == {"won", "lost"}


def test_alternatives_are_no_matter_of_order() -> None:
    file = small(rules=[{"event": "cancel", "to": "lost"}, {"event": "win", "to": "won"}])
    file["stages"]["lost"] = {"ends": "lost"}
    assert try_orders(definition(file)).orders == []


def test_a_place_without_way_out_is_found_by_trying() -> None:
    file = small()
    file["stages"]["stuck"] = {
        "within": {"time": "1d", "blame": ["manager"]},
        "rules": [{"as_soon_as": {"stage": "open"}, "to": "won"}],
    }
    file["stages"]["open"]["rules"][0]["to"] = "stuck"
    trial = try_orders(definition(file))
    assert "stuck" in trial.stuck
    assert "stuck.0" in trial.silent


def test_what_holds_the_item_is_told_with_its_reason() -> None:
    file = small()
    file["stages"]["won"]["needs"] = ["note"]
    file["stages"]["open"]["rules"][0] = {"after": "1d", "to": "won"}
    (held,) = try_orders(definition(file)).held
    assert held.stage == "open"
    assert [reason.name for reason in held.reasons] == ["note"]


def test_time_passes_through_reminders() -> None:
    file = small()
    file["stages"]["open"]["rules"] += [
        {"after": "1d", "every": "1d", "times": 20, "do": [{"notify": {"to": ["manager"], "text": "still?"}}]},
        {"after": "30d", "to": "lost"},
    ]
    file["stages"]["lost"] = {"ends": "lost"}
    assert "lost" in try_orders(definition(file)).entered


def test_a_cut_trial_says_so_and_claims_nothing() -> None:
    trial = try_orders(definition(raw("service")), 40)
    assert trial.is_cut
    assert trial.silent == set()
    assert "cut" in trial_line(trial, "en")
    assert "прервано" in trial_line(trial, "ru")


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_process_comes_to_an_end_and_holds_nobody(name: str) -> None:
    trial = try_orders(definition(raw(name)), 4_000)
    assert (trial.stuck, trial.held) == (set(), [])
    assert trial.silent == set()


def test_findings_of_a_trial_are_said_in_both_languages() -> None:
    found = definition(_two_tasks(rules=RACE))
    trial = try_orders(found)
    for language, words in (("en", "the order decides"), ("ru", "исход зависит от порядка")):
        remarks = remarks_of(found, (), trial, lambda path: f"file:{'.'.join(map(str, path))}", language)
        assert any(words in remark.words and remark.place == "file:stages.open" for remark in remarks)
