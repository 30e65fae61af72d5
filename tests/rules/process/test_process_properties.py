"""What must never matter: repetition, schedules of looks, interleaving, lost workers; and what must always hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules.process.clocks import clock_event, next_due
from tasks.rules.process.course import course
from tasks.rules.process.decisions import CloseWork, DecideWork, Decision, Hold, Move, Refuse
from tasks.rules.process.state import Event, Item
from tasks.rules.process.step import step
from tasks.rules.process.view import value_of
from tests.rules.process.process_samples import (
    CLIENT,
    FACTS,
    LINES,
    NOON,
    WORK_AT,
    away,
    begun,
    event,
    fact,
    process,
    run,
    shipped,
)

SERVICE = shipped("service")
PARTIES = {"client": CLIENT, "manager": "person:manager", "executor": "person:executor"}
ORDER = begun(SERVICE, number="D-1", kind="periodic", **PARTIES)
PRICED = {"lines": LINES, "work_at": WORK_AT}
SCRIPT: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("start", "operator", {"sets": {"dispatcher": "person:dispatcher"}}),
    ("begin", "dispatcher", {"work": "conduct"}),
    ("done", "dispatcher", {"work": "price", "sets": PRICED}),
    ("approve", CLIENT, {"work": "time_agreed"}),
    ("approve", "executor", {"work": "time_agreed"}),
    ("approve", "dispatcher", {"work": "approval"}),
    ("approve", "manager", {"work": "approval"}),
    ("done", "executor", {"work": "papers", "sets": {"documents": ("act",)}}),
    ("changed", "dispatcher", {"sets": {"documents": ("act", "invoice")}}),
    ("done", "manager", {"work": "conduct"}),
)
MORE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    *SCRIPT,
    ("decline", CLIENT, {"work": "time_agreed"}),
    ("decline", "manager", {"work": "approval"}),
    ("done", "dispatcher", {"work": "conduct"}),
    ("done", "dispatcher", {"work": "call_client"}),
    ("client_answered", CLIENT, {}),
    ("reschedule", "dispatcher", {"sets": {"work_at": "2026-11-25T10:00:00+03:00"}}),
    ("approve", "head", {}),
    ("decline", "head", {}),
    ("cancel", "head", {"sets": {"reason": "too dear"}}),
    ("cancel", "clerk", {"sets": {"reason": "x"}}),
    ("changed", "dispatcher", {"sets": {"lines": (*LINES, *LINES)}}),
    ("changed", "dispatcher", {"sets": {"documents": ()}}),
)
STORY = st.lists(st.tuples(st.sampled_from(MORE), st.integers(1, 5000)), max_size=25)


def told_story(story: list[tuple[tuple[str, str, dict[str, Any]], int]]) -> list[Event]:
    """Events in order of time; a gap of so many minutes stands before each."""
    minutes, events = 0, []
    for n, ((name, actor, more), gap) in enumerate(story):
        minutes += gap
        events.append(event(name, actor, minutes=minutes, key=f"e{n}", **more))
    return events


def settled(item: Item) -> object:
    """The end state without who came last and when."""
    return item.stage, item.fields, item.outcome, {work.name: (work.state, work.round) for work in item.work.values()}


def taken(events: list[Event], item: Item = ORDER) -> Iterator[tuple[Item, Event, tuple[Decision, ...], Item]]:
    """The course with the item before and after each event, two weeks beyond the last one."""
    end = max((one.at for one in events), default=NOON) + timedelta(days=14)
    for one in course(SERVICE, FACTS, item, events, end):
        yield item, one.event, one.decisions, one.item
        item = one.item


@given(STORY)
@settings(max_examples=60, deadline=None)
def test_whatever_happens_no_stage_is_skipped_and_nothing_closes_or_counts_wrongly(story: Any) -> None:
    ways = {(s.name, rule.to) for s in SERVICE.stages.values() for rule in (*s.rules, *SERVICE.rules) if rule.to}
    for before, one, decisions, after in taken(told_story(story)):
        if isinstance(decisions[0] if decisions else None, Refuse | Hold):
            assert len(decisions) == 1
            assert replace(after, is_held=before.is_held) == before
        stage = before.stage
        for move in (found for found in decisions if isinstance(found, Move)):
            assert move.source == stage
            assert (move.source, move.target) in ways
            stage = move.target
        assert stage == after.stage
        check_closing(before, one, decisions, after)
        assert next_due(after) is None or next_due(after) == min(clock.due for clock in after.clocks)


def check_closing(before: Item, one: Event, decisions: tuple[Decision, ...], after: Item) -> None:
    """A task has its documents, a vote one answer per slot, and each slot is one of those asked."""
    for decided in (found for found in decisions if isinstance(found, DecideWork)):
        if decided.name == "conduct":
            assert set(value_of(SERVICE, after, "required_documents")) <= set(after.fields["documents"])
        if decided.state == "approved":
            rows = [row for row in after.work[decided.name].rows if row.state == "approved"]
            slots = [slot for row in rows for slot in row.slots]
            assert len(slots) == len(set(slots)) == 2
            assert all(row.by for row in rows)
    closed = [found.owed for found in decisions if isinstance(found, CloseWork)]
    assert len(closed) == len({(owed.name, owed.round, owed.owner) for owed in closed})
    for owed in closed:
        assert any((row.owner, row.state) == (owed.owner, "open") for row in before.work[owed.name].rows)
    assert not closed or one.is_command


@given(STORY, st.lists(st.integers(1, 20_000), max_size=8), st.data())
@settings(max_examples=40, deadline=None)
def test_looks_repetitions_and_lost_workers_change_nothing(story: Any, looks: list[int], data: st.DataObject) -> None:
    """A ledger of events, workers that read, decide and write by compare-and-set, and die anywhere in between."""
    events = told_story(story)
    end = NOON + timedelta(minutes=20_000)
    expected = ORDER
    for one in course(SERVICE, FACTS, expected, [e for e in events if e.at <= end], end):
        expected = one.item
    store: dict[str, Any] = {"item": ORDER, "revision": 0, "keys": set()}
    for at in sorted({NOON + timedelta(minutes=look) for look in looks} | {end}):
        ledger = [e for e in events if e.at <= at]
        for worker in range(3):
            dies_after = data.draw(st.integers(0, 6)) if worker < 2 else None
            work_off(store, ledger * 2, at, dies_after)
    assert store["item"] == expected


def work_off(store: dict[str, Any], ledger: list[Event], until: Any, dies_after: int | None) -> None:
    """One worker: its reading may be old, then its write is lost; it may die before any write."""
    item, revision, writes = store["item"], store["revision"], 0
    waiting = sorted((e for e in {e.key: e for e in ledger}.values()), key=lambda e: e.at)
    for one in [*waiting, None]:
        if one and one.key in store["keys"]:
            continue
        for done in course(SERVICE, FACTS, item, [one] if one else [], None if one else until):
            if writes == dies_after:
                return
            if store["revision"] != revision:
                raise AssertionError("workers take turns here")
            item, revision, writes = done.item, revision + 1, writes + 1
            store.update(item=item, revision=revision)
            store["keys"].add(done.event.key)


def test_a_second_worker_s_old_reading_gives_the_same_event_key() -> None:
    first, second = clock_event(ORDER), clock_event(ORDER, NOON + timedelta(days=3))
    assert first.key == second.key
    assert step(SERVICE, FACTS, ORDER, first)[0] == step(SERVICE, FACTS, ORDER, second)[0]


@given(st.permutations(range(3)), st.permutations(range(2)), st.integers(1, 9))
@settings(deadline=None)
def test_independent_events_may_interleave(votes: list[int], confirms: list[int], begin_at: int) -> None:
    script = list(SCRIPT)
    begins = script.pop(1)
    script[2], script[3] = script[2 + confirms[0]], script[2 + confirms[1]]
    script[4], script[5] = (script[4], script[5]) if votes[0] < votes[1] else (script[5], script[4])
    script.insert(min(begin_at, len(script) - 1), begins)
    events = [event(name, actor, minutes=n, **more) for n, (name, actor, more) in enumerate(script, 1)]
    plainly = [event(name, actor, minutes=n, **more) for n, (name, actor, more) in enumerate(SCRIPT, 1)]
    assert settled(run(SERVICE, ORDER, *events)[0]) == settled(run(SERVICE, ORDER, *plainly)[0])


def test_the_course_of_a_whole_order_with_every_event_twice() -> None:
    once = told_story([(one, 10) for one in SCRIPT])
    twice = [e for one in once for e in (one, replace(one, key=f"{one.key}-again"))]
    item, _ = run(SERVICE, ORDER, *twice)
    assert item.outcome == "won"
    assert settled(item) == settled(run(SERVICE, ORDER, *once)[0])


JOIN = process("""
fields: {f: {type: flag}}
work:
  a: {kind: task, who: [manager]}
  b: {kind: approval, who: [head]}
stages:
  s: {enter: [{ask: a}, {ask: b}], rules: [{as_soon_as: {work.a: done, work.b: approved, f: true}, to: t}]}
  t: {ends: won}
""")


def test_a_join_does_not_ask_who_came_last() -> None:
    parts: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("done", "manager", {"work": "a"}),
        ("approve", "head", {"work": "b"}),
        ("changed", "clerk", {"sets": {"f": True}}),
    )
    for order in permutations(parts):
        events = [event(name, actor, minutes=n, **more) for n, (name, actor, more) in enumerate(order, 1)]
        for count in (1, 2):
            assert run(JOIN, begun(JOIN), *events[:count])[0].stage == "s"
        assert run(JOIN, begun(JOIN), *events)[0].outcome == "won"


@given(st.lists(st.booleans(), max_size=12))
@settings(deadline=None)
def test_absences_that_come_and_go_leave_the_same_people(absent: list[bool]) -> None:
    item, _ = run(SERVICE, ORDER, *told_story([(one, 5) for one in SCRIPT[:5]]))
    start = item
    for n, is_away in enumerate([*absent, False]):
        facts = away("manager", "person:clerk") if is_away else FACTS
        item, _ = run(SERVICE, item, fact("absence_changed", minutes=60 + n), facts=facts)
    assert {w.name: [(r.owner, r.slots, r.state) for r in w.rows] for w in item.work.values()} == {
        w.name: [(r.owner, r.slots, r.state) for r in w.rows] for w in start.work.values()
    }
