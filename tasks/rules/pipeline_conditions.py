"""Conditions of a pipeline: whether they hold, and if not, which comparison failed with what was found and wanted.

A comparison with an empty field is false and says so; only `is: null` and `filled` test emptiness; an empty list is
an empty list for `has` and `covers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from tasks.rules.pipeline_parts import AllOf, AnyOf, Condition, NotOf, Operator, Test, Text

OPERATORS: tuple[str, ...] = get_args(Operator)
Look = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was refused: `name` is the field or work asked about; `words` is what the file says itself."""

    kind: Literal["empty", "differs", "missing", "who", "closed", "nothing_asked", "unknown", "value", "words"]
    name: str = ""
    found: str = ""
    wanted: str = ""
    words: Text = field(default_factory=dict)


def failures(condition: Condition, look: Look) -> tuple[Reason, ...]:
    """Why the condition does not hold; () when it holds. `look` gives a name's value, None for an empty one."""
    if isinstance(condition, Test):
        return _test(condition, look)
    if isinstance(condition, AllOf):
        return tuple(reason for part in condition.parts for reason in failures(part, look))
    if isinstance(condition, AnyOf):
        found = [failures(part, look) for part in condition.parts]
        return () if any(not reasons for reasons in found) else tuple(reason for part in found for reason in part)
    return () if failures(condition.part, look) else (Reason("differs", _first_name(condition), "", "not"),)


def holds(condition: Condition, look: Look) -> bool:
    """Whether the condition holds."""
    return not failures(condition, look)


def names_in(condition: Condition) -> set[str]:
    """Every field, work.NAME, stage or visit that the condition reads."""
    if isinstance(condition, Test):
        wanted = condition.wanted
        other = {wanted[1:]} if isinstance(wanted, str) and wanted.startswith("$") else set()
        return {condition.name} | other
    parts = (condition.part,) if isinstance(condition, NotOf) else condition.parts
    return {name for part in parts for name in names_in(part)}


def _first_name(condition: NotOf) -> str:
    return min(names_in(condition), default="")


def is_empty(value: Any) -> bool:
    """Nothing filled in: none, blank text, or a list without items."""
    return value is None or value in ("", (), [])


def _test(test: Test, look: Look) -> tuple[Reason, ...]:
    found, wanted = look(test.name), test.wanted
    if test.operator == "filled":
        return () if is_empty(found) is not bool(wanted) else (Reason("empty" if wanted else "differs", test.name),)
    if test.operator == "is" and wanted is None:
        return () if is_empty(found) else (Reason("differs", test.name, str(found), ""),)
    if isinstance(wanted, str) and wanted.startswith("$"):
        name, wanted = wanted[1:], look(wanted[1:])
        if is_empty(wanted):
            return (Reason("empty", name),)
    if test.operator in ("has", "covers"):
        return _contains(test, tuple(found or ()), wanted)
    if is_empty(found):
        return (Reason("empty", test.name),)
    if _COMPARE[test.operator](found, wanted):
        return ()
    return (Reason("differs", test.name, str(found), f"{test.operator} {wanted}"),)


def _contains(test: Test, found: tuple[Any, ...], wanted: Any) -> tuple[Reason, ...]:
    asked = tuple(wanted) if test.operator == "covers" else (wanted,)
    missing = [str(item) for item in asked if item not in found]
    return (Reason("missing", test.name, ", ".join(map(str, found)), ", ".join(missing)),) if missing else ()


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": lambda found, wanted: bool(found == wanted),
    "is_not": lambda found, wanted: bool(found != wanted),
    "in": lambda found, wanted: found in wanted,
    "above": lambda found, wanted: bool(found > wanted),
    "below": lambda found, wanted: bool(found < wanted),
    "at_least": lambda found, wanted: bool(found >= wanted),
    "at_most": lambda found, wanted: bool(found <= wanted),
}
