"""Made-up values and people for trying a process: what makes its conditions true, and who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tasks.rules.assignment import Member
from tasks.rules.office import Hours
from tasks.rules.process.conditions import View, getter
from tasks.rules.process.definition import AllOf, Condition, Definition, FieldPart, NotOf, Reference, Test
from tasks.rules.process.state import OfficeFacts
from tasks.rules.process.values import Line, is_empty
from tasks.rules.process_tools.findings import slots_of
from tasks.rules.working_time import working_calendar

BEGINNING = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
AUTHOR = "person:author"
_ZONE = ZoneInfo("UTC")
_OPPOSITE: Mapping[str, str] = {
    "is": "is_not",
    "is_not": "is",
    "above": "at_most",
    "at_most": "above",
    "below": "at_least",
    "at_least": "below",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """The made-up office in which a process is tried: everybody is there, every contact can be written to."""

    facts: OfficeFacts
    people: Mapping[str, str]


def set_stage(definition: Definition) -> Stage:
    """One person per role and per person's field, one contact per contact's field."""
    people = {"author": AUTHOR}
    for name in sorted(slots_of(definition) | set(definition.fields)):
        part = definition.fields.get(name)
        if part is None:
            people[name] = f"person:{name}"
        elif part.type in ("person", "contact"):
            people[name] = f"{part.type}:{name}"
    staff = {
        ref: Member(ref, slot, slot, frozenset({slot})) for slot, ref in people.items() if ref.startswith("person:")
    }
    reachable = frozenset(ref for ref in people.values() if ref.startswith("contact:"))
    calendar = working_calendar(Hours(time(9), time(18), country=""), _ZONE)
    return Stage(OfficeFacts(staff, {}, reachable, calendar, _ZONE), people)


def sample(part: FieldPart, people: Mapping[str, str], n: int = 0) -> Any:
    """A value that the field takes; another one for another `n`."""
    day = BEGINNING + timedelta(days=2 + n)
    values: Mapping[str, Any] = {
        "text": f"text {n}",
        "number": n + 1,
        "money": Decimal(n + 1),
        "date": day.date().isoformat(),
        "time": day.isoformat(),
        "person": people.get(part.name, AUTHOR),
        "contact": people.get(part.name, "contact:other"),
        "list": (f"item {n}",),
        "file": f"file {n}",
        "files": (f"file {n}",),
        "flag": n % 2 == 0,
    }
    return part.options[n % len(part.options)] if part.options else values.get(part.type, f"text {n}")


class Solver:
    """Finds values of fields that make a condition true, looking at an item as it stands."""

    def __init__(self, definition: Definition, people: Mapping[str, str]) -> None:
        self._definition = definition
        self._people = people

    def fill(self, names: tuple[str, ...], view: View) -> dict[str, Any]:
        """Values for those of the fields that are empty."""
        sets: dict[str, Any] = {}
        for name in names:
            if is_empty(getter(self._definition, name)(view)):
                sets |= self._assign(name, None, view)
        return sets

    def solve(
        self, condition: Condition, view: View, *, is_true: bool = True, kept: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """What to set, so that the condition comes true (or not true); as far as it depends on fields.

        Where there is a choice, the fields `kept` are left as they are.
        """
        if isinstance(condition, NotOf):
            return self.solve(condition.part, view, is_true=not is_true, kept=kept)
        if isinstance(condition, Test):
            return self._test(condition, view, is_true=is_true)
        if isinstance(condition, AllOf) is is_true:
            sets: dict[str, Any] = {}
            for part in condition.parts:
                sets |= self.solve(part, view, is_true=is_true, kept=kept)
            return sets
        choices = [self.solve(part, view, is_true=is_true, kept=kept) for part in condition.parts]
        free = [sets for sets in choices if not kept & sets.keys()]
        return min(free or choices, key=len, default={})

    def _test(self, test: Test, view: View, *, is_true: bool) -> dict[str, Any]:
        if test.name not in self._definition.fields:
            return {}
        wanted = test.wanted
        if isinstance(wanted, Reference):
            return self._reference(test, wanted, view, is_true=is_true)
        operator = test.operator if is_true else _OPPOSITE.get(test.operator, "none")
        return self._with(test.name, operator, wanted, view)

    def _reference(self, test: Test, wanted: Reference, view: View, *, is_true: bool) -> dict[str, Any]:
        found = getter(self._definition, wanted.name)(view)
        sets: dict[str, Any] = {}
        if is_empty(found) and wanted.name in self._definition.fields:
            sets = self._assign(wanted.name, None, view)
            found = sets.get(wanted.name)
        operator = test.operator if is_true else _OPPOSITE.get(test.operator, "none")
        return sets if found is None else sets | self._with(test.name, operator, found, view)

    def _with(self, name: str, operator: str, wanted: Any, view: View) -> dict[str, Any]:
        """The sets that bring a field where the comparison wants it."""
        if operator == "filled":
            return self._assign(name, None, view) if wanted else {name: None}
        if operator == "none":
            return {name: None}
        if operator in ("has", "covers"):
            there = tuple(getter(self._definition, name)(view) or ())
            asked = tuple(wanted or ()) if operator == "covers" else (wanted,)
            return {name: (*there, *(one for one in asked if one not in there))}
        if operator == "in":
            return self._assign(name, next(iter(wanted), None), view)
        if operator == "is_not":
            part = self._definition.fields[name]
            other = next((v for n in range(3) if (v := sample(part, self._people, n)) != wanted), None)
            return self._assign(name, other, view)
        return self._assign(name, _moved(wanted, operator), view)

    def _assign(self, name: str, value: Any, view: View) -> dict[str, Any]:
        """Set a field (None: to any value); a computed one through what it is computed from."""
        part = self._definition.fields[name]
        if part.compute is None:
            return {name: sample(part, self._people) if value is None else value}
        if part.compute.sum_of:
            price = Decimal(value) if isinstance(value, int | Decimal) else Decimal(1)
            return {part.compute.sum_of: (Line("", "work", Decimal(1), price),)}
        options = part.compute.options
        picked = next((key for key, made in options.items() if value in (None, made, *made)), None)
        return {part.compute.pick_by: picked} if picked is not None else {}


def _moved(wanted: Any, operator: str) -> Any:
    if operator not in ("above", "below"):
        return wanted
    sign = 1 if operator == "above" else -1
    if isinstance(wanted, str):
        try:
            return (datetime.fromisoformat(wanted) + sign * timedelta(days=1)).isoformat()[: len(wanted)]
        except ValueError:
            return wanted
    return wanted + sign
