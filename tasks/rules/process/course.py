"""A whole course in memory: events in order, and between them every clock that is due, as rule 1 of SEMANTICS says.

What comes out does not depend on when, how often or by how many workers the clock is looked at; only the messages of
repeats that were missed collapse into the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tasks.rules.process.clocks import clock_event, next_due
from tasks.rules.process.decisions import Decision, Hold, Notify
from tasks.rules.process.definition import Definition
from tasks.rules.process.state import Event, Item, OfficeFacts
from tasks.rules.process.step import step

Facts = OfficeFacts | Callable[[datetime], OfficeFacts]
MAX_CLOCKS = 10_000
"""So many firings of one item's clocks are taken in one look; the rest waits for the next one."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One event of the course: what it decided and the item after it. Each is applied in its own transaction."""

    event: Event
    decisions: tuple[Decision, ...]
    item: Item


def course(
    definition: Definition,
    facts: Facts,
    item: Item,
    events: Iterable[Event] = (),
    until: datetime | None = None,
    seen_at: datetime | None = None,
) -> Iterator[Taken]:
    """Take the events in the order given; clocks due before each come first, after the last those due by `until`.

    Events are in order when sorted by (effective time, ledger id). `facts` is the office, or what gives it as known at
    a moment. `seen_at` is when the office looks (a clock due earlier is late and says so); None: clocks are never late.
    The course stops where the item is held: what comes after waits.
    """
    for event in events:
        for taken in _clocks(definition, facts, item, lambda due, at=event.at: due < at, seen_at):  # type: ignore[misc]  # at is bound now
            yield taken
            item = taken.item
        due = next_due(item)
        if item.is_held and event.name not in ("hold_released", "changed"):
            return
        if due is not None and due < event.at:
            return
        item, decisions = step(definition, _known(facts, event.at), item, event)
        yield Taken(event, decisions, item)
    if until is not None:
        yield from _clocks(definition, facts, item, lambda due: due <= until, seen_at)


def in_order(events: Iterable[Event]) -> list[Event]:
    """The events by effective time; equal times keep the order of the ledger."""
    return sorted(events, key=lambda event: event.at)


def _known(facts: Facts, at: datetime) -> OfficeFacts:
    return facts if isinstance(facts, OfficeFacts) else facts(at)


def _clocks(
    definition: Definition, facts: Facts, item: Item, is_due: Callable[[datetime], bool], seen_at: datetime | None
) -> Iterator[Taken]:
    found: list[Taken] = []
    while (due := next_due(item)) is not None and is_due(due) and len(found) < MAX_CLOCKS:
        event = clock_event(item, seen_at)
        item, decisions = step(definition, _known(facts, due), item, event)
        found.append(Taken(event, decisions, item))
    yield from _collapsed(found) if len(found) > 1 and seen_at else found


def _collapsed(found: Sequence[Taken]) -> Iterator[Taken]:
    """Repeats of one clock that were missed: only the last one's messages are sent, and say how many it stands for."""
    last = {(taken.event.clock, _visit(taken)): n for n, taken in enumerate(found) if _has_message(taken)}
    missed: dict[tuple[str, str], int] = {}
    for n, taken in enumerate(found):
        key = (taken.event.clock, _visit(taken))
        if key not in last or not key[0].startswith("after:"):
            yield taken
        elif last[key] != n:
            missed[key] = missed.get(key, 0) + _has_message(taken)
            yield replace(taken, decisions=tuple(_quiet(one, taken.event.clock) for one in taken.decisions))
        else:
            count = missed.get(key, 0)
            said = (_counted(one, taken.event.clock, count) for one in taken.decisions)
            yield replace(taken, decisions=tuple(said) if count else taken.decisions)


def _visit(taken: Taken) -> str:
    """The stay in the stage that the clock belonged to: its key without clock and firing."""
    return taken.event.key.removesuffix(f":{taken.event.key.rpartition(':')[2]}")


def _has_message(taken: Taken) -> bool:
    rule = taken.event.clock.removeprefix("after:")
    is_held = any(isinstance(one, Hold) for one in taken.decisions)
    return not is_held and any(isinstance(one, Notify) and one.rule == rule for one in taken.decisions)


def _quiet(decision: Decision, clock: str) -> Decision:
    is_own = isinstance(decision, Notify) and f"after:{decision.rule}" == clock
    return replace(decision, is_collapsed=True) if is_own and isinstance(decision, Notify) else decision


def _counted(decision: Decision, clock: str, missed: int) -> Decision:
    is_own = isinstance(decision, Notify) and f"after:{decision.rule}" == clock
    return replace(decision, missed=missed) if is_own and isinstance(decision, Notify) else decision
