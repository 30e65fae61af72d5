"""Which fields somebody may fill in because open work asks it of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tasks.rules.assignment import Staff, speaks_for
from tasks.rules.process.definition import AllOf, AnyOf, Condition, Definition, NotOf, Test
from tasks.rules.process.state import Item


def fields_asked_of(definition: Definition, item: Item, staff: Staff, actor: str, day: date) -> frozenset[str]:
    """The fields that open work of `actor`, or of somebody they stand in for, does not close without."""
    owed = [
        name
        for name, work in item.work.items()
        if any(row.state == "open" and speaks_for(staff, actor, row.owner, day) for row in work.rows)
    ]
    named = {field for name in owed for field in _names(definition.work[name].close_if)}
    given = {name for name in named if name in definition.fields}
    computed = {name: definition.fields[name].compute for name in given}
    inputs = {field for compute in computed.values() if compute for field in compute.inputs}
    return frozenset({name for name in given if computed[name] is None} | inputs)


def _names(condition: Condition) -> Iterator[str]:
    match condition:
        case Test(name):
            yield name
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _names(part)
        case NotOf(part):
            yield from _names(part)
