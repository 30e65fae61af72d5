"""Rules 3 to 6, 8 and 11: one event, one chain; refusals; emptiness; leaving a stage; loops."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tasks.rules.process.decisions import Notify, Refuse, SetField
from tasks.rules.process.step import step
from tests.rules.process.process_samples import (
    CLIENT,
    FACTS,
    LINES,
    begun,
    event,
    fact,
    held,
    moves,
    of,
    process,
    refused,
    run,
    told,
)

CHAIN = process("""
fields: {n: {type: number}, m: {type: number}, who: {type: person}}
stages:
  a:
    rules:
      - {event: go, if: {n: 1}, do: [{set: {n: 2}}, {notify: {to: [head], text: first}}]}
      - {event: go, if: {n: 2}, do: [{notify: {to: [head], text: never}}]}
      - {event: go, if: {n: 1}, do: [{notify: {to: [head], text: mover}}], to: b}
      - {event: go, to: c}
      - {changed: [n], do: [{notify: {to: [head], text: changed}}]}
      - {as_soon_as: {n: {at_least: 2}}, do: [{notify: {to: [head], text: soon}}]}
  b:
    enter: [{set: {m: {add: 1}}}, {notify: {to: [head], text: entered}}]
    rules:
      - {changed: [n], do: [{notify: {to: [head], text: "changed in b"}}]}
      - {event: back, to: a}
  c: {status: c}
rules:
  - {event: go, do: [{notify: {to: [head], text: common}}]}
  - {changed: [m], do: [{notify: {to: [head], text: m}}]}
""")


def test_guards_see_the_state_before_and_one_rule_moves() -> None:
    item, decisions = run(CHAIN, begun(CHAIN, n=1), event("go"))
    said = [text for _, text in told(decisions)]
    assert said == ["first", "common", "mover", "entered", "changed in b", "m"]
    assert item.stage == "b"
    assert item.fields == {"n": 2, "m": 1}


def test_what_a_chain_tells_is_what_was_so_at_that_point() -> None:
    _, decisions = run(CHAIN, begun(CHAIN, n=1), event("go"))
    assert [(one.values["n"], one.stage) for one in of(Notify, decisions)][:4] == [
        (2, "a"),
        (2, "a"),
        (2, "a"),
        (2, "b"),
    ]


def test_as_soon_as_acts_once_in_a_stay_and_again_in_the_next() -> None:
    item, decisions = run(CHAIN, begun(CHAIN, n=0), fact("changed", sets={"n": 2}))
    assert [text for _, text in told(decisions)] == ["changed", "soon"]
    item, decisions = run(CHAIN, item, fact("changed", sets={"n": 0}), fact("changed", sets={"n": 3}))
    assert [text for _, text in told(decisions)] == ["changed", "changed"]
    item = replace(item, fields={**item.fields, "n": 1})
    item, decisions = run(CHAIN, item, event("go", minutes=2), event("back", minutes=3))
    assert [text for _, text in told(decisions)][-1] == "soon"


COMMON = process("""
fields: {n: {type: number}}
stages: {a: {rules: [{event: go, to: b}]}, b: {status: b}}
rules: [{as_soon_as: {n: {above: 5}}, do: [{notify: {to: [head], text: soon}}]}]
""")


def test_a_common_rule_acts_when_it_becomes_true_not_whenever_it_is() -> None:
    item, decisions = run(COMMON, begun(COMMON), fact("changed", sets={"n": 6}), event("go", minutes=2))
    assert [text for _, text in told(decisions)] == ["soon"]
    _, decisions = run(
        COMMON, item, fact("changed", minutes=3, sets={"n": 1}), fact("changed", minutes=4, sets={"n": 9})
    )
    assert [text for _, text in told(decisions)] == ["soon"]


GUARDED = process("""
fields:
  cost: {type: money}
  limit: {type: money}
  papers: {type: list}
  kind: {type: choice, options: [a, b]}
  wanted: {type: list, compute: {pick: kind, from: {a: [act], b: [act, bill]}, plus: extra}}
  extra: {type: list}
  total: {type: money, compute: {sum: papers}}
  who: {type: person}
  at: {type: time}
  done: {type: flag}
work: {job: {kind: task, who: [manager]}, vote: {kind: approval, who: [head]}}
stages:
  s:
    enter: [{ask: vote}]
    rules:
      - {event: high, if: {cost: {at_least: 100}}, say: too little, to: t}
      - {event: above, if: {cost: {above: $limit}}, to: t}
      - {event: other, if: {kind: {is_not: a}}, to: t}
      - {event: neither, if: {not: {kind: a}}, to: t}
      - {event: either, if: {any: [{kind: a}, {cost: {above: 5}}]}, to: t}
      - {event: nothing, if: {cost: null}, to: t}
      - {event: complete, if: {papers: {covers: $wanted}}, to: t}
      - {event: has, if: {papers: {has: act}}, to: t}
      - {event: without, if: {not: {papers: {has: act}}}, to: t}
      - {event: idle, if: {work.job: {is_not: done}}, to: t}
      - {event: voting, if: {work.vote: open}, to: t}
      - {event: soon, if: {at: {below: "2026-11-18T00:00:00+03:00"}}, to: t}
      - {event: sure, if: {done: true}, to: t}
      - {event: one_of, if: {kind: {in: [a, b]}, visit: 1, stage: s}, to: t}
      - {event: mine, by: [who, head], to: t}
      - {event: two, if: {kind: a}, say: first, to: t}
      - {event: two, by: [head], say: second, to: t}
  t:
    needs: [who]
    rules: [{event: back, to: s}, {event: high, to: s}]
""")
WHO = {"who": "person:manager"}


@pytest.mark.parametrize(
    ("command", "fields", "expected"),
    [
        ("high", {"cost": 100}, []),
        ("high", {"cost": Decimal("99.99")}, [("words", ""), ("differs", "cost")]),
        ("high", {}, [("words", ""), ("empty", "cost")]),
        ("above", {"cost": 5, "limit": 4}, []),
        ("above", {"cost": 5}, [("empty", "limit")]),
        ("above", {"limit": 5}, [("empty", "cost")]),
        ("other", {}, [("empty", "kind")]),
        ("other", {"kind": "b"}, []),
        ("neither", {}, [("empty", "kind")]),
        ("neither", {"kind": "b"}, []),
        ("neither", {"kind": "a"}, [("differs", "kind")]),
        ("either", {"cost": 6}, []),
        ("either", {}, [("empty", "kind"), ("empty", "cost")]),
        ("nothing", {}, []),
        ("nothing", {"cost": 0}, [("differs", "cost")]),
        ("complete", {"kind": "a", "papers": ["act"]}, []),
        ("complete", {"kind": "b", "papers": ["act"]}, [("missing", "papers")]),
        ("complete", {"kind": "a", "papers": ["act"], "extra": ["photo"]}, [("missing", "papers")]),
        ("complete", {"papers": ["act"]}, [("empty", "wanted")]),
        ("has", {}, [("missing", "papers")]),
        ("without", {}, []),
        ("without", {"papers": ["act"]}, [("differs", "papers")]),
        ("idle", {}, []),
        ("voting", {}, []),
        ("soon", {"at": "2026-11-17T20:59:00+00:00"}, []),
        ("soon", {"at": "2026-11-17T21:00:00+00:00"}, [("differs", "at")]),
        ("sure", {"done": True}, []),
        ("sure", {"done": False}, [("differs", "done")]),
        ("one_of", {"kind": "b"}, []),
        ("mine", {}, [("who", "")]),
        ("two", {"kind": "b"}, [("words", ""), ("differs", "kind"), ("who", "")]),
        ("back", {}, [("not_here", "back")]),
        ("hihg", {}, [("unknown", "hihg")]),
    ],
)
def test_a_command_moves_or_is_refused_with_every_reason(command: str, fields: dict[str, Any], expected: Any) -> None:
    before = begun(GUARDED, **WHO, **fields)
    item, decisions = step(GUARDED, FACTS, before, event(command))
    assert refused(decisions) == expected
    assert item.stage == ("t" if not expected else "s")
    if expected:
        assert item is before


def test_refusals_carry_what_was_found_and_wanted() -> None:
    _, (refusal,) = step(GUARDED, FACTS, begun(GUARDED, kind="b", papers=["act"]), event("complete"))
    assert isinstance(refusal, Refuse)
    assert (refusal.reasons[0].found, refusal.reasons[0].wanted) == (("act",), ("bill",))
    _, (refusal,) = step(GUARDED, FACTS, begun(GUARDED), event("hihg"))
    assert isinstance(refusal, Refuse)
    assert refusal.reasons[0].wanted == "high"


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        ({"csot": 1}, ("unknown", "csot")),
        ({"cost": "much"}, ("value", "cost")),
        ({"kind": "c"}, ("value", "kind")),
        ({"who": "Maria"}, ("value", "who")),
        ({"who": CLIENT}, ("value", "who")),
        ({"at": "tomorrow"}, ("value", "at")),
        ({"at": "2026-11-17T10:00"}, ("value", "at")),
        ({"done": "yes"}, ("value", "done")),
        ({"papers": "act"}, ("value", "papers")),
        ({"total": 5}, ("computed", "total")),
    ],
)
def test_unknown_names_and_values_refuse_a_command_and_hold_a_fact(sets: dict[str, Any], expected: Any) -> None:
    before = begun(GUARDED, cost=100, **WHO)
    assert refused(step(GUARDED, FACTS, before, event("high", sets=sets))[1]) == [expected]
    item, decisions = step(GUARDED, FACTS, before, fact("high", sets=sets))
    assert held(decisions) == [expected]
    assert item == replace(before, is_held=True)


def test_a_fact_no_rule_wants_is_recorded_only() -> None:
    before = begun(GUARDED, cost=1)
    assert step(GUARDED, FACTS, before, fact("high")) == (before, ())
    assert step(GUARDED, FACTS, before, fact("mail_came")) == (before, ())
    item, decisions = step(GUARDED, FACTS, before, fact("mail_came", sets={"cost": 7}))
    assert decisions == (SetField("cost", 7),)
    assert item.fields["cost"] == 7


def test_what_a_stage_needs_refuses_a_command_and_holds_a_fact() -> None:
    before = begun(GUARDED, cost=100)
    assert refused(step(GUARDED, FACTS, before, event("high"))[1]) == [("empty", "who")]
    assert held(step(GUARDED, FACTS, before, fact("high"))[1]) == [("empty", "who")]


def test_values_that_come_with_a_command_are_seen_by_its_guards_and_not_kept_when_it_is_refused() -> None:
    item, _ = step(GUARDED, FACTS, begun(GUARDED, **WHO), event("high", sets={"cost": "100,50"}))
    assert (item.stage, item.fields["cost"]) == ("t", Decimal("100.50"))
    item, _ = step(GUARDED, FACTS, begun(GUARDED, **WHO), event("high", sets={"cost": 5}))
    assert "cost" not in item.fields


def test_a_computed_sum_counts_positions() -> None:
    item = begun(GUARDED, papers=LINES)
    assert refused(step(GUARDED, FACTS, item, event("high"))[1])[1] == ("empty", "cost")
    definition = process(
        "fields: {l: {type: list}, c: {type: money, compute: {sum: l}}}\n"
        "stages: {s: {rules: [{changed: [c], to: t}]}, t: {status: t}}"
    )
    item, decisions = step(definition, FACTS, begun(definition), fact("changed", sets={"l": LINES}))
    assert (moves(decisions), begun(definition).stage) == (["t"], "s")
    item, decisions = step(definition, FACTS, begun(definition, l=LINES), fact("changed", sets={"l": [*LINES, "note"]}))
    assert item.stage == "s"


def test_a_common_rule_with_the_same_trigger_comes_after_the_stage_s_own() -> None:
    definition = process(
        "rules: [{event: go, to: c}]\nstages: {a: {rules: [{event: go, to: b}]}, b: {status: b}, c: {status: c}}"
    )
    assert step(definition, FACTS, begun(definition), event("go"))[0].stage == "b"
