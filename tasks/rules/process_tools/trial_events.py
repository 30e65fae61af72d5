"""What can happen to an item next: every command, answer, change, clock and end of a sub-process, as events to try."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tasks.rules.process.clocks import clock_event
from tasks.rules.process.conditions import leaves
from tasks.rules.process.definition import ALWAYS, Condition, Definition, Rule, WorkPart
from tasks.rules.process.state import Event, Item
from tasks.rules.process.values import is_empty
from tasks.rules.process_tools.parts import rules_in
from tasks.rules.process_tools.trial_values import AUTHOR, Solver, Stage, sample


@dataclass(frozen=True, slots=True)
class Possible:
    """Something that may happen next. `name` says it: 'start', 'price done', 'documents changed'."""

    name: str
    event: Event

    @property
    def is_clock(self) -> bool:
        """Whether it is the clock that is due first: it waits its turn and is no rival of the others."""
        return self.event.name == "clock"


class Happenings:
    """Everything that may happen to items of one process."""

    def __init__(self, definition: Definition, stage: Stage) -> None:
        self._definition = definition
        self._stage = stage
        self._solver = Solver(definition, stage.people)

    def after(self, item: Item, now: datetime) -> Iterator[Possible]:
        """What may happen to the item at `now`; the clock, which comes at its own time, last."""
        if item.outcome or item.is_held:
            return
        rules = rules_in(self._definition, item.stage)
        for rule in rules:
            yield from self._commands(item, now, rule)
        for name in item.work:
            if item.work[name].state == "open":
                yield from self._answers(item, now, name, rules)
        for rule in rules:
            yield from self._changes(item, now, rule)
        for child in item.children.values():
            if child.state == "open":
                for outcome in ("won", "lost", "cancelled"):
                    ended = Event("", now, "child_ended", is_command=False, work=child.name, outcome=outcome)
                    yield Possible(f"{child.name} {outcome}", replace(ended, round=child.round))
        if item.clocks:
            yield Possible(item.clocks[0].name, clock_event(item))

    def beginning(self) -> dict[str, Any]:
        """The fields that an item begins with: the people it is about, and what the first stage needs."""
        definition, people = self._definition, self._stage.people
        first = definition.stages[definition.first_stage]
        wanted = {name for name, part in definition.fields.items() if part.is_required} | set(first.needs)
        wanted |= {name for name, part in definition.fields.items() if part.type in ("person", "contact")}
        if definition.start_on:
            wanted |= {name for start in definition.start_on for name in start.with_fields}
        return {
            name: sample(definition.fields[name], people)
            for name in sorted(wanted)
            if not definition.fields[name].compute
        }

    def _commands(self, item: Item, now: datetime, rule: Rule) -> Iterator[Possible]:
        trigger = rule.trigger
        if trigger.kind != "event" or trigger.name == "overdue":
            return
        sets = self._sets(rule.condition, rule.to, item)
        yield Possible(trigger.name, Event("", now, trigger.name, self._actor(rule, item), sets=sets))

    def _answers(self, item: Item, now: datetime, name: str, rules: tuple[Rule, ...]) -> Iterator[Possible]:
        work, part = item.work[name], self._definition.work[name]
        rows = [row for row in work.rows if row.state == "open"]
        verbs = [("approve", "approved"), ("decline", "declined")] if part.is_vote else [("done", "done")]
        if any(rule.trigger.name == name and rule.trigger.verb == "begun" for rule in rules):
            verbs.insert(0, ("begin", "begun"))
        for verb, end in verbs:
            target = next((r.to for r in rules if r.trigger.name == name and r.trigger.verb == end and r.to), "")
            guards = [r.condition for r in rules if r.trigger.name == name and r.trigger.verb == end] or [ALWAYS]
            for row in rows if part.is_vote else rows[:1]:
                if verb == "begin" and row.is_begun:
                    continue
                actor = self._closer(part.closed_by, item) if part.closed_by and verb != "begin" else row.owner
                asked = Event("", now, verb, actor, work=name)
                said = f"{name} {end}"
                for sets in self._given(part, guards, target, item) if verb != "begin" else [{}]:
                    yield Possible(said, replace(asked, sets=sets))

    def _given(self, part: WorkPart, guards: list[Condition], target: str, item: Item) -> Iterator[dict[str, Any]]:
        """What may come with an answer: what it takes to close the work, once for each rule that waits for it.

        What somebody has decided before is not turned round by an answer: that is a change of its own.
        """
        seen: list[dict[str, Any]] = []
        for guard in guards:
            solved = self._sets(guard, "", item)
            given = {name: value for name, value in solved.items() if is_empty(item.fields.get(name))}
            ready = replace(item, fields={**item.fields, **given})
            watched = frozenset(test.name for test in leaves(guard))
            sets = self._sets(part.close_if, target, ready, watched) | given
            sets = {name: value for name, value in sets.items() if name not in part.binds}
            if sets not in seen:
                seen.append(sets)
                yield sets

    def _changes(self, item: Item, now: datetime, rule: Rule) -> Iterator[Possible]:
        """A change of what a rule watches: another value, or what makes its condition true."""
        for name in rule.trigger.fields:
            part = self._definition.fields[name]
            if not part.compute:
                values = [sample(part, self._stage.people, n) for n in (0, 1)]
                other = next((value for value in values if value != item.fields.get(name)), None)
                yield self._change(now, {name: other})
        if rule.trigger.kind == "as_soon_as":
            sets = self._solver.solve(rule.trigger.condition, item) | self._solver.solve(rule.condition, item)
            sets = {name: value for name, value in sets.items() if item.fields.get(name) != value}
            if sets:
                yield self._change(now, sets)

    def _change(self, now: datetime, sets: dict[str, Any]) -> Possible:
        return Possible(f"{', '.join(sorted(sets))} changed", Event("", now, "changed", AUTHOR, False, sets=sets))

    def _sets(
        self, condition: Condition, target: str, item: Item, kept: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """What a person fills in, so that a condition holds and the next stage has what it needs."""
        sets = self._solver.solve(condition, item, kept=kept)
        needs = self._definition.stages[target].needs if target else ()
        seen = replace(item, fields={**item.fields, **sets})
        sets |= self._solver.fill(needs, seen)
        return {name: value for name, value in sets.items() if item.fields.get(name) != value}

    def _actor(self, rule: Rule, item: Item) -> str:
        return self._closer(rule.by, item) if rule.by else AUTHOR

    def _closer(self, slots: tuple[str, ...], item: Item) -> str:
        for slot in slots:
            if slot == "author":
                return item.author
            held = item.fields.get(slot)
            if held or slot in self._stage.people:
                return str(held or self._stage.people[slot])
        return AUTHOR
