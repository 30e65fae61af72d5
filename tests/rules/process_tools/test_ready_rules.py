"""Ready rules: what they add, what is refused, and that a mistake in one is shown in its own file."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.rules.process.loader import examine_definition
from tasks.rules.process_tools.ready import Origin, examine_ready, merge_ready
from tests.rules.process_tools.office_processes import READY, ready_rules, small

USED: dict[str, Any] = {
    "remind_owner": {"who": "manager"},
    "task_on_status": {},
    "stage_reminder": {"stage": "open", "text": "and?"},
    "event_on_closing": {"at": "due_on"},
    "start_on_closing": {"process": "collect_documents", "with": {"number": "$note"}},
    "convert_lead": {"stage": "won", "with": {"client": "$client"}},
}


def test_there_are_six() -> None:
    assert set(USED) == set(READY)


@pytest.mark.parametrize("name", READY)
def test_a_shipped_one_is_in_order_by_itself(name: str) -> None:
    assert examine_ready(name, ready_rules()[name]) == []


@pytest.mark.parametrize("name", READY)
def test_a_process_with_it_is_a_process(name: str) -> None:
    raw = small(ready=[{name: USED[name]}])
    raw["fields"] |= {"due_on": {"type": "date"}, "qualified": {"type": "flag"}, "client": {"type": "contact"}}
    merged = merge_ready(raw, ready_rules())
    assert merged.flaws == []
    assert "ready" not in merged.raw
    assert examine_definition(merged.raw)[1] == []
    assert merged.raw != {key: value for key, value in raw.items() if key != "ready"}


def test_a_file_without_ready_rules_stays_as_it_is() -> None:
    raw = small()
    assert merge_ready(raw, ready_rules()).raw == raw


def test_a_parameter_keeps_its_type_and_stands_within_words() -> None:
    library = {
        "nag": {
            "ready": "nag",
            "parameters": {"times": 3, "who": None},
            "rules": [
                {
                    "after": "1d",
                    "every": "1d",
                    "times": "<times>",
                    "do": [{"notify": {"to": ["<who>"], "text": "<who>!"}}],
                }
            ],
        }
    }
    merged = merge_ready(small(ready=[{"nag": {"who": "manager"}}]), library)
    assert merged.raw["rules"][0]["times"] == 3
    assert merged.raw["rules"][0]["do"] == [{"notify": {"to": ["manager"], "text": "manager!"}}]


def test_entering_goes_to_open_stages_and_ending_to_those_that_end_so() -> None:
    merged = merge_ready(small(ready=["task_on_status", {"event_on_closing": {"at": "due_on"}}]), ready_rules())
    stages = merged.raw["stages"]
    assert stages["open"]["enter"] == [{"ask": "check"}, {"ask": "status_task"}]
    assert [next(iter(action)) for action in stages["won"]["enter"]] == ["notify", "calendar"]


def test_merging_changes_neither_the_file_nor_the_library() -> None:
    raw, library = small(ready=["task_on_status"]), ready_rules()
    merge_ready(raw, library)
    assert (raw, library) == (small(ready=["task_on_status"]), ready_rules())


def test_a_mistake_in_a_ready_rule_is_shown_there() -> None:
    merged = merge_ready(small(ready=["task_on_status"]), ready_rules())
    assert merged.origin(("stages", "open", "enter", 1, "ask")) == Origin("task_on_status", ("entering", 0, "ask"))
    assert merged.origin(("work", "status_task", "who")) == Origin("task_on_status", ("work", "status_task", "who"))
    assert merged.origin(("stages", "open", "enter", 0)) is None


@pytest.mark.parametrize(
    ("ready", "place", "words"),
    [
        ("remind_owner", ("ready",), "a list"),
        (["remind_ownr"], ("ready", 0), "did you mean 'remind_owner'"),
        (["stage_reminder"], ("ready", 0), "needs the parameter 'stage'"),
        ([{"remind_owner": {"woh": "manager"}}], ("ready", 0, "remind_owner", "woh"), "did you mean 'who'"),
        ([{"remind_owner": ["manager"]}], ("ready", 0), "keys with values"),
    ],
)
def test_what_cannot_be_merged_is_said(ready: Any, place: tuple[Any, ...], words: str) -> None:
    ((path, reason),) = merge_ready(small(ready=ready), ready_rules()).flaws
    assert path == place
    assert words in reason


def test_a_name_that_stands_in_the_file_already_is_refused() -> None:
    raw = small(ready=["task_on_status"])
    raw["work"]["status_task"] = {"kind": "task", "who": ["manager"]}
    assert "stands in the file already" in merge_ready(raw, ready_rules()).flaws[0][1]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ([], "keys with values"),
        ({"ready": "other", "rules": [1]}, "is called 'mine'"),
        ({"ready": "mine"}, "nothing in it"),
        ({"ready": "mine", "rulez": [], "rules": [1]}, "did you mean 'rules'"),
        ({"ready": "mine", "rules": ["<who>"]}, "is no parameter"),
        ({"ready": "mine", "parameters": {"who": 1}, "rules": [1]}, "nothing uses 'who'"),
        ({"ready": "mine", "ending": {"wun": []}}, "did you mean 'won'"),
    ],
)
def test_a_ready_file_is_examined_by_itself(raw: Any, words: str) -> None:
    assert words in " ".join(reason for _, reason in examine_ready("mine", raw))
