"""Values that come with an event: each checked against its field; and which fields a chain has really changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tasks.rules.nearest_name import nearest
from tasks.rules.process.field_types import READERS, ValueFlawError
from tasks.rules.process.reasons import Reason, RefusedError
from tasks.rules.process.state import Child, Work
from tasks.rules.process.values import is_empty

if TYPE_CHECKING:
    from tasks.rules.process.chain import Chain


@dataclass(slots=True)
class Before:
    """The fields as they were; computed ones read nothing else."""

    fields: Mapping[str, Any]
    work: Mapping[str, Work] = field(default_factory=dict)
    children: Mapping[str, Child] = field(default_factory=dict)
    stage: str = ""
    visit: int = 0


def set_given(chain: Chain) -> None:
    """Set the fields that come with the event. Raises RefusedError for a name or value that the file does not know."""
    if chain.event.sets:
        set_values(chain, chain.event.sets, chain.actor)


def set_values(chain: Chain, values: Mapping[str, Any], by: str) -> None:
    """Set fields to values from outside; `by` is kept as the author of what a four-eyes vote is about."""
    program = chain.program
    for name, raw in values.items():
        part = program.fields.get(name)
        if part is None:
            raise RefusedError(Reason("unknown", name, wanted=nearest(name[:60], program.fields)))
        if part.compute:
            raise RefusedError(Reason("computed", name))
        try:
            value = None if not raw and is_empty(raw) else READERS[part.type](part, raw)
        except ValueFlawError as flaw:
            raise RefusedError(Reason("value", name, found=raw, wanted=flaw.wanted)) from None
        if by and name in program.four_eyes and chain.fields.get(name) != value:
            chain.authors = {**chain.authors, name: by}
        chain.set_field(name, value)


def changed_names(chain: Chain, changed: Mapping[str, Any]) -> set[str]:
    """The fields that are another now than before, and the computed ones that follow from them."""
    before = Before({**chain.fields, **changed})
    names = {name for name, old in changed.items() if chain.fields[name] != old}
    derived = chain.program.derived
    return names | {other for name in names for other, get in derived.get(name, ()) if get(before) != get(chain)}
