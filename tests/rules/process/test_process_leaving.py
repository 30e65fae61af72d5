"""Rules 8 and 11: leaving a stage and ending; loops and floods are held; beginning."""

from __future__ import annotations

from dataclasses import replace

from tasks.rules.process.clocks import next_due
from tasks.rules.process.decisions import Hold, Move, ShowStatus, Untold, Withdraw
from tasks.rules.process.step import begin, step
from tests.rules.process.process_samples import (
    FACTS,
    NOON,
    begun,
    event,
    fact,
    held,
    moves,
    of,
    process,
    refused,
    run,
)

LEAVING = process("""
work:
  short: {kind: task, who: [manager], due: 1h}
  long: {kind: task, who: [manager], due: 9h, until: item}
stages:
  a: {enter: [{ask: short}, {ask: long}], rules: [{event: go, to: b}, {event: again, to: a}]}
  b: {rules: [{event: end, to: over}, {event: drop, to: gone}]}
  over: {ends: won, enter: [{notify: {to: [head], text: over}}]}
  gone: {ends: cancelled}
""")


def test_leaving_withdraws_the_stage_s_work_and_the_end_all_of_it() -> None:
    item, decisions = run(LEAVING, begun(LEAVING), event("go"))
    assert [(one.owed.name, one.because) for one in of(Withdraw, decisions)] == [("short", "left")]
    assert [clock.name for clock in item.clocks] == ["work:long:1"]
    item, decisions = run(LEAVING, item, event("end", minutes=2))
    assert [(one.owed.name, one.because) for one in of(Withdraw, decisions)] == [("long", "ended")]
    assert (item.outcome, next_due(item), moves(decisions)) == ("won", None, ["over"])


def test_entering_a_stage_again_asks_again_but_never_twice_at_once() -> None:
    item, decisions = run(LEAVING, begun(LEAVING), event("again"))
    assert (item.work["short"].round, item.work["long"].round, item.visit) == (2, 1, 2)
    assert [(one.owed.name, one.because) for one in of(Withdraw, decisions)] == [("short", "left")]


def test_nothing_moves_an_ended_item() -> None:
    item, _ = run(LEAVING, begun(LEAVING), event("go"), event("end", minutes=2))
    assert refused(step(LEAVING, FACTS, item, event("drop", minutes=3))[1]) == [("ended", "")]
    assert refused(step(LEAVING, FACTS, item, event("done", minutes=3, work="long"))[1]) == [("ended", "")]
    assert step(LEAVING, FACTS, item, fact("drop", minutes=3)) == (item, ())


# ---------------------------------------------------------------- loops


def test_rules_that_run_in_a_circle_hold_the_item_with_their_path() -> None:
    definition = process("""
fields: {n: {type: number}}
stages: {s: {rules: [{changed: [n], do: [{set: {n: {add: 1}}}]}, {event: go, do: [{set: {n: 1}}]}]}}
""")
    before = begun(definition)
    item, (hold,) = step(definition, FACTS, before, event("go"))
    assert item == replace(before, is_held=True)
    assert isinstance(hold, Hold)
    assert (hold.reasons[0].kind, hold.path) == ("circle", ("s.1", "s.0"))
    assert refused(step(definition, FACTS, item, event("go", minutes=2))[1]) == [("held", "")]
    assert held(step(definition, FACTS, item, fact("changed", minutes=2))[1]) == [("held", "")]
    assert step(definition, FACTS, item, fact("hold_released", minutes=2)) == (before, ())


def test_a_chain_of_more_than_twenty_rules_is_held() -> None:
    stages = "".join(f"  s{n}: {{rules: [{{as_soon_as: {{go: true}}, to: s{n + 1}}}]}}\n" for n in range(25))
    definition = process(f"fields: {{go: {{type: flag}}}}\nstages:\n{stages}  s25: {{status: x}}")
    assert held(step(definition, FACTS, begun(definition), fact("changed", sets={"go": True}))[1]) == [
        ("circle", "s20.0")
    ]


PING = process("fields: {n: {type: number}}\nstages: {s: {rules: [{event: ping, do: [{status: pong}]}]}}")


def test_the_same_rule_more_than_twenty_times_an_hour_is_held() -> None:
    item, decisions = run(PING, begun(PING), *(fact("ping", minutes=n, key=f"e{n}") for n in range(1, 30)))
    assert len(of(ShowStatus, decisions)) == 20
    assert held(decisions) == [("too_often", "s.0")]
    slow = [fact("ping", minutes=3 * n, key=f"e{n}") for n in range(1, 60)]
    item, decisions = run(PING, begun(PING), *slow)
    assert (len(of(ShowStatus, decisions)), item.is_held) == (59, False)
    assert len(item.recent["s.0"]) <= 20


def test_an_event_that_came_through_too_many_items_is_held() -> None:
    assert held(step(PING, FACTS, begun(PING), fact("ping", hops=9))[1]) == [("hops", "")]
    assert held(step(PING, FACTS, begun(PING), fact("ping", hops=8))[1]) == []


# ---------------------------------------------------------------- beginning and people


def test_a_new_item_enters_the_first_stage_with_its_fields() -> None:
    item, decisions = begin(LEAVING, FACTS, key="k", at=NOON, actor="person:head")
    assert [(one.source, one.target, one.visit) for one in of(Move, decisions)] == [("", "a", 1)]
    assert (item.author, item.visit, item.entered_at, set(item.work)) == ("person:head", 1, NOON, {"short", "long"})


def test_an_item_without_what_is_required_does_not_begin() -> None:
    definition = process(
        "fields: {n: {type: number, required: true}}\nstages: {s: {rules: [{event: go, do: [{status: x}]}]}}"
    )
    _, decisions = begin(definition, FACTS, key="k", at=NOON)
    assert refused(decisions) == [("required", "n")]
    item, decisions = begin(definition, FACTS, key="k", at=NOON, is_command=False)
    assert (held(decisions), item.is_held) == ([("required", "n")], True)
    item = begun(definition, n=1)
    assert refused(step(definition, FACTS, item, event("go", sets={"n": None}))[1]) == [("required", "n")]


def test_nobody_in_a_slot_is_said_and_a_command_with_the_name_of_a_verb_is_a_command() -> None:
    definition = process("""
fields: {client: {type: contact}}
stages: {s: {rules: [{event: approve, by: [head], do: [{notify: {to: [client, nobody], text: hello}}]}]}}
""")
    _, decisions = step(definition, FACTS, begun(definition), event("approve", "head"))
    assert [one.slot for one in of(Untold, decisions)] == ["client", "nobody"]
    assert refused(step(definition, FACTS, begun(definition), event("approve", "manager"))[1]) == [("who", "")]


def test_a_held_item_takes_the_values_that_put_it_right_and_acts_on_them_after_its_release() -> None:
    definition = process("""
fields: {n: {type: number}, note: {type: text}}
stages:
  s: {rules: [{as_soon_as: {note: {filled: true}}, to: t}]}
  t: {needs: [n, note], rules: [{event: end, to: over}]}
  over: {ends: won}
""")
    before = replace(begun(definition), is_held=True)
    item, decisions = step(definition, FACTS, before, event("changed", sets={"note": "right"}))
    assert (item.is_held, item.fields["note"], item.stage, moves(decisions)) == (True, "right", "s", [])
    assert refused(step(definition, FACTS, item, event("changed", minutes=2, sets={"n": "many"}))[1])[0][0] == "value"
    assert held(step(definition, FACTS, item, fact("go", minutes=3))[1]) == [("held", "")]
    free, _ = step(definition, FACTS, replace(item, fields={**item.fields, "n": 1}), fact("hold_released", minutes=4))
    assert step(definition, FACTS, free, fact("look", minutes=5))[0].stage == "t"
