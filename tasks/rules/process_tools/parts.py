"""Walking through a definition: which stages follow which, what is asked where, which fields are read and written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from tasks.rules.process.definition import (
    Action,
    Ask,
    AssignPerson,
    Condition,
    Definition,
    MakePaper,
    NotOf,
    PutInCalendar,
    Reference,
    Rule,
    SetValue,
    Start,
    Test,
    Trigger,
)

_SLOTS = ("slots", "to", "by", "watch", "closed_by", "binds", "needs", "blame", "on", "roles")
_PLACE = re.compile(r"\{(\w+)\}")


def rules_in(definition: Definition, stage: str) -> tuple[Rule, ...]:
    """The rules that can act in a stage: its own, then the common ones; none in a stage that ends the item."""
    part = definition.stages[stage]
    return () if part.ends else (*part.rules, *definition.rules)


def actions_in(definition: Definition, stage: str) -> Iterator[tuple[Action, Rule | None]]:
    """Every action of a stage with its rule (None: on entering), those of the common rules too."""
    yield from ((action, None) for action in definition.stages[stage].enter)
    yield from ((action, rule) for rule in rules_in(definition, stage) for action in rule.do)


def followers(definition: Definition, *, has_common: bool = True) -> dict[str, set[str]]:
    """The stages that each stage can lead to; without the common rules when `has_common` is False."""
    return {
        stage: {rule.to for rule in (rules_in(definition, stage) if has_common else part.rules) if rule.to}
        for stage, part in definition.stages.items()
    }


def reached(ways: Mapping[str, set[str]], start: str) -> set[str]:
    """Every stage that can be reached from one, itself included."""
    seen, rest = {start}, [start]
    while rest:
        for following in ways.get(rest.pop(), ()):
            if following not in seen:
                seen.add(following)
                rest.append(following)
    return seen


def tests_of(condition: Condition) -> Iterator[Test]:
    """Every comparison of a condition."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, NotOf):
        yield from tests_of(condition.part)
    else:
        for part in condition.parts:
            yield from tests_of(part)


def names_read(part: Any) -> set[str]:
    """Every field that a part of the definition reads: in comparisons, references, texts and slots."""
    if isinstance(part, str):
        return set(_PLACE.findall(part))
    if isinstance(part, Mapping):
        return {name for value in part.values() for name in names_read(value)}
    if isinstance(part, tuple):
        return {name for value in part for name in names_read(value)}
    if not is_dataclass(part):
        return set()
    found = {part.name} if isinstance(part, Test | Reference) else set()
    found |= {part.at, part.who} if isinstance(part, PutInCalendar) else set()
    for one in fields(part):
        value = getattr(part, one.name)
        found |= names_read(value)
        if one.name in _SLOTS:
            found |= {value} if isinstance(value, str) else set(value)
    return found | (set(part.fields) if isinstance(part, Trigger) else set())


def fields_read(definition: Definition) -> set[str]:
    """The fields that anything in the file reads."""
    found = names_read((tuple(definition.work.values()), tuple(definition.stages.values()), definition.rules))
    found |= {name for part in definition.fields.values() if part.compute for name in part.compute.inputs}
    found |= {slot for slots in (definition.rights.see, definition.rights.export) for slot in slots}
    return found & set(definition.fields)


def fields_written(definition: Definition) -> set[str]:
    """The fields that the file itself sets."""
    found: set[str] = set()
    for stage in definition.stages:
        for action, _ in actions_in(definition, stage):
            if isinstance(action, SetValue | AssignPerson | MakePaper):
                found.add(action.field)
            elif isinstance(action, Start):
                found |= set(action.returns)
    return found | {name for start in definition.start_on for name in start.with_fields}


def asked_in(definition: Definition, work: str) -> set[str]:
    """The stages in which a piece of work can be open because it was asked for there."""
    return {
        stage
        for stage, part in definition.stages.items()
        if not part.ends
        for action, rule in actions_in(definition, stage)
        if isinstance(action, Ask) and action.work == work and _stays(definition, work, rule, stage)
    }


def _stays(definition: Definition, work: str, rule: Rule | None, stage: str) -> bool:
    """Whether work that the rule asks for is still open after it: a move takes the stage's work back."""
    return rule is None or not rule.to or definition.work[work].is_for_item
