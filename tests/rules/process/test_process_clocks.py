"""Rules 1 and 2: clocks come between events in order of due time, whenever they are looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules.process.clocks import clock_event, deadline, next_due
from tasks.rules.process.course import course
from tasks.rules.process.decisions import Incident, Late, MarkOverdue, Notify
from tasks.rules.process.step import step
from tasks.rules.working_time import working_calendar
from tests.rules.process.process_samples import (
    DAY,
    FACTS,
    HOUR,
    MOSCOW,
    NOON,
    STAFF,
    begun,
    event,
    fact,
    moves,
    of,
    process,
    run,
    told,
)

LADDER = process("""
fields: {n: {type: number}}
stages:
  waiting:
    within: {time: 2h, blame: [manager]}
    rules:
      - {after: 1h, every: 1h, times: 3, do: [{notify: {to: [head], text: "waiting"}}, {set: {n: {add: 1}}}]}
      - {after: 10h, to: lost}
      - {event: answer, to: answered}
      - {event: again, to: waiting}
  answered: {status: thanks}
  lost: {ends: lost}
rules:
  - {event: overdue, do: [{notify: {to: [manager], text: "overdue in {stage}"}}]}
""")


def test_clocks_fire_in_order_of_their_due_time() -> None:
    _, decisions = run(LADDER, begun(LADDER), until=11 * 60)
    assert told(decisions) == [
        ("head", "waiting"),
        ("head", "waiting"),
        ("manager", "overdue in {stage}"),
        ("head", "waiting"),
    ]
    assert of(Incident, decisions) == [Incident("person:manager", "manager", "waiting", "stage overdue")]
    assert moves(decisions) == ["lost"]


def test_times_counts_all_firings_and_the_basis_is_the_previous_due_time() -> None:
    item = begun(LADDER)
    seen = []
    while (due := next_due(item)) is not None:
        item, _ = step(LADDER, FACTS, item, clock_event(item, due + timedelta(minutes=17)))
        seen.append((due - NOON) / HOUR)
    assert seen == [1, 2, 2, 3, 10]
    assert item.fields["n"] == 3


def test_a_clock_comes_before_a_later_event_and_after_one_at_its_own_time() -> None:
    item, decisions = run(LADDER, begun(LADDER), event("answer", minutes=60))
    assert moves(decisions) == ["answered"]
    assert told(decisions) == []
    item, decisions = run(LADDER, begun(LADDER), event("answer", minutes=60.5))
    assert told(decisions) == [("head", "waiting")]
    assert item.stage == "answered"


def test_an_event_before_which_a_clock_is_due_is_not_taken_alone() -> None:
    with pytest.raises(ValueError, match="is due before this event"):
        step(LADDER, FACTS, begun(LADDER), event("answer", minutes=61))


def test_leaving_drops_clocks_and_entering_again_starts_new_ones() -> None:
    item, _ = run(LADDER, begun(LADDER), event("again", minutes=90))
    assert (next_due(item), deadline(item), item.visit) == (NOON + 150 * HOUR / 60, NOON + 210 * HOUR / 60, 2)
    item, _ = run(LADDER, item, event("answer", minutes=100))
    assert (item.clocks, next_due(item), deadline(item)) == ((), None, None)


def test_an_event_behind_a_clock_that_fired_is_taken_in_the_present_and_marked() -> None:
    item, _ = run(LADDER, begun(LADDER), until=65)
    item, decisions = run(LADDER, item, event("again", minutes=30))
    assert decisions[0] == Late(NOON + HOUR / 2, NOON + HOUR)
    assert item.entered_at == NOON + HOUR


@given(st.lists(st.integers(0, 700), max_size=6), st.lists(st.integers(1, 700), max_size=3, unique=True))
@settings(deadline=None)
def test_the_course_does_not_depend_on_when_clocks_are_looked_at(looks: list[int], commands: list[int]) -> None:
    events = [event("again", minutes=at, key=f"e{at}") for at in sorted(commands)]
    at_once, decisions = run(LADDER, begun(LADDER), *events, until=700)
    item, later = begun(LADDER), []
    for at in sorted({*looks, *commands}):
        taken = [one for one in events if one.at == NOON + timedelta(minutes=at)]
        item, found = run(LADDER, item, *taken, until=at if at in looks else None)
        later += found
    item, found = run(LADDER, item, until=700)
    assert (item, later + found) == (at_once, decisions)


def test_a_clock_fires_once_however_often_it_is_taken() -> None:
    item = begun(LADDER)
    first = clock_event(item)
    item, _ = step(LADDER, FACTS, item, first)
    fired = replace(first, clock="within")
    assert step(LADDER, FACTS, replace(item, clocks=()), fired) == (
        replace(item, clocks=()),
        (),
    )
    assert clock_event(item).key != first.key


def test_missed_repeats_are_decided_but_their_messages_become_one_that_says_how_late() -> None:
    item, decisions = run(LADDER, begun(LADDER), until=200, seen=200)
    notices = [
        (one.is_collapsed, one.missed, one.late_seconds) for one in of(Notify, decisions) if one.to == "person:head"
    ]
    assert notices == [(True, 0, 140 * 60), (True, 0, 80 * 60), (False, 2, 20 * 60)]
    assert item.fields["n"] == 3
    on_time, _ = run(LADDER, begun(LADDER), until=200)
    assert on_time == item


def test_the_last_message_that_is_really_sent_carries_the_missed_ones() -> None:
    definition = process("""
fields: {n: {type: number}}
stages:
  waiting:
    rules:
      - {after: 1h, every: 1h, if: {n: {below: 2}}, do: [{notify: {to: [head], text: "n"}}, {set: {n: {add: 1}}}]}
""")
    _, decisions = run(definition, begun(definition, n=0), until=300, seen=300)
    assert [(one.is_collapsed, one.missed) for one in of(Notify, decisions)] == [(True, 0), (False, 1)]


WORKING = process("""
stages:
  s:
    within: {time: 1d working, blame: [head]}
    rules: [{after: 8h working, to: t}]
  t: {status: x}
""")


def test_working_time_is_counted_and_counted_again_when_the_calendar_changes() -> None:
    item = begun(WORKING)  # noon in Moscow on a Tuesday of nine hours
    assert [(clock.name, clock.due) for clock in item.clocks] == [
        ("after:s.0", NOON + timedelta(hours=23)),
        ("within", NOON + DAY),
    ]
    longer = replace(FACTS.calendar.hours, closes=FACTS.calendar.hours.closes.replace(hour=20))
    facts = replace(FACTS, calendar=working_calendar(longer, MOSCOW))
    item, _ = step(WORKING, facts, item, fact("calendar_changed", minutes=5))
    assert [clock.due for clock in item.clocks] == [NOON + 8 * HOUR, NOON + timedelta(hours=24)]


TASK = process("""
work:
  job: {kind: task, who: [manager], due: 1h, until: item}
  short: {kind: task, who: [manager], due: 1h}
stages:
  s:
    enter: [{ask: job}, {ask: short}]
    rules:
      - {work: job overdue, do: [{notify: {to: [head], text: late}}, {incident: {on: manager, what: slow}}]}
      - {event: go, to: t}
  t: {rules: [{work: job overdue, to: u}]}
  u: {ends: won}
""")


def test_work_is_overdue_once_and_its_rules_are_those_of_the_stage_then() -> None:
    item, decisions = run(TASK, begun(TASK), until=500)
    assert told(decisions) == [("head", "late")]
    assert of(Incident, decisions) == [Incident("person:manager", "manager", "job", "slow", "s.0")]
    assert [one.owed.name for one in of(MarkOverdue, decisions)] == ["job", "short"]
    item, decisions = run(TASK, begun(TASK), event("go", minutes=10), until=500)
    assert moves(decisions) == ["t", "u"]
    assert [one.owed.name for one in of(MarkOverdue, decisions)] == ["job"]
    assert item.clocks == ()


def test_a_held_item_is_not_due() -> None:
    definition = process(
        "stages: {s: {rules: [{after: 1h, to: t}]}, t: {enter: [{ask: w}]}}\nwork: {w: {kind: task, who: [ghost]}}"
    )
    item, _ = run(definition, begun(definition), until=90)
    assert (item.is_held, next_due(item), item.stage) == (True, None, "s")
    staff = {
        **STAFF,
        "person:ghost": replace(STAFF["person:head"], ref="person:ghost", key="g", roles=frozenset({"ghost"})),
    }
    facts = replace(FACTS, staff=staff)
    item, decisions = run(definition, item, fact("hold_released", minutes=95), facts=facts, until=96)
    assert (item.stage, moves(decisions)) == ("t", ["t"])


def test_a_look_takes_so_many_clocks_and_the_next_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.rules.process.course.MAX_CLOCKS", 5)
    definition = process(
        "stages: {s: {rules: [{after: 1h, every: 1h, do: [{status: x}]}, {event: go, to: t}]}, t: {status: t}}"
    )
    late = event("go", minutes=9 * 60)
    first = list(course(definition, FACTS, begun(definition), [late]))
    assert [taken.event.at for taken in first] == [NOON + n * HOUR for n in range(1, 6)]
    assert [taken.item.stage for taken in course(definition, FACTS, first[-1].item, [late])] == ["s", "s", "s", "t"]


def test_every_clock_has_its_own_key() -> None:
    keys = [taken.event.key for taken in course(LADDER, FACTS, begun(LADDER), (), NOON + DAY)]
    assert keys == [
        "i:1:after:waiting.0:0",
        "i:1:after:waiting.0:1",
        "i:1:within:0",
        "i:1:after:waiting.0:2",
        "i:1:after:waiting.1:0",
    ]
