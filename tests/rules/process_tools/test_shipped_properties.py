"""Whatever happens to items of shipped processes: no stage is skipped, no vote counts twice, nothing closes early."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.rules.process.clocks import clock_event
from tasks.rules.process.decisions import CloseWork, DecideWork, Decision, Hold, Move, Refuse, SetField
from tasks.rules.process.definition import Definition
from tasks.rules.process.given import Before
from tasks.rules.process.program import program_of
from tasks.rules.process.state import Event, Item, OfficeFacts
from tasks.rules.process.step import begin, step
from tasks.rules.process_tools.orders import try_orders
from tasks.rules.process_tools.parts import rules_in
from tasks.rules.process_tools.trial_events import Happenings
from tasks.rules.process_tools.trial_values import AUTHOR, BEGINNING, set_stage
from tests.rules.process_tools.office_processes import NAMES, definition, raw

_LENGTH = 14


@pytest.mark.parametrize("name", NAMES)
@given(choices=st.lists(st.integers(0, 10_000), max_size=_LENGTH))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happens_to_a_shipped_process(name: str, choices: list[int]) -> None:
    process = definition(raw(name))
    stage = set_stage(process)
    happenings = Happenings(process, stage)
    fields = happenings.beginning()
    item, _ = begin(process, stage.facts, key="i", at=BEGINNING, actor=AUTHOR, fields=fields)
    now = BEGINNING
    for number, choice in enumerate(choices):
        possible = list(happenings.after(item, now))
        if not possible:
            break
        chosen = possible[choice % len(possible)].event
        now += timedelta(minutes=7)
        while chosen.name != "clock" and item.clocks and item.clocks[0].due < now:
            item = _taken(process, stage.facts, item, clock_event(item))
        event = clock_event(item) if chosen.name == "clock" else replace(chosen, key=f"e{number}", at=now)
        now = max(now, event.at)
        if item.outcome or item.is_held:
            break
        item = _taken(process, stage.facts, item, event)


def _taken(process: Definition, facts: OfficeFacts, item: Item, event: Event) -> Item:
    """The item after an event that was looked at from all sides."""
    after, decisions = step(process, facts, item, event)
    if any(isinstance(one, Refuse | Hold) for one in decisions):
        assert len(decisions) == 1
        assert replace(after, is_held=item.is_held) == item, "all or nothing"
        return after
    _check_moves(process, item, after, decisions)
    _check_work(process, item, event, decisions, after)
    if event.is_command and not after.outcome and not (after.clocks and after.clocks[0].due < event.at):
        again = step(process, facts, after, replace(event, key="again"))[1]
        assert not _closed(decisions) & _closed(again), "one answer, once"
    return after


def _check_moves(process: Definition, before: Item, after: Item, decisions: tuple[Decision, ...]) -> None:
    stage = before.stage
    for move in (one for one in decisions if isinstance(one, Move)):
        assert move.source == stage
        assert move.target in {rule.to for rule in rules_in(process, stage)}, "along an arrow of the file"
        stage = move.target
    assert (stage, after.visit) == (after.stage, before.visit + sum(isinstance(one, Move) for one in decisions))


def _check_work(process: Definition, before: Item, event: Event, decisions: tuple[Decision, ...], after: Item) -> None:
    closed = [one.owed for one in decisions if isinstance(one, CloseWork)]
    assert len(closed) == len(_closed(decisions))
    for owed in closed:
        assert event.is_command
        assert any((row.owner, row.state) == (owed.owner, "open") for row in before.work[owed.name].rows)
    fields = dict(before.fields)
    for one in decisions:
        if isinstance(one, SetField):
            fields[one.field] = one.value
        elif isinstance(one, DecideWork) and after.work[one.name].round == one.round:
            _check_end(process, before, fields, one, after)


def _check_end(process: Definition, before: Item, fields: dict[str, object], end: DecideWork, after: Item) -> None:
    """A task has what it must have; a vote has its answers, from as many people as are to be asked."""
    code = program_of(process).work[end.name]
    if end.state == "done" and code.may_close is not None:
        seen = Before(fields, before.work, before.children, before.stage, before.visit)
        assert code.may_close(seen) is True
    if end.state == "approved":
        rows = [row for row in after.work[end.name].rows if row.state == "approved"]
        slots = [slot for row in rows for slot in row.slots]
        need = len({s for row in after.work[end.name].rows for s in row.slots}) if code.part.need == "all" else None
        assert len(slots) == len(set(slots))
        assert need is None or len(slots) == need
        assert not code.part.is_distinct or len({row.by for row in rows}) == len(rows)


def _closed(decisions: tuple[Decision, ...]) -> set[tuple[str, int, str]]:
    return {(one.owed.name, one.owed.round, one.owed.owner) for one in decisions if isinstance(one, CloseWork)}


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_independent_events_decides_nothing(name: str) -> None:
    assert try_orders(definition(raw(name)), 4_000).orders == []
