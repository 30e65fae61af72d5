"""Names that only the whole office can answer: its roles, and the processes that start each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tasks.rules.process.actions import (
    AssignPerson,
    PutInCalendar,
    Reference,
    Start,
    Tell,
    WriteIncident,
)
from tasks.rules.process.comparisons import check_condition, check_value
from tasks.rules.process.definition import Definition
from tasks.rules.process.field_types import takes
from tasks.rules.process.grammar import Grammar, Path, did_you_mean
from tasks.rules.process.loader import all_actions, all_rules
from tasks.rules.process.names import BUILT_IN_SLOTS, child_names

Flaw = tuple[str, Path, str]


def check_references(definitions: Mapping[str, Definition], roles: Collection[str]) -> list[Flaw]:
    """Every mistake as (process, place, reason): slots that are neither fields nor roles, processes that are not there.

    `definitions` are the office's processes by name, `roles` its roles. Also refuses processes that start each other
    in a circle at once, without a person in between: a new item would begin the next one for ever.
    """
    flaws: list[Flaw] = []
    for definition in definitions.values():
        grammar = Grammar()
        for path, name in used_roles(definition):
            if name not in roles:
                people = [*definition.fields, *roles, *BUILT_IN_SLOTS]
                grammar.refuse(
                    path, f"there is no field and no role {name!r} in the office{did_you_mean(name, people)}"
                )
        for path, action in all_actions(definition):
            if isinstance(action, Start):
                _check_start(definitions, definition, action, grammar, (*path, "start"))
        for n, start in enumerate(definition.start_on):
            _check_start_on(definitions, definition, n, grammar, start)
        flaws.extend((definition.name, path, reason) for path, reason in grammar.flaws)
    return flaws + _circles(definitions)


def used_roles(definition: Definition) -> Iterator[tuple[Path, str]]:
    """Every slot that is no field of the process, with its place."""
    for path, slot in _slots(definition):
        if slot not in definition.fields and slot not in BUILT_IN_SLOTS:
            yield path, slot


def _slots(definition: Definition) -> Iterator[tuple[Path, str]]:
    for work in definition.work.values():
        here: Path = ("work", work.name)
        asked = [slot for who in work.who for slot in who.slots]
        for key, slots in (("who", asked), ("watch", work.watch), ("closed_by", work.closed_by)):
            yield from (((*here, key), slot) for slot in dict.fromkeys(slots))
    for stage in definition.stages.values():
        blame = stage.within.blame if stage.within else ()
        yield from ((("stages", stage.name, "within", "blame"), slot) for slot in blame)
    for path, rule in all_rules(definition):
        yield from (((*path, "by"), slot) for slot in rule.by)
    for path, action in all_actions(definition):
        yield from ((path, slot) for slot in _action_slots(action))
    for key in ("see", "export", "edit_file"):
        yield from ((("rights", key), slot) for slot in getattr(definition.rights, key))


def _action_slots(action: Any) -> tuple[str, ...]:
    if isinstance(action, Tell):
        return action.to
    if isinstance(action, AssignPerson):
        return action.roles
    if isinstance(action, PutInCalendar):
        return (action.who,)
    return (action.on,) if isinstance(action, WriteIncident) else ()


def _check_start(
    definitions: Mapping[str, Definition], ours: Definition, action: Start, grammar: Grammar, path: Path
) -> None:
    theirs = definitions.get(action.process)
    if theirs is None:
        hint = did_you_mean(action.process, definitions)
        grammar.refuse((*path, "process"), f"there is no process {action.process!r} in the office{hint}")
        return
    _check_given(ours, theirs, action.with_fields, grammar, (*path, "with"))
    for mine, name in action.returns.items():
        part = theirs.fields.get(name)
        here = (*path, "returns", mine)
        if part is None:
            hint = did_you_mean(name, theirs.fields)
            grammar.refuse(here, f"{theirs.name} has no field {name!r}{hint}")
        elif mine in ours.fields and not takes(ours.fields[mine].type, part.type):
            grammar.refuse(here, f"{mine!r} is of type {ours.fields[mine].type}, its {name!r} of type {part.type}")


def _check_start_on(
    definitions: Mapping[str, Definition], ours: Definition, n: int, grammar: Grammar, start: Any
) -> None:
    path: Path = ("start_on", n)
    other = definitions.get(start.process)
    if other is None:
        hint = did_you_mean(start.process, definitions)
        grammar.refuse((*path, "process"), f"there is no process {start.process!r} in the office{hint}")
        return
    if not any(stage.ends == start.ended for stage in other.stages.values()):
        grammar.refuse((*path, "ended"), f"{other.name} never ends as {start.ended}")
    check_condition(other, child_names(other), grammar, start.condition, (*path, "if"))
    _check_given(other, ours, start.with_fields, grammar, (*path, "with"))


def _check_given(
    source: Definition, target: Definition, given: Mapping[str, Any], grammar: Grammar, path: Path
) -> None:
    for name, value in given.items():
        part = target.fields.get(name)
        if part is None:
            grammar.refuse((*path, name), f"{target.name} has no field {name!r}{did_you_mean(name, target.fields)}")
        elif part.compute:
            grammar.refuse((*path, name), f"{name!r} of {target.name} is computed and cannot be given")
        elif not isinstance(value, Reference) or value.name != "now":
            check_value(source, grammar, part, value, (*path, name))
    for part in target.fields.values():
        if part.is_required and part.name not in given:
            grammar.refuse(path, f"{target.name} requires the field {part.name!r}")


def _circles(definitions: Mapping[str, Definition]) -> list[Flaw]:
    """Processes whose first stage starts the next one whose first stage … starts the first."""
    starts = {
        name: [a.process for a in definition.stages[definition.first_stage].enter if isinstance(a, Start)]
        for name, definition in definitions.items()
        if definition.stages
    }
    flaws: list[Flaw] = []
    for name in starts:
        way = [name]
        while (following := next(iter(starts.get(way[-1], ())), "")) and following not in way:
            way.append(following)
        if following == name:
            words = " → ".join((*way, name))
            flaws.append(
                (name, ("stages", definitions[name].first_stage), f"processes start each other in a circle: {words}")
            )
    return flaws
