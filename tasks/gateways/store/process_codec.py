"""Items and events of processes as JSON: what the engine remembers is written whole and read back equal.

Defaults are left out, so that a stored item holds only what is said of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any

from tasks.rules.process.state import Child, Clock, Event, Item, Owed, Work
from tasks.rules.process.values import from_plain, plain

_TIMES = frozenset({"at", "due", "basis", "due_at", "asked_at", "fired_at", "seen_at", "entered_at"})
_VALUES = frozenset({"sets", "returned"})
# what has a column of its own in process_item
_COLUMNS = frozenset({"key", "stage", "visit", "entered_at", "fields", "outcome", "is_held"})


def pack_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """An item's field values; empty ones are left out."""
    return {name: plain(value) for name, value in values.items() if value is not None}


def unpack_fields(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The field values that `pack_fields` wrote."""
    return {name: from_plain(value) for name, value in stored.items()}


def pack_memory(item: Item) -> dict[str, Any]:
    """What the engine remembers of an item beside its columns."""
    packed = _pack(item, _COLUMNS)
    for name, pack in (("work", _pack_work), ("children", _pack)):
        if name in packed:
            packed[name] = {key: pack(one) for key, one in getattr(item, name).items()}
    if "clocks" in packed:
        packed["clocks"] = [_pack(clock) for clock in item.clocks]
    if "recent" in packed:
        packed["recent"] = {key: [at.isoformat() for at in times] for key, times in item.recent.items()}
    return packed


def unpack_item(row: Any) -> Item:
    """The item that a row of process_item holds."""
    memory = dict(row.memory)
    values = _unpack(memory)
    return Item(
        **values
        | {
            "key": row.key,
            "stage": row.stage,
            "visit": row.visit,
            "entered_at": row.stage_entered_at,
            "fields": unpack_fields(row.fields),
            "outcome": row.outcome,
            "is_held": row.held_at is not None,
            "work": {name: _unpack_work(one) for name, one in memory.get("work", {}).items()},
            "children": {name: Child(**one) for name, one in memory.get("children", {}).items()},
            "clocks": tuple(Clock(**_unpack(one)) for one in memory.get("clocks", ())),
            "fired": frozenset(memory.get("fired", ())),
            "standing": frozenset(memory.get("standing", ())),
            "recent": {
                key: tuple(map(datetime.fromisoformat, times)) for key, times in memory.get("recent", {}).items()
            },
            "promises": tuple(memory.get("promises", ())),
        }
    )


def pack_event(event: Event) -> dict[str, Any]:
    """An event as the ledger's data; its key, time and actor have columns there."""
    return _pack(event, frozenset({"key", "at", "actor"}))


def unpack_event(key: str, at: datetime, actor: str, data: Mapping[str, Any]) -> Event:
    """The event that the ledger holds."""
    known = {one.name for one in fields(Event)} - {"key", "at", "actor"}
    return Event(key=key, at=at, actor=actor, **_unpack({k: v for k, v in data.items() if k in known}))


def _pack_work(work: Work) -> dict[str, Any]:
    return _pack(work) | {"rows": [_pack(owed) for owed in work.rows]}


def _unpack_work(stored: Mapping[str, Any]) -> Work:
    rows = tuple(Owed(**_unpack(owed) | {"slots": tuple(owed["slots"])}) for owed in stored["rows"])
    return Work(**_unpack(stored) | {"rows": rows})


def _pack(value: Any, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    packed = {}
    for part in fields(value):
        found = getattr(value, part.name)
        if part.name in without or found == _default(part):
            continue
        packed[part.name] = _plain(part.name, found)
    return packed


def _default(part: Any) -> Any:
    return part.default_factory() if part.default_factory is not MISSING else part.default


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    if name in _VALUES:
        return {key: plain(part) for key, part in value.items()}
    return dict(value) if isinstance(value, Mapping) else value


def _unpack(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in stored.items()}


def _value(name: str, value: Any) -> Any:
    if name in _TIMES and isinstance(value, str):
        return datetime.fromisoformat(value)
    return {key: from_plain(part) for key, part in value.items()} if name in _VALUES else value
