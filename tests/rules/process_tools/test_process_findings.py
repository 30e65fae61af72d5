"""What a process file forgets is found by reading it; the shipped files forget nothing that matters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tasks.rules.process_tools.findings import WORDS, find_flaws, words_of
from tests.rules.process_tools.office_processes import NAMES, definition, raw, small

Raw = dict[str, Any]


def _lost_stage(file: Raw) -> None:
    file["stages"]["paused"] = {"enter": [{"ask": "check"}], "rules": file["stages"]["open"]["rules"]}


def _dead_end(file: Raw) -> None:
    file["stages"]["open"]["rules"][0]["to"] = "stuck"
    file["stages"]["stuck"] = {"within": {"time": "1d", "blame": ["manager"]}}


def _only_cancel(file: Raw) -> None:
    file["stages"]["open"]["rules"].pop(0)
    file["rules"] = [{"event": "cancel", "to": "won"}, {"work": "check done", "do": [{"status": "well"}]}]


def _no_clock(file: Raw) -> None:
    del file["work"]["check"]["due"]
    file["stages"]["open"]["rules"].pop()


def _late_stage(file: Raw) -> None:
    file["stages"]["open"]["within"] = {"time": "1d"}


def _never_asked(file: Raw) -> None:
    file["work"]["spare"] = {"kind": "task", "who": ["manager"], "due": "1d"}


def _late_work(file: Raw) -> None:
    file["stages"]["open"]["rules"].pop()


def _end_unseen(file: Raw) -> None:
    file["work"]["vote"] = {"kind": "approval", "who": ["manager"], "due": "1d"}
    file["stages"]["open"]["enter"].append({"ask": "vote"})
    file["stages"]["open"]["rules"] += [
        {"work": "vote approved", "to": "won"},
        {"work": "vote overdue", "do": [{"status": "late"}]},
    ]


def _field_unused(file: Raw) -> None:
    file["fields"]["colour"] = {"type": "text"}


def _field_unread(file: Raw) -> None:
    file["fields"]["tries"] = {"type": "number"}
    file["stages"]["open"]["rules"][1]["do"].append({"set": {"tries": {"add": 1}}})


@pytest.mark.parametrize(
    ("spoil", "kind", "severity", "place"),
    [
        (_lost_stage, "never_entered", "warning", ("stages", "paused")),
        (_dead_end, "dead_end", "error", ("stages", "stuck")),
        (_only_cancel, "only_common_ways", "warning", ("stages", "open")),
        (_no_clock, "no_clock", "warning", ("stages", "open")),
        (_late_stage, "stage_late_unseen", "warning", ("stages", "open", "within")),
        (_never_asked, "never_asked", "warning", ("work", "spare")),
        (_late_work, "late_unseen", "warning", ("work", "check")),
        (_end_unseen, "end_unseen", "warning", ("work", "vote")),
        (_field_unused, "field_unused", "warning", ("fields", "colour")),
        (_field_unread, "field_unread", "warning", ("fields", "tries")),
    ],
)
def test_a_gap_is_found_at_its_place(
    spoil: Callable[[Raw], None], kind: str, severity: str, place: tuple[str, ...]
) -> None:
    file = small()
    spoil(file)
    found = find_flaws(definition(file))
    assert (kind, severity, place) in {(one.kind, one.severity, one.path) for one in found}
    assert all(words_of(one, language) for one in found for language in ("ru", "en"))


def test_a_small_process_in_order_has_none() -> None:
    assert find_flaws(definition(small())) == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_process_has_no_gap_of_weight(name: str) -> None:
    forgivable = {"field_unread"}
    assert {one.kind for one in find_flaws(definition(raw(name)))} <= forgivable


def test_every_finding_has_words_in_both_languages() -> None:
    assert all(len(words) == 2 and all(words) for words in WORDS.values())
