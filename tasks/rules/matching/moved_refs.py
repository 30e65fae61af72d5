"""A ref (contact:12) inside plain JSON, replaced by another wherever it stands, with the place of each (RFC 6901)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def replace_ref(value: Any, old: str, new: str, place: str = "") -> tuple[Any, tuple[str, ...]]:
    """The value with `new` wherever `old` stands alone, and JSON pointers (RFC 6901) to those places.

    Names of members are no values and stay; so does a text that only mentions the ref.
    """
    if isinstance(value, str):
        return (new, (place,)) if value == old else (value, ())
    if isinstance(value, dict):
        named = {name: replace_ref(part, old, new, f"{place}/{_escaped(name)}") for name, part in value.items()}
        return {name: part for name, (part, _) in named.items()}, _together(places for _, places in named.values())
    if isinstance(value, list):
        parts = [replace_ref(part, old, new, f"{place}/{number}") for number, part in enumerate(value)]
        return [part for part, _ in parts], _together(places for _, places in parts)
    return value, ()


def put_back_ref(value: Any, places: Iterable[str], new: str, old: str) -> Any:
    """The value with `old` again at those of the places that still hold `new`: what was changed since stays."""
    replaced, found = replace_ref(value, new, old)
    kept = set(found) - set(places)
    return _with(replaced, value, kept) if kept else replaced


def _with(replaced: Any, value: Any, kept: set[str], place: str = "") -> Any:
    """What was replaced, but for the places to keep."""
    if place in kept:
        return value
    if isinstance(value, dict):
        return {name: _with(replaced[name], part, kept, f"{place}/{_escaped(name)}") for name, part in value.items()}
    if isinstance(value, list):
        return [_with(replaced[number], part, kept, f"{place}/{number}") for number, part in enumerate(value)]
    return replaced


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _together(found: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(place for places in found for place in places)
