"""What the end of an item brings about elsewhere: processes that start on it, and news for the parent (rule 9)."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.rules.process.actions import Reference
from tasks.rules.process.conditions import compile_condition, getter
from tasks.rules.process.decisions import StartProcess
from tasks.rules.process.definition import Definition
from tasks.rules.process.state import Event, Item
from tasks.rules.process.values import is_empty


def follow_ups(
    definitions: Mapping[str, Definition], definition: Definition, item: Item, event: Event
) -> tuple[StartProcess, ...]:
    """The processes whose `start_on` wants the end of this item, given the event that ended it.

    Asked once, for the event whose Move has an outcome; the key of each new item is natural: (our key, its process).
    """
    found = []
    for other in definitions.values():
        for start in other.start_on:
            if (start.process, start.ended) != (definition.name, item.outcome):
                continue
            test = compile_condition(definition, start.condition)
            if test is None or test(item) is True:
                given = {
                    name: getter(definition, value.name)(item) if isinstance(value, Reference) else value
                    for name, value in start.with_fields.items()
                }
                fields = {name: value for name, value in given.items() if not is_empty(value)}
                author = event.actor if event.actor.startswith("person:") else item.author
                key = f"{item.key}/ended/{other.name}"
                found.append(StartProcess(other.name, other.name, 1, key, fields, False, author, event.hops + 1))
    return tuple(found)


def child_ended(child: Item, definition: Definition, name: str, number: int, event: Event) -> Event:
    """The parent's event for the end of its sub-process `name` of round `number`, ended by `event`."""
    returned = {field: getter(definition, field)(child) for field in definition.fields}
    return Event(
        key=f"{child.key}:ended",
        at=event.at,
        name="child_ended",
        is_command=False,
        work=name,
        round=number,
        outcome=child.outcome,
        returned=returned,
        hops=event.hops + 1,
    )
