"""Clocks as data (rule 2): what is due first, its event, what it does when it fires, and counting it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from tasks.rules.process import working
from tasks.rules.process.acting import blame
from tasks.rules.process.decisions import MarkOverdue
from tasks.rules.process.definition import Definition, Rule, Span
from tasks.rules.process.spans import span_end
from tasks.rules.process.state import Clock, Event, Item, Work
from tasks.rules.working_time import WorkingCalendar

if TYPE_CHECKING:
    from tasks.rules.process.chain import Chain


def next_due(item: Item) -> datetime | None:
    """When the item is to be looked at next; None when nothing is due ever. A held item waits for a person."""
    return item.clocks[0].due if item.clocks and not item.is_held else None


def deadline(item: Item) -> datetime | None:
    """When the stage is overdue; None when it has no `within`, or is overdue already."""
    return next((clock.due for clock in item.clocks if clock.name == "within"), None)


def clock_event(item: Item, seen_at: datetime | None = None) -> Event:
    """The event of the clock that is due first; its key is (item, stay, clock, firing)."""
    clock = item.clocks[0]
    return Event(
        key=f"{item.key}:{item.visit}:{clock.name}:{clock.n}",
        at=clock.due,
        name="clock",
        is_command=False,
        clock=clock.name,
        seen_at=seen_at,
    )


def fire(chain: Chain) -> None:
    """A clock is due. One that runs no more has nothing to say."""
    name = chain.event.clock
    clock = next((one for one in chain.clocks if one.name == name), None)
    if clock is None:
        return
    chain.now = chain.fired_at = max(clock.due, chain.fired_at) if chain.fired_at else clock.due
    chain.drop_clock(name)
    kind, _, rest = name.partition(":")
    if kind == "work":
        _fire_work(chain, rest.partition(":")[0])
    elif kind == "after":
        _fire_after(chain, rest, clock)
    else:
        within = chain.code.part.within
        for slot in within.blame if within else ():
            blame(chain, slot, "stage overdue")
        chain.wake(chain.code.wakers.get(("event", "overdue"), ()))


def _fire_after(chain: Chain, key: str, clock: Clock) -> None:
    for code in chain.code.after:
        if code.key == key:
            trigger = code.rule.trigger
            if trigger.every and (trigger.times is None or clock.n + 1 < trigger.times):
                chain.add_clock(clock.name, trigger.every, clock.due, clock.n + 1)
            if code.test is None or code.test(chain) is True:
                chain.run(code)


def _fire_work(chain: Chain, name: str) -> None:
    work = chain.work[name]
    rows = tuple(row.marked(is_overdue=True) if row.state == "open" else row for row in work.rows)
    chain.work[name] = work.changed(work.state, rows)
    chain.decisions.extend(MarkOverdue(row) for row in rows if row.state == "open")
    chain.cause = name
    chain.wake(chain.code.wakers.get((name, "overdue"), ()))
    chain.cause = ""


def recount(chain: Chain) -> None:
    """The calendar has changed: every clock that has not fired is counted again from its basis."""
    counted = []
    for clock in chain.clocks:
        span = span_of(chain.program.definition, chain.stage, clock)
        due = span_end(chain.facts.calendar, clock.basis, span) if span else clock.due
        counted.append(replace(clock, due=due))
        if due != clock.due and clock.name.startswith("work:"):
            working.due_again(chain, clock.name.split(":")[1], due)
    chain.clocks = tuple(sorted(counted, key=_due_first))


def span_of(definition: Definition, stage: str, clock: Clock) -> Span | None:
    """The span that a clock counts from its basis; None when the file no longer has it."""
    kind, _, rest = clock.name.partition(":")
    part = definition.stages.get(stage)
    if kind == "within":
        return part.within.time if part and part.within else None
    if kind == "work":
        work = definition.work.get(rest.partition(":")[0])
        return work.due if work else None
    rules: tuple[Rule, ...] = (*(part.rules if part else ()), *definition.rules)
    rule = next((rule for rule in rules if rule.key == rest), None)
    return (rule.trigger.every if clock.n else rule.trigger.span) if rule else None


def stage_clocks(definition: Definition, calendar: WorkingCalendar, stage: str, basis: datetime) -> tuple[Clock, ...]:
    """The clocks that entering a stage at `basis` starts: for the plan of a migration."""
    part = definition.stages[stage]
    if part.ends:
        return ()
    found = [("within", part.within.time)] if part.within else []
    for rule in (*part.rules, *definition.rules):
        if rule.trigger.kind == "after" and rule.trigger.span:
            found.append((f"after:{rule.key}", rule.trigger.span))
    return tuple(sorted((Clock(span_end(calendar, basis, span), name, basis) for name, span in found), key=_due_first))


def work_clock(definition: Definition, calendar: WorkingCalendar, work: Work) -> Clock | None:
    """The clock of a piece of open work; None when it has no due time."""
    due = definition.work[work.name].due
    if due is None:
        return None
    return Clock(span_end(calendar, work.asked_at, due), f"work:{work.name}:{work.round}", work.asked_at)


_due_first = attrgetter("due", "name")
