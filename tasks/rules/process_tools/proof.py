"""The proof of the engine: what it does with the recorded events is exactly what was recorded; else each difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal

from tasks.rules.process.clocks import clock_event
from tasks.rules.process.decisions import Decision
from tasks.rules.process.definition import Definition
from tasks.rules.process.state import Item
from tasks.rules.process_tools.playing import TaskIds, begun, replayed, with_made, with_rows
from tasks.rules.process_tools.recording import Course, Plain, decisions_plain

Known = Callable[[str, int], Definition | None]
"""The definition of a process in a version, None when it is not there."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One difference: `kind` says of what; `recorded` and `replayed` are what was written down and what came out.

    no_definition: the version is not kept. no_beginning: the record begins in the middle. clock: another clock was due,
    or none. clock_before: one was due before the event. decisions: others. item: the stored item differs.
    """

    item_id: int
    at: datetime
    kind: Literal["no_definition", "no_beginning", "clock", "clock_before", "decisions", "item"]
    key: str
    recorded: tuple[Any, ...] = ()
    replayed: tuple[Any, ...] = ()


def prove(
    courses: Sequence[Course], known: Known, tasks: TaskIds, since: datetime, stored: Item | None
) -> list[Mismatch]:
    """Replay one item's record from its beginning; differences at or after `since` are told.

    `stored` is the item as the office has it after the last of the records, None when it has gone on since.
    """
    found: list[Mismatch] = []
    item: Item | None = None
    for row in courses:
        definition = known(row.process, row.version)
        if definition is None:
            return [*found, _mismatch(row, "no_definition", (row.process, row.version))]
        if item is None and row.kind == "event":
            return [*found, _mismatch(row, "no_beginning")]
        item, differences = _replay(definition, item, row, tasks)
        found += [one for one in differences if row.event.at >= since]
        if any(one.kind in ("clock", "clock_before") for one in differences):
            return found  # what follows would only repeat it
    if item is not None and stored is not None and courses:
        found += _compare_items(courses[-1], item, with_rows(stored, tasks))
    return found


def _replay(definition: Definition, item: Item | None, row: Course, tasks: TaskIds) -> tuple[Item, list[Mismatch]]:
    if row.kind == "migrated" and row.state is not None:
        return with_rows(row.state, tasks), []
    if row.kind == "begin" or item is None:
        after, decisions = begun(definition, row)
        return with_made(with_rows(after, tasks), row.made), _compare(row, decisions)
    # a released item goes on; what had held it is not in the record
    item = replace(item, is_held=False)
    if row.is_clock:
        due = clock_event(item, row.event.seen_at) if item.clocks else None
        if due is None or due.key != row.event.key:
            return item, [_mismatch(row, "clock", (row.event.key,), (due.key,) if due else ())]
    try:
        after, decisions = replayed(definition, item, row, tasks)
    except ValueError as error:
        return item, [_mismatch(row, "clock_before", (), (str(error),))]
    return after, _compare(row, decisions)


def _compare(row: Course, decisions: Sequence[Decision]) -> list[Mismatch]:
    told = decisions_plain(decisions)
    if list(row.decisions) == told:
        return []
    recorded, made = _without(list(row.decisions), told), _without(told, list(row.decisions))
    return [_mismatch(row, "decisions", tuple(recorded or row.decisions), tuple(made or told))]


def _without(some: list[Plain], others: list[Plain]) -> list[Plain]:
    return [one for one in some if one not in others]


def _compare_items(row: Course, item: Item, stored: Item) -> list[Mismatch]:
    differ = [
        part.name
        for part in fields(Item)
        if part.name not in ("is_held", "status") and _settled(item, part.name) != _settled(stored, part.name)
    ]
    if not differ:
        return []
    was = tuple(f"{name}: {_settled(stored, name)}" for name in differ)
    return [_mismatch(row, "item", was, tuple(f"{name}: {_settled(item, name)}" for name in differ))]


def _settled(item: Item, name: str) -> Any:
    """A part of an item; empty fields are no fields."""
    value = getattr(item, name)
    return {key: one for key, one in value.items() if one is not None} if name == "fields" else value


def _mismatch(row: Course, kind: Any, recorded: tuple[Any, ...] = (), made: tuple[Any, ...] = ()) -> Mismatch:
    return Mismatch(row.item_id, row.event.at, kind, row.event.key, recorded, made)
