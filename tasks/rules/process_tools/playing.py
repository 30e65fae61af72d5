"""Playing a recorded course through the engine: exactly as it was, or its inputs under another file, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tasks.rules.process.clocks import clock_event, next_due
from tasks.rules.process.decisions import Decision, Hold, Refuse
from tasks.rules.process.definition import Definition
from tasks.rules.process.state import VERBS, Event, Item, OfficeFacts
from tasks.rules.process.step import begin, step
from tasks.rules.process_tools.recording import Course

TaskIds = Mapping[tuple[str, int, str], int]
"""The office's rows of an item's work by (name, round, owner)."""
Look = Callable[[Event, Sequence[Decision], Item], None]
"""What is told of every event that was played."""
Following = Callable[[Item, datetime], Event | None]
"""Gives, once, the first added event before a moment."""


def _nothing(_item: Item, _until: datetime) -> Event | None:
    return None


def begun(definition: Definition, row: Course) -> tuple[Item, tuple[Decision, ...]]:
    """The item as its recorded beginning makes it."""
    event = row.event
    return begin(
        definition,
        row.facts,
        key=row.item_key,
        at=event.at,
        actor=event.actor,
        author=row.author,
        fields=event.sets,
        is_command=event.is_command,
        hops=event.hops,
    )


def with_rows(item: Item, tasks: TaskIds) -> Item:
    """The item with the ids that the office gave to its work."""
    work = {
        name: replace(
            one,
            rows=tuple(replace(row, task_id=tasks.get((row.name, row.round, row.owner))) for row in one.rows),
        )
        for name, one in item.work.items()
    }
    return replace(item, work=work)


def with_made(item: Item, made: Mapping[str, str]) -> Item:
    """The item with the numbers of the papers that were made for it."""
    return replace(item, fields={**item.fields, **made}) if made else item


def by_name(row: Course, tasks: TaskIds) -> Event:
    """A recorded answer that names its work and not the office's row: under another file it is another row."""
    event = row.event
    if event.name not in VERBS:
        return event
    names = {task_id: name for (name, _, _), task_id in tasks.items()}
    work = event.work or names.get(event.task_id or 0, "") or next(iter(answered_in(row)), "")
    return replace(event, work=work, task_id=None, round=None, content_hash="") if work else event


def answered_in(row: Course) -> tuple[str, ...]:
    """The work that a recorded event has begun or closed."""
    return tuple(one["owed"]["name"] for one in row.decisions if one["is"] in ("CloseWork", "BeginWork"))


def play_inputs(
    definition: Definition,
    courses: Sequence[Course],
    tasks: TaskIds,
    until: datetime,
    look: Look,
    following: Following = _nothing,
) -> Item | None:
    """The item after its recorded inputs (commands and facts, not clocks) under a definition, and the clocks till then.

    `following` may add events: it is asked for the first of them before a moment, again after every step. None: the
    item cannot begin under this definition. What holds the item is told, left out, and the item goes on.
    """
    item, decisions = begun(definition, courses[0])
    look(courses[0].event, decisions, item)
    if any(isinstance(one, Refuse | Hold) for one in decisions):
        return None
    player = _Player(definition, courses[0].facts, look, following)
    for row in courses[1:]:
        if row.is_clock or row.kind != "event" or row.event.at >= until:
            continue
        player.facts = row.facts
        item = player.take(player.advance(item, row.event.at), by_name(row, tasks))
        item = with_made(item, {name: text for name, text in row.made.items() if name in definition.fields})
    return player.advance(item, until)


class _Player:
    """One item on its way through a definition."""

    def __init__(self, definition: Definition, facts: OfficeFacts, look: Look, following: Following) -> None:
        self._definition, self._look, self._following = definition, look, following
        self.facts = facts

    def advance(self, item: Item, until: datetime) -> Item:
        """Let clocks and added events that come before `until` happen, in the order of their times."""
        while True:
            due = next_due(item)
            added = self._following(item, until if due is None else min(due, until))
            if added is not None:
                item = self.take(item, added)
            elif due is not None and due < until:
                item = self.take(item, clock_event(item))
            else:
                return item

    def take(self, item: Item, event: Event) -> Item:
        """One event before which no clock is due."""
        item, decisions = step(self._definition, self.facts, item, event)
        self._look(event, decisions, item)
        if event.clock and any(isinstance(one, Hold) for one in decisions):
            item = replace(item, clocks=item.clocks[1:])  # nobody is here to release it
        return replace(item, is_held=False)


def replayed(definition: Definition, item: Item, row: Course, tasks: TaskIds) -> tuple[Item, tuple[Decision, ...]]:
    """One recorded event exactly as it was given to the engine. Raises ValueError when a clock was due before it."""
    item, decisions = step(definition, row.facts, item, row.event)
    return with_made(with_rows(item, tasks), row.made), decisions
