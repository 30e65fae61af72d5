"""Differences of two process files: found as things, said in words, nothing for equal ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.process_tools.diff import compare
from tasks.rules.process_tools.diff_words import change_lines, changes_json
from tests.rules.process_tools.office_processes import NAMES, raw

Raw = dict[str, Any]


def _new_stage(new: Raw) -> None:
    new["stages"]["paused"] = {"status": {"ru": "пауза", "en": "paused"}}


def _no_field(new: Raw) -> None:
    del new["fields"]["tries"]


def _renamed(new: Raw) -> None:
    stages = {("late" if name == "unreachable" else name): part for name, part in new["stages"].items()}
    new["stages"] = stages


def _other_guard(new: Raw) -> None:
    new["stages"]["new"]["rules"][-1]["by"] = ["operator"]


def _other_rule(new: Raw) -> None:
    new["rules"].append({"event": "pause", "to": "lost"})


def _turned(new: Raw) -> None:
    new["rules"].reverse()


def _entering(new: Raw) -> None:
    new["stages"]["lost"]["enter"].append({"incident": {"on": "manager", "what": "lost"}})


def _due(new: Raw) -> None:
    new["work"]["price"]["due"] = "1d working"


def _first(new: Raw) -> None:
    first = next(iter(new["stages"]))
    new["stages"][first] = new["stages"].pop(first)


@pytest.mark.parametrize(
    ("change", "sign", "place", "english", "russian"),
    [
        (_new_stage, "added", ("stages", "paused"), "+ stage paused: paused", "+ этап paused: пауза"),
        (_no_field, "removed", ("fields", "tries"), "− field tries", "− поле tries"),
        (_renamed, "renamed", ("stages", "unreachable"), "unreachable is now called late", "теперь называется late"),
        (_other_guard, "changed", ("stages", "new", "rules"), "⇒  on “start”, by operator", "⇒  по «start», кто"),
        (_other_rule, "added", ("rules",), "on “pause”: → lost", "по «pause»: → lost"),
        (_turned, "reordered", ("rules",), "the rules stand in another order", "в другом порядке"),
        (_entering, "added", ("stages", "lost", "enter"), "incident on manager: lost", "инцидент на manager"),
        (_due, "changed", ("work", "price", "due"), "work price, due in: 8h working  ⇒  1d working", "⇒  1d"),
        (_first, "changed", ("first_stage",), "the beginning: new  ⇒", "начало: new"),
    ],
)
def test_a_change_is_found_and_said(
    change: Callable[[Raw], None], sign: str, place: tuple[str, ...], english: str, russian: str
) -> None:
    new = raw("service")
    change(new)
    (found,) = compare(raw("service"), new)
    assert (found.sign, found.place) == (sign, place)
    assert english in change_lines((found,), "en")[0]
    assert russian in change_lines((found,), "ru")[0]
    assert changes_json((found,))[0]["sign"] == sign


@pytest.mark.parametrize("name", NAMES)
def test_equal_files_have_no_differences_and_everything_can_be_said(name: str) -> None:
    assert compare(raw(name), raw(name)) == ()
    assert change_lines((), "en") == ["the two are the same"]
    for language in ("ru", "en"):
        assert all(change_lines(compare(raw(name), raw("service")), language))


def test_the_version_alone_is_no_difference() -> None:
    assert compare(raw("hiring"), raw("hiring") | {"version": 7}) == ()


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_FILES = st.dictionaries(
    st.sampled_from(("title", "rules", "stages", "fields", "work", "start_on", "rights")), _PLAIN, max_size=5
)


@given(_FILES, _FILES)
def test_any_two_files_are_compared_and_only_equal_ones_are_the_same(old: Raw, new: Raw) -> None:
    changes = compare(old, new)
    assert all(change_lines(changes, "ru"))
    if old == new:
        assert changes == ()
