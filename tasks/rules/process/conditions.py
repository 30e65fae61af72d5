"""Conditions as closures over an item: true, false, or unknown because something is empty (rule 6 of SEMANTICS).

A comparison with an empty field is unknown, and unknown never holds, not even under `not`. Only `is: null` and `filled`
test emptiness; an empty list is an empty list for `has` and `covers`. Work that was never asked for is no empty field:
it simply is in none of the states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Protocol

from tasks.rules.process.actions import ALWAYS, AnyOf, Condition, NotOf, Reference, Test
from tasks.rules.process.definition import Compute, Definition, FieldPart
from tasks.rules.process.state import Child, Work
from tasks.rules.process.values import is_empty, sum_of


class View(Protocol):
    """What a condition can look at: an item, or the chain that is changing one."""

    @property
    def fields(self) -> Mapping[str, Any]: ...
    @property
    def work(self) -> Mapping[str, Work]: ...
    @property
    def children(self) -> Mapping[str, Child]: ...
    @property
    def stage(self) -> str: ...
    @property
    def visit(self) -> int: ...


Getter = Callable[[View], Any]
Holds = Callable[[View], bool | None]
Compare = Callable[[Any, Any], bool]
_COMPARE: Mapping[str, Compare] = {
    "is": eq,
    "is_not": ne,
    "above": gt,
    "below": lt,
    "at_least": ge,
    "at_most": le,
    "in": lambda found, wanted: found in wanted,
}


def getter(definition: Definition, name: str) -> Getter:
    """What gives the value behind a field's name, `stage`, `visit` or `work.NAME`; None when it is empty."""
    if name.startswith("work."):
        work = name.removeprefix("work.")
        return lambda view: state_of(view, work)
    if name == "stage":
        return lambda view: view.stage
    if name == "visit":
        return lambda view: view.visit
    part = definition.fields.get(name)
    if part and part.compute:
        known = definition.computed
        if name not in known:
            known[name] = _computed(part, part.compute)
        found: Getter = known[name]
        return found
    return lambda view: view.fields.get(name)


def _computed(part: FieldPart, compute: Compute) -> Getter:
    return _sum(compute) if compute.sum_of else _pick(compute, part.type in ("list", "files"))


def _sum(compute: Compute) -> Getter:
    """The sum of a list, kept for the list it was last asked for: one event asks for it again and again."""
    source = compute.sum_of
    last: tuple[Any, Any] = (None, None)

    def total(view: View) -> Any:
        nonlocal last
        lines = view.fields.get(source)
        if not lines:
            return None
        kept, found = last
        if kept is not lines:
            found = sum_of(lines)
            last = (lines, found) if type(lines) is tuple else last
        return found

    return total


def _pick(compute: Compute, is_list: bool) -> Getter:
    """A value nobody foresaw picks nothing: the field stays empty, there is no silent default."""
    options, pick_by, plus = compute.options, compute.pick_by, compute.plus

    def picked(view: View) -> Any:
        by = view.fields.get(pick_by)
        found = options.get(by if type(by) is str else str(by))
        if found is None or (not by and is_empty(by)):
            return None
        if not is_list:
            return found[0] if len(found) == 1 else found
        more = view.fields.get(plus) if plus else None
        return (*found, *(one for one in more if one not in found)) if more else found

    return picked


def state_of(view: View, name: str) -> str | None:
    """open, done, approved, declined, withdrawn, void; won, lost, cancelled; None when never asked for or started."""
    found = view.work.get(name) or view.children.get(name)
    return found.state if found else None


def compile_condition(definition: Definition, condition: Condition) -> Holds | None:
    """The condition as a closure; None for one that always holds."""
    if condition == ALWAYS:
        return None
    if isinstance(condition, Test):
        return _compile_test(definition, condition)
    if isinstance(condition, NotOf):
        inner = compile_condition(definition, condition.part)
        return _negated(inner) if inner else lambda _view: False
    parts = [compile_condition(definition, part) for part in condition.parts]
    tests = [part for part in parts if part]
    if isinstance(condition, AnyOf):
        return _any(tests) if len(tests) == len(parts) else None
    return tests[0] if len(tests) == 1 else _all(tests) if tests else None


def _negated(inner: Holds) -> Holds:
    def negated(view: View) -> bool | None:
        found = inner(view)
        return None if found is None else not found

    return negated


def _all(tests: list[Holds]) -> Holds:
    def every(view: View) -> bool | None:
        found: bool | None = True
        for test in tests:
            one = test(view)
            if one is False:
                return False
            if one is None:
                found = None
        return found

    return every


def _any(tests: list[Holds]) -> Holds:
    def some(view: View) -> bool | None:
        found: bool | None = False
        for test in tests:
            one = test(view)
            if one is True:
                return True
            if one is None:
                found = None
        return found

    return some


def _compile_test(definition: Definition, test: Test) -> Holds:
    get, operator, wanted = getter(definition, test.name), test.operator, test.wanted
    if operator == "filled" or (operator == "is" and wanted is None):
        return _filled(get, wanted is not None and bool(wanted))
    if test.name.startswith("work."):
        return _work_test(test.name.removeprefix("work."), operator, wanted)
    if operator in ("has", "covers"):
        return _contains(definition, test)
    part = definition.fields.get(test.name)
    other = getter(definition, wanted.name) if isinstance(wanted, Reference) else None
    if part and part.type == "time":
        return _times(get, _COMPARE[operator], other, wanted)
    if other:
        return _compared(get, _COMPARE[operator], other)
    if part and not part.compute:
        return _field_compared(test.name, _COMPARE[operator], wanted)
    return _value_compared(get, _COMPARE[operator], wanted)


def _filled(get: Getter, is_wanted: bool) -> Holds:
    """`filled`, and `is: null`, which asks for the opposite."""

    def is_filled(view: View) -> bool:
        found = get(view)
        return (not found and is_empty(found)) is not is_wanted

    return is_filled


def _compared(get: Getter, compare: Compare, other: Getter) -> Holds:
    def with_field(view: View) -> bool | None:
        found, value = get(view), other(view)
        return None if is_empty(found) or is_empty(value) else compare(found, value)

    return with_field


def _value_compared(get: Getter, compare: Compare, wanted: Any) -> Holds:
    def with_value(view: View) -> bool | None:
        found = get(view)
        if not found and (found is None or found == "" or found == ()):  # a decimal is slow to compare with text
            return None
        return compare(found, wanted)

    return with_value


def _field_compared(name: str, compare: Compare, wanted: Any) -> Holds:
    """The commonest comparison of all, without a call for the field."""

    def with_value(view: View) -> bool | None:
        found = view.fields.get(name)
        if not found and (found is None or found == "" or found == ()):
            return None
        return compare(found, wanted)

    return with_value


def _times(get: Getter, compare: Compare, other: Getter | None, wanted: Any) -> Holds:
    """Times are written in any zone: moments are compared, not letters."""

    def moments(view: View) -> bool | None:
        found, value = get(view), other(view) if other else wanted
        if is_empty(found) or is_empty(value):
            return None
        return compare(_moment(found), _moment(value))

    return moments


def _moment(value: Any) -> Any:
    return tuple(map(_moment, value)) if isinstance(value, tuple) else datetime.fromisoformat(value)


def _work_test(name: str, operator: str, wanted: Any) -> Holds:
    states = wanted if operator == "in" else (wanted,)
    is_wanted = operator != "is_not"

    def has_state(view: View) -> bool:
        found = view.work.get(name) or view.children.get(name)
        return ((found.state if found else None) in states) is is_wanted

    def is_in(view: View) -> bool:
        return any(_is(view, name, state) for state in states) is is_wanted

    return is_in if "begun" in states or "overdue" in states else has_state


def _is(view: View, name: str, state: str) -> bool:
    if state not in ("begun", "overdue"):
        return state_of(view, name) == state
    work = view.work.get(name)
    rows = work.rows if work and work.state == "open" else ()
    return any(row.is_begun if state == "begun" else row.is_overdue for row in rows if row.state == "open")


def _contains(definition: Definition, test: Test) -> Holds:
    get, wanted = getter(definition, test.name), test.wanted
    other = getter(definition, wanted.name) if isinstance(wanted, Reference) else None
    is_one = test.operator == "has"
    is_made, is_asked_made = is_computed(definition, test.name), is_computed(definition, getattr(wanted, "name", ""))

    def contains(view: View) -> bool | None:
        found, asked = get(view), other(view) if other else wanted
        if (found is None and is_made) or (asked is None and (is_asked_made or is_one)):
            return None
        found = found or ()
        return asked in found if is_one else all(map(found.__contains__, asked or ()))

    return contains


def is_computed(definition: Definition, name: str) -> bool:
    """Whether the field follows from others; empty then means that it cannot be known yet."""
    part = definition.fields.get(name)
    return part is not None and part.compute is not None


def leaves(condition: Condition) -> tuple[Test, ...]:
    """Every comparison in a condition."""
    if isinstance(condition, Test):
        return (condition,)
    parts = (condition.part,) if isinstance(condition, NotOf) else condition.parts
    return tuple(leaf for part in parts for leaf in leaves(part))
