"""Whether what a file compares and sets fits the types of its fields: a mistake here would be false for ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks.rules.process.definition import AllOf, AnyOf, Condition, Definition, FieldPart, NotOf, Reference, Start, Test
from tasks.rules.process.field_types import LISTS, ORDERED, ValueFlawError, are_comparable, read_value, takes
from tasks.rules.process.grammar import Grammar, Path, did_you_mean, shown

_ORDER = ("above", "below", "at_least", "at_most")
_CHILD_STATES = ("open", "won", "lost", "cancelled")
_VOTE_STATES = ("open", "begun", "approved", "declined", "withdrawn", "void", "overdue")
_TASK_STATES = ("open", "begun", "done", "withdrawn", "overdue")


def check_condition(
    definition: Definition, children: Mapping[str, Start], grammar: Grammar, condition: Condition, path: Path
) -> None:
    """Refuse unknown names and values that can never compare."""
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            check_condition(definition, children, grammar, part, path)
    elif isinstance(condition, NotOf):
        check_condition(definition, children, grammar, condition.part, path)
    else:
        _check_test(definition, children, grammar, condition, _narrow(path, condition))


def _narrow(path: Path, test: Test) -> Path:
    return (*path, test.name)


def _check_test(
    definition: Definition, children: Mapping[str, Start], grammar: Grammar, test: Test, path: Path
) -> None:
    if test.name.startswith("work."):
        _check_work_test(definition, children, grammar, test, path)
    elif test.name == "stage":
        _check_words(test, tuple(definition.stages), "stage", grammar, path)
    elif test.name == "visit":
        if test.operator in ("has", "covers", "filled") or not _are_whole(test.wanted):
            grammar.refuse(path, "visit is a whole number")
    elif test.name not in definition.fields:
        allowed = (*definition.fields, "stage", "visit", *(f"work.{name}" for name in (*definition.work, *children)))
        grammar.refuse(path, f"there is no field {test.name!r}{did_you_mean(test.name, allowed)}")
    else:
        _check_field_test(definition, grammar, test, path)


def _are_whole(wanted: Any) -> bool:
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    return all(isinstance(value, int) and not isinstance(value, bool) for value in values)


def _check_work_test(
    definition: Definition, children: Mapping[str, Start], grammar: Grammar, test: Test, path: Path
) -> None:
    name = test.name.removeprefix("work.")
    if name in children:
        states: tuple[str, ...] = _CHILD_STATES
    elif name in definition.work:
        states = _VOTE_STATES if definition.work[name].is_vote else _TASK_STATES
    else:
        grammar.refuse(path, f"there is no work {name!r}{did_you_mean(name, (*definition.work, *children))}")
        return
    _check_words(test, states, f"state of {name}", grammar, path)


def _check_words(test: Test, allowed: tuple[str, ...], noun: str, grammar: Grammar, path: Path) -> None:
    """Comparisons with one of a few words; nothing (null, filled) asks whether there is one at all."""
    if test.operator == "filled" or (test.operator == "is" and test.wanted is None):
        return
    if test.operator not in ("is", "is_not", "in"):
        grammar.refuse(path, f"{test.operator} does not fit: a {noun} is compared by is, is_not or in")
        return
    for wanted in test.wanted if test.operator == "in" else (test.wanted,):
        if wanted not in allowed:
            hint = did_you_mean(str(wanted), allowed) or f"; it is one of {', '.join(allowed)}"
            grammar.refuse(path, f"there is no {noun} {shown(wanted)}{hint}")


def _check_field_test(definition: Definition, grammar: Grammar, test: Test, path: Path) -> None:
    part, operator = definition.fields[test.name], test.operator
    if operator == "filled" or (operator == "is" and test.wanted is None):
        return
    is_list = part.type in LISTS
    if operator in ("has", "covers") and not is_list:
        grammar.refuse(path, f"{operator} asks a list; {part.name!r} is of type {part.type}")
    elif operator in _ORDER and part.type not in ORDERED:
        grammar.refuse(path, f"{operator} compares numbers, money, dates and times; {part.name!r} is {part.type}")
    elif test.wanted is None:
        grammar.refuse(path, f"{operator} needs a value; to ask for nothing, write `filled: false`")
    elif operator == "has":
        if isinstance(test.wanted, tuple):
            grammar.refuse(path, "has asks for one item; covers asks for several")
        elif not isinstance(test.wanted, Reference):
            check_value(definition, grammar, part, (test.wanted,), path)
        else:
            _known(definition, grammar, test.wanted, path)
    elif operator == "in":
        for wanted in test.wanted:
            check_value(definition, grammar, part, wanted, path, is_comparison=True)
    else:
        check_value(definition, grammar, part, test.wanted, path, is_comparison=True)


def _known(definition: Definition, grammar: Grammar, reference: Reference, path: Path) -> FieldPart | None:
    found = definition.fields.get(reference.name)
    if found is None:
        hint = did_you_mean(reference.name, definition.fields)
        grammar.refuse(path, f"there is no field {reference.name!r} behind ${reference.name}{hint}")
    return found


def check_value(
    definition: Definition,
    grammar: Grammar,
    part: FieldPart,
    value: Any,
    path: Path,
    *,
    is_now_allowed: bool = False,
    is_comparison: bool = False,
) -> None:
    """Refuse a literal or a reference that the field cannot take, or be compared with."""
    if isinstance(value, Reference):
        if is_now_allowed and value.name == "now":
            if part.type not in ("time", "date", "text"):
                grammar.refuse(path, f"$now is a time; {part.name!r} is of type {part.type}")
            return
        other = _known(definition, grammar, value, path)
        fits = are_comparable if is_comparison else takes
        if other and not fits(part.type, other.type):
            grammar.refuse(path, f"{part.name!r} is of type {part.type}, ${other.name} of type {other.type}")
        return
    if (part.type == "money" and isinstance(value, str)) or (part.type == "number" and isinstance(value, str)):
        grammar.refuse(path, f"{part.name!r} is of type {part.type}: write a number without quotes, not {shown(value)}")
        return
    try:
        read_value(part, value)
    except ValueFlawError as flaw:
        grammar.refuse(path, f"{part.name!r} cannot be {shown(value)}: {possible(flaw.wanted)}")


def possible(wanted: Any) -> str:
    """What a field takes, as words of the file's language."""
    if isinstance(wanted, tuple):
        return f"one of {', '.join(wanted)}"
    return _POSSIBLE[wanted]


_POSSIBLE = {
    "text": "it is a text",
    "number": "it is a number",
    "money": "it is an amount",
    "date": "it is a date such as 2026-11-17",
    "time": "it is a time with its zone such as 2026-11-17T10:30:00+03:00",
    "flag": "it is true or false",
    "list": "it is a list",
    "person": "it is a person; write $FIELD",
    "contact": "it is a person or a contact; write $FIELD",
}
