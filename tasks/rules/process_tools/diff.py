"""What differs between two versions of a process: stages, rules, fields, work, as things and not as lines.

Rules have no names, so a rule is found again by being the same, else by its trigger (and place among those of the same
trigger); a stage or a piece of work that only changed its name is found by its content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tasks.rules.process_tools.rule_words import trigger_of

Path = tuple[str, ...]
Raw = Mapping[str, Any]
Sign = Literal["added", "removed", "changed", "renamed", "reordered"]
_NAMED = ("fields", "work", "stages")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `place` leads to the part: ('stages', 'planning', 'rules'); `old`/`new` are its raw contents.

    For `renamed` they are the two names, for `reordered` the two lists.
    """

    sign: Sign
    place: Path
    old: Any = None
    new: Any = None


def compare(old: Raw, new: Raw) -> tuple[Change, ...]:
    """Every difference of two raw process files (ready rules merged in), in the order of the file. () when none."""
    changes: list[Change] = []
    for key in _joined(old, new):
        if key == "version":
            continue
        if key in _NAMED:
            changes += _compare_named(key, _mapping(old.get(key)), _mapping(new.get(key)))
        elif key == "rules":
            changes += _compare_rules(("rules",), _rows(old.get(key)), _rows(new.get(key)))
        else:
            changes += _compare_value((key,), old.get(key), new.get(key))
    return tuple(changes)


def _compare_named(section: str, old: Raw, new: Raw) -> list[Change]:
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    renamed: dict[str, str] = {}
    for name in gone:
        twin = next((other for other in come if new[other] == old[name] and other not in renamed.values()), "")
        if twin:
            renamed[name] = twin
    changes = [Change("renamed", (section, name), name, twin) for name, twin in renamed.items()]
    changes += [Change("removed", (section, name), old[name]) for name in gone if name not in renamed]
    changes += [Change("added", (section, name), None, new[name]) for name in come if name not in renamed.values()]
    for name in [name for name in old if name in new]:
        changes += _compare_part(section, name, _mapping(old[name]), _mapping(new[name]))
    kept_old = [renamed.get(name, name) for name in old if name in new or name in renamed]
    kept_new = [name for name in new if name in kept_old]
    if section == "stages" and kept_old[:1] != kept_new[:1]:
        changes.append(Change("changed", ("first_stage",), next(iter(old), ""), next(iter(new), "")))
    return changes


def _compare_part(section: str, name: str, old: Raw, new: Raw) -> list[Change]:
    changes: list[Change] = []
    for key in _joined(old, new):
        place = (section, name, key)
        if key == "rules":
            changes += _compare_rules(place, _rows(old.get(key)), _rows(new.get(key)))
        elif key == "enter":
            changes += _compare_actions(place, _rows(old.get(key)), _rows(new.get(key)))
        else:
            changes += _compare_value(place, old.get(key), new.get(key))
    return changes


def _compare_value(place: Path, old: Any, new: Any) -> list[Change]:
    if old == new:
        return []
    if old is None:
        return [Change("added", place, None, new)]
    return [Change("removed", place, old)] if new is None else [Change("changed", place, old, new)]


def _compare_rules(place: Path, old: list[Any], new: list[Any]) -> list[Change]:
    """Same rules first, then those of the same trigger in their order; the rest was taken out or put in."""
    left, right = list(old), list(new)
    for rule in old:
        if rule in right:
            right.remove(rule)
            left.remove(rule)
    changes: list[Change] = []
    for rule in list(left):
        twin = next((other for other in right if _trigger(other) == _trigger(rule)), None)
        if twin is not None:
            left.remove(rule)
            right.remove(twin)
            changes.append(Change("changed", place, rule, twin))
    changes += [Change("removed", place, rule) for rule in left]
    changes += [Change("added", place, None, rule) for rule in right]
    return changes or ([Change("reordered", place, old, new)] if old != new else [])


def _compare_actions(place: Path, old: list[Any], new: list[Any]) -> list[Change]:
    gone, come = _without(old, new), _without(new, old)
    changes = [Change("removed", place, action) for action in gone]
    changes += [Change("added", place, None, action) for action in come]
    return changes or ([Change("reordered", place, old, new)] if old != new else [])


def _without(some: list[Any], others: list[Any]) -> list[Any]:
    rest = list(others)
    found = []
    for one in some:
        if one in rest:
            rest.remove(one)
        else:
            found.append(one)
    return found


def _trigger(rule: Any) -> tuple[str, Any]:
    return trigger_of(rule) if isinstance(rule, Mapping) else ("", rule)


def _joined(old: Raw, new: Raw) -> list[str]:
    return [*old, *(key for key in new if key not in old)]


def _mapping(value: Any) -> Raw:
    return value if isinstance(value, Mapping) else {}


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
