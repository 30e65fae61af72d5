"""Conditions agree with their reasons; junk in files and events never breaks anything."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules.process.actions import ALWAYS, AllOf, AnyOf, Condition, NotOf, Test
from tasks.rules.process.conditions import compile_condition
from tasks.rules.process.decisions import Refuse
from tasks.rules.process.definition import Definition
from tasks.rules.process.loader import examine_definition
from tasks.rules.process.shortfalls import failures
from tasks.rules.process.step import step
from tasks.rules.process.values import content_hash, from_plain, plain
from tests.rules.process.process_samples import (
    CLIENT,
    FACTS,
    FOLDER,
    LINES,
    begun,
    event,
    fact,
    process,
    raw,
    run,
    shipped,
)

SERVICE = shipped("service")
PARTIES = {"client": CLIENT, "manager": "person:manager", "executor": "person:executor"}
ORDER = begun(SERVICE, number="D-1", kind="periodic", **PARTIES)


FIELDS: Definition = process("""
fields: {n: {type: number}, m: {type: number}, l: {type: list}, k: {type: choice, options: [a, b]}}
work: {w: {kind: task, who: [head]}}
stages: {s: {status: s}}
""")
NUMBERS = st.builds(
    Test,
    st.sampled_from(["n", "m"]),
    st.sampled_from(["is", "is_not", "above", "below", "at_least", "at_most"]),
    st.integers(0, 3),
)
LISTS = st.builds(Test, st.just("l"), st.just("covers"), st.lists(st.sampled_from("xyz")).map(tuple))
FILLED = st.builds(Test, st.sampled_from(["n", "l", "k"]), st.just("filled"), st.booleans())
STATES = st.builds(Test, st.just("work.w"), st.sampled_from(["is", "is_not"]), st.sampled_from(["open", "done"]))
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    NUMBERS | LISTS | FILLED | STATES,
    lambda inner: (
        st.builds(NotOf, inner)
        | st.builds(AllOf, st.lists(inner, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=6,
)
VALUES = st.fixed_dictionaries(
    {},
    optional={"n": st.integers(0, 3), "m": st.integers(0, 3), "l": st.lists(st.sampled_from("xyz")).map(tuple)},
)


@given(CONDITIONS, VALUES)
@settings(deadline=None)
def test_a_condition_holds_exactly_when_nothing_is_said_against_it(
    condition: Condition, values: dict[str, Any]
) -> None:
    item = replace(begun(FIELDS), fields=values)
    test = compile_condition(FIELDS, condition)
    holds = True if test is None else test(item)
    reasons = failures(FIELDS, condition, item)
    assert (holds is True) == (not reasons)
    assert condition != ALWAYS or holds


@given(CONDITIONS, VALUES)
@settings(deadline=None)
def test_what_is_unknown_holds_neither_way(condition: Condition, values: dict[str, Any]) -> None:
    item = replace(begun(FIELDS), fields=values)
    tests = [compile_condition(FIELDS, one) for one in (condition, NotOf(condition))]
    both = [True if test is None else test(item) for test in tests]
    assert both in ([True, False], [False, True], [None, None])


# ---------------------------------------------------------------- hostile files and values

COMMANDS: list[tuple[str, str, dict[str, Any]]] = [
    ("start", "operator", {}),
    ("begin", "dispatcher", {"work": "conduct"}),
    ("approve", CLIENT, {"work": "time_agreed"}),
    ("cancel", "head", {}),
    ("changed", "dispatcher", {}),
    ("nonsense", "clerk", {}),
]

RAW: Any = raw((FOLDER / "service.yaml").read_text("utf-8"))
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=6)
    | st.sampled_from(["$lines", "price done", "8h"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a file."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in children:
        yield from places(inner, (*path, key))


PLACES = [path for path in places(RAW) if path]


@given(st.sampled_from(PLACES), JUNK)
@settings(max_examples=200, deadline=None)
def test_no_junk_anywhere_in_a_file_breaks_the_loader(path: tuple[Any, ...], junk: Any) -> None:
    value = copy.deepcopy(RAW)
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = junk
    definition, found = examine_definition(value)
    if not found:
        run(definition, begun(definition))
    assert all(isinstance(reason, str) and "\n" not in reason and len(reason) < 400 for _, reason in found)


@given(st.dictionaries(st.sampled_from([*SERVICE.fields, "unknown"]), JUNK, max_size=4), st.sampled_from(COMMANDS))
@settings(max_examples=100, deadline=None)
def test_no_junk_in_an_event_breaks_the_engine(sets: dict[str, Any], what: Any) -> None:
    name, actor, more = what
    item, decisions = step(SERVICE, FACTS, ORDER, event(name, actor, **{**more, "sets": sets}))
    assert item == ORDER or not isinstance(decisions[0] if decisions else None, Refuse)
    item, decisions = step(SERVICE, FACTS, ORDER, fact(name, sets=sets))
    assert not any(isinstance(one, Refuse) for one in decisions)


AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=3)
KEPT = AMOUNTS | st.text() | st.lists(st.integers()).map(tuple) | st.just(LINES)


@given(st.dictionaries(st.text(max_size=4), KEPT))
@settings(deadline=None)
def test_values_survive_keeping_and_hash_the_same(values: dict[str, Any]) -> None:
    kept = {key: from_plain(plain(value)) for key, value in values.items()}
    assert kept == values
    assert content_hash(kept) == content_hash(values)
