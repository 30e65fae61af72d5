"""Trying orders: a process is run in memory through everything that may happen, each pair in both orders.

Two things that may both happen, whichever comes first, must lead to the same end. When every pair does so in every
state that can be reached, every order of any number of them does (each order becomes any other by swapping
neighbours). The trial is bounded: it says when it was cut, and then what it did not find is not proved.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import combinations
from typing import Any

from tasks.rules.process.clocks import clock_event
from tasks.rules.process.conditions import leaves
from tasks.rules.process.decisions import Decision, Hold, Refuse
from tasks.rules.process.definition import Definition, Reference
from tasks.rules.process.reasons import Reason
from tasks.rules.process.state import Event, Item, Owed
from tasks.rules.process.step import begin, step
from tasks.rules.process.values import is_empty
from tasks.rules.process_tools.trial_events import Happenings, Possible
from tasks.rules.process_tools.trial_values import AUTHOR, BEGINNING, Stage, set_stage

MOST_STEPS = 12_000
_COUNTED_TO = 6
_SWAPS_PER_PAIR = 3
_MOST_CLOCKS = 40

State = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class OrderDependence:
    """Two things that may happen in either order in a stage, and where each order leads."""

    stage: str
    one: str
    other: str
    end: str
    other_end: str


@dataclass(frozen=True, slots=True)
class HeldUp:
    """Something that holds the item for a person: what happened in which stage, and the reasons."""

    stage: str
    what: str
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class Trial:
    """What a trial found. `is_cut`: not everything was tried within the bound."""

    orders: list[OrderDependence] = field(default_factory=list)
    held: list[HeldUp] = field(default_factory=list)
    entered: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    states: int = 0
    steps: int = 0
    is_cut: bool = False


def try_orders(definition: Definition, most_steps: int = MOST_STEPS) -> Trial:
    """Run the process through what may happen, at most so many steps of the engine."""
    return _Explorer(definition, most_steps).run()


class _Explorer:
    """One trial of one definition."""

    def __init__(self, definition: Definition, most_steps: int) -> None:
        self._definition = definition
        self._stage: Stage = set_stage(definition)
        self._happenings = Happenings(definition, self._stage)
        self._most = most_steps
        self._looked = _looked_at(definition)
        self._trial = Trial()
        self._acted: set[str] = set()
        self._ways: dict[State, set[State]] = {}
        self._expanded: set[State] = set()
        self._stage_of: dict[State, str] = {}
        self._waiting: dict[str, deque[tuple[Item, datetime]]] = defaultdict(deque)
        self._visits: Counter[str] = Counter()
        self._swapped: Counter[tuple[str, str, str]] = Counter()
        self._seen_held: set[tuple[str, str]] = set()

    def run(self) -> Trial:
        trial = self._trial
        fields = self._happenings.beginning()
        item, decisions = begin(
            self._definition, self._stage.facts, key="trial", at=BEGINNING, actor=AUTHOR, fields=fields
        )
        if any(isinstance(one, Refuse | Hold) for one in decisions):
            self._note_held("", "begin", decisions)
            return trial
        self._waiting[item.stage].append((item, BEGINNING))
        while self._waiting:
            if trial.steps >= self._most:
                trial.is_cut = True
                break
            # the stage looked at least comes first, so that a bound cuts evenly
            stage = min(self._waiting, key=lambda name: self._visits[name])
            self._look_at(stage)
        trial.states = len(self._expanded)
        self._conclude()
        return trial

    def _look_at(self, stage: str) -> None:
        """Take the next item that waits in a stage through everything that may happen to it."""
        waiting = self._waiting[stage]
        item, now = waiting.popleft()
        if not waiting:
            del self._waiting[stage]
        state = self._state(item)
        if state in self._expanded:
            return
        self._meet(item, state)
        self._expanded.add(state)
        self._visits[stage] += 1
        for after, later in self._expand(item, now, state):
            following = self._state(after)
            if following not in self._ways:
                self._meet(after, following)
                self._waiting[after.stage].append((after, later))

    def _meet(self, item: Item, state: State) -> None:
        self._stage_of[state] = item.stage
        self._ways.setdefault(state, set())
        self._trial.entered.add(item.stage)

    def _expand(self, item: Item, now: datetime, state: State) -> Iterator[tuple[Item, datetime]]:
        taken: list[tuple[Possible, Item]] = []
        for possible in self._happenings.after(item, now):
            after = self._pass_time(item) if possible.is_clock else self._take(item, possible.event)
            if isinstance(after, tuple):
                if not possible.event.is_command:
                    self._note_held(item.stage, possible.name, after)
                continue
            taken.append((possible, after))
            later = max(now, after.fired_at or now)
            self._ways[state].add(self._state(after))
            yield after, later
        rivals = [pair for pair in taken if not pair[0].is_clock]
        for one, other in combinations(rivals, 2):
            self._swap(item.stage, one, other)

    def _pass_time(self, item: Item) -> Item | tuple[Decision, ...]:
        """Let clocks fire until one changes something that matters, and not only reminds somebody."""
        state, after = self._state(item), item
        for _ in range(_MOST_CLOCKS):
            if not after.clocks:
                return after
            found = self._take(after, clock_event(after))
            if isinstance(found, tuple):
                return found
            after = found
            if self._state(after) != state:
                return after
        return after

    def _swap(self, stage: str, one: tuple[Possible, Item], other: tuple[Possible, Item]) -> None:
        """Both orders of two events; those that shut each other out, or set the same field, are alternatives."""
        key = (stage, one[0].name, other[0].name)
        first, second = one[0].event, other[0].event
        if self._swapped[key] >= _SWAPS_PER_PAIR or _are_alternatives(first, second):
            return
        self._swapped[key] += 1
        there, back = self._take(one[1], second), self._take(other[1], first)
        if isinstance(there, tuple) or isinstance(back, tuple):
            return
        if _end(there) != _end(back):
            self._swapped[key] = _SWAPS_PER_PAIR  # said once
            found = OrderDependence(stage, one[0].name, other[0].name, _said(there), _said(back))
            self._trial.orders.append(found)

    def _take(self, item: Item, event: Event) -> Item | tuple[Decision, ...]:
        """The item after the event; what was decided instead, when it was refused or held."""
        self._trial.steps += 1
        if event.at < item.entered_at:
            event = replace(event, at=item.entered_at)
        try:
            after, decisions = step(self._definition, self._stage.facts, item, event)
        except ValueError:
            return ()
        if any(isinstance(one, Refuse | Hold) for one in decisions):
            return decisions
        self._acted |= set(after.recent)
        return after

    def _note_held(self, stage: str, what: str, decisions: tuple[Decision, ...]) -> None:
        reasons = tuple(r for one in decisions if isinstance(one, Hold | Refuse) for r in one.reasons)
        if reasons and (stage, what) not in self._seen_held:
            self._seen_held.add((stage, what))
            self._trial.held.append(HeldUp(stage, what, reasons))

    def _state(self, item: Item) -> State:
        """What matters of an item: where it is, its work, and the fields that conditions look at."""
        work = tuple(
            (name, one.state, tuple(sorted(_row(row) for row in one.rows)) if one.state == "open" else ())
            for name, one in sorted(item.work.items())
            if one.state == "open" or name in self._looked.work
        )
        children = tuple((name, one.state) for name, one in sorted(item.children.items()))
        values = tuple(_counted(item.fields.get(name)) for name in self._looked.values)
        filled = tuple(is_empty(item.fields.get(name)) for name in self._looked.filled)
        return (item.stage, item.outcome, work, children, values, filled, item.fired, item.standing)

    def _conclude(self) -> None:
        """Stages in which something tried can no longer come to an end, and rules that nothing made act."""
        trial = self._trial
        ends = {state for state in self._ways if state[1] or state not in self._expanded}
        before: dict[State, set[State]] = {}
        for state, following in self._ways.items():
            for one in following:
                before.setdefault(one, set()).add(state)
                if one not in self._expanded:
                    ends.add(one)
        rest = list(ends)
        while rest:
            for state in before.get(rest.pop(), ()):
                if state not in ends:
                    ends.add(state)
                    rest.append(state)
        trial.stuck = {self._stage_of[state] for state in self._expanded if state not in ends}
        if not trial.is_cut:
            rules = [rule for stage in self._definition.stages.values() for rule in stage.rules]
            trial.silent = {rule.key for rule in (*rules, *self._definition.rules)} - self._acted


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the conditions of a process look at: fields by value, fields by being filled, work that may be over."""

    values: tuple[str, ...]
    filled: tuple[str, ...]
    work: frozenset[str]


def _looked_at(definition: Definition) -> _Looked:
    rules = [rule for stage in definition.stages.values() for rule in stage.rules] + list(definition.rules)
    conditions = [condition for rule in rules for condition in (rule.condition, rule.trigger.condition)]
    conditions += [work.close_if for work in definition.work.values()]
    conditions += [who.condition for work in definition.work.values() for who in work.who]
    tests = [test for condition in conditions for test in leaves(condition)]
    by_value = {test.name for test in tests if test.operator != "filled" and test.wanted is not None}
    by_value |= {test.wanted.name for test in tests if isinstance(test.wanted, Reference)}
    named = {test.name for test in tests} | {name for stage in definition.stages.values() for name in stage.needs}
    work = frozenset(name.removeprefix("work.") for name in named if name.startswith("work."))
    values, filled = _plain(definition, by_value), _plain(definition, named)
    return _Looked(tuple(sorted(values)), tuple(sorted(filled - values)), work)


def _plain(definition: Definition, names: set[str]) -> set[str]:
    """The fields behind names; computed ones are what they are computed from."""
    parts = [definition.fields[name] for name in names if name in definition.fields]
    inputs = {one for part in parts if part.compute for one in part.compute.inputs}
    return inputs | {part.name for part in parts if not part.compute}


def _are_alternatives(one: Event, other: Event) -> bool:
    """The same command given twice, two ends of one sub-process, or two events that set a field differently."""
    if one.name == other.name == "child_ended" and one.work == other.work:
        return True
    is_same = one.is_command and (one.name, one.work, one.actor) == (other.name, other.work, other.actor)
    return is_same or any(name in other.sets and other.sets[name] != value for name, value in one.sets.items())


def _row(row: Owed) -> tuple[Any, ...]:
    return row.state, row.is_begun, row.is_overdue


def _counted(value: Any) -> Any:
    """Counters are told apart up to a few; one list is as long as another with the same items."""
    return min(value, _COUNTED_TO) if isinstance(value, int) and not isinstance(value, bool) else value


def _end(item: Item) -> tuple[Any, ...]:
    work = {name: one.state for name, one in item.work.items() if one.state == "open"}
    # how a sub-process ended is its own course; the item's is whether it still runs
    return item.stage, item.outcome, work, {name: child.state == "open" for name, child in item.children.items()}


def _said(item: Item) -> str:
    waits = ", ".join(name for name, work in item.work.items() if work.state == "open")
    return f"{item.stage} ({waits})" if waits else item.stage
