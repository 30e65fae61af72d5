"""Reading an item: values, states of work, what a vote is for, and who may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from tasks.rules.process.conditions import getter, state_of
from tasks.rules.process.definition import Definition
from tasks.rules.process.slots import is_allowed
from tasks.rules.process.state import Item, OfficeFacts
from tasks.rules.process.values import content_hash as _hash_of

Right = Literal["see", "export", "edit_file"]


def value_of(definition: Definition, item: Item, name: str) -> Any:
    """The value of a field (also a computed one), `stage`, `visit` or `work.NAME`; None when it is empty."""
    return getter(definition, name)(item)


def work_state(item: Item, name: str) -> str | None:
    """The state of a piece of work or of a sub-process; None when it was never asked for."""
    return state_of(item, name)


def all_values(definition: Definition, item: Item) -> dict[str, Any]:
    """Every field with its value, computed ones too."""
    return {name: getter(definition, name)(item) for name in definition.fields}


def content_hash(definition: Definition, item: Item, work: str) -> str:
    """What a vote on `work` would be for now: SHA-256 over the fields it binds, '' when it binds none."""
    binds = definition.work[work].binds
    return _hash_of({name: getter(definition, name)(item) for name in binds}) if binds else ""


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Somebody who looks at an item: what slots ask for."""

    item: Item
    facts: OfficeFacts
    now: datetime
    actor: str

    @property
    def fields(self) -> Any:
        """The item's fields."""
        return self.item.fields

    @property
    def work(self) -> Any:
        """The item's work."""
        return self.item.work

    @property
    def children(self) -> Any:
        """The item's sub-processes."""
        return self.item.children

    @property
    def stage(self) -> str:
        """The item's stage."""
        return self.item.stage

    @property
    def visit(self) -> int:
        """The item's stay."""
        return self.item.visit

    @property
    def author(self) -> str:
        """Who began the item."""
        return self.item.author


def has_right(definition: Definition, facts: OfficeFacts, item: Item, actor: str, right: Right, now: datetime) -> bool:
    """Whether `actor` may see or export the item, or edit the file: a named slot, or all of the staff if none is."""
    slots = getattr(definition.rights, right)
    if not slots:
        return actor in facts.staff
    return is_allowed(Onlooker(item, facts, now, actor), slots)
