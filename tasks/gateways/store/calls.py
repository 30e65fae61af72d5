"""Calls, folded from their legs: written once per linked id, and again when a late leg changes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.call_facts import touch_hours
from tasks.gateways.store.connection import insert, writing
from tasks.rules.calls.folding import is_over
from tasks.rules.calls.records import Call, Leg, QueueEvent

QUIET = timedelta(seconds=60)
"""A call is folded when none of its legs ended within this time before the run's moment: more may still come."""

_CHUNK = 500
_LEG_COLUMNS = [schema.call_leg.c[field.name] for field in fields(Leg)]
_EVENT_COLUMNS = [schema.queue_event.c[field.name] for field in fields(QueueEvent)]
_CALL_NAMES = [field.name for field in fields(Call) if field.name in schema.call.c]
_Key = tuple[str, str]


def fold_waiting(
    engine: sa.Engine,
    fold: Callable[[Sequence[Leg], Sequence[QueueEvent]], Call],
    now: datetime,
    *,
    is_early: bool = False,
) -> tuple[int, int]:
    """Fold every call that has new legs and has been quiet; returns how many are new and how many changed.

    `is_early`: also those that are surely over, without waiting for quiet (see `is_over`); a later leg folds them anew.

    Folding the same legs again changes nothing; a changed call is to be settled again (`settled_at` NULL).
    """
    new = changed = 0
    last: _Key = ("", "")
    while True:
        with writing(engine) as connection:
            keys = _waiting(connection, last)
            if not keys:
                return new, changed
            calls = _fold_chunk(connection, keys, fold, now, is_early=is_early)
            persons = _persons(connection)
            made, altered = _store(connection, [_row(call, persons) for call in calls])
            new, changed, last = new + made, changed + altered, keys[-1]


def _waiting(connection: sa.Connection, last: _Key) -> list[_Key]:
    """The next linked ids, after `last`, that have legs in no call."""
    leg = schema.call_leg
    query = (
        sa.select(leg.c.source, leg.c.linked_id)
        .where(leg.c.call_id.is_(None), sa.tuple_(leg.c.source, leg.c.linked_id) > sa.tuple_(*map(sa.literal, last)))
        .distinct()
        .order_by(leg.c.source, leg.c.linked_id)
        .limit(_CHUNK)
    )
    return [(row.source, row.linked_id) for row in connection.execute(query)]


def _fold_chunk(
    connection: sa.Connection,
    keys: Sequence[_Key],
    fold: Callable[[Sequence[Leg], Sequence[QueueEvent]], Call],
    now: datetime,
    *,
    is_early: bool,
) -> list[Call]:
    calls = []
    for source in sorted({source for source, _ in keys}):
        legs = _legs(connection, source, [linked_id for key_source, linked_id in keys if key_source == source])
        latest = now if is_early else now - QUIET
        ended = [own for own in legs.values() if max(leg.ended_at for leg in own) <= latest]
        events = _events(connection, source, {name for own in ended for leg in own for name in _names(leg)})
        for own in ended:
            names = dict.fromkeys(name for leg in own for name in _names(leg))
            told = [event for name in names for event in events.get(name, ()) if event.at <= now]
            if max(leg.ended_at for leg in own) <= now - QUIET or is_over(own, told):
                calls.append(fold(own, told))
    return calls


def _names(leg: Leg) -> tuple[str, str]:
    """The ids under which a queue may know the call of this leg."""
    return leg.linked_id, leg.channel_id


def _legs(connection: sa.Connection, source: str, linked_ids: Sequence[str]) -> dict[str, list[Leg]]:
    table = schema.call_leg
    found: dict[str, list[Leg]] = defaultdict(list)
    query = sa.select(*_LEG_COLUMNS).where(table.c.source == source, table.c.linked_id.in_(linked_ids))
    for row in connection.execute(query.order_by(table.c.id)):
        found[row.linked_id].append(Leg(**row._mapping))
    return found


def _events(connection: sa.Connection, source: str, call_keys: set[str]) -> dict[str, list[QueueEvent]]:
    table = schema.queue_event
    found: dict[str, list[QueueEvent]] = defaultdict(list)
    names = sorted(call_keys)
    for start in range(0, len(names), _CHUNK):
        part = names[start : start + _CHUNK]
        query = sa.select(*_EVENT_COLUMNS).where(table.c.source == source, table.c.call_key.in_(part))
        for row in connection.execute(query.order_by(table.c.at, table.c.id)):
            found[row.call_key].append(QueueEvent(**{**row._mapping, "data": tuple(row.data)}))
    return found


def _persons(connection: sa.Connection) -> dict[str, int]:
    """Extension → person."""
    table = schema.person
    rows = connection.execute(
        sa.select(table.c.extension, table.c.id).where(table.c.is_active, table.c.extension.is_not(None))
    )
    return {row.extension: row.id for row in rows}


def _row(call: Call, persons: Mapping[str, int]) -> dict[str, Any]:
    row = {name: getattr(call, name) for name in _CALL_NAMES}
    return row | {"person_id": persons.get(call.extension or "")}


def _store(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """Write the calls and bind their legs; returns how many are new and how many changed."""
    made = altered = 0
    for source in sorted({row["source"] for row in rows}):
        own = {row["linked_id"]: row for row in rows if row["source"] == source}
        known = _known(connection, source, list(own))
        changed = [row for key, row in own.items() if key in known and _differs(row, known[key])]
        fresh = [row for key, row in own.items() if key not in known]
        if fresh or changed:
            statement = insert(connection, schema.call)
            changes = {name: statement.excluded[name] for name in (*_CALL_NAMES, "person_id")}
            upsert = statement.on_conflict_do_update(
                index_elements=["source", "linked_id"], set_=changes | {"settled_at": None}
            )
            connection.execute(upsert, fresh + changed)
            before = [known[row["linked_id"]]["started_at"] for row in changed]
            touch_hours(connection, [*(row["started_at"] for row in fresh + changed), *before])
        _bind_legs(connection, source, list(own))
        made, altered = made + len(fresh), altered + len(changed)
    return made, altered


def _known(connection: sa.Connection, source: str, linked_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    table = schema.call
    query = sa.select(table).where(table.c.source == source, table.c.linked_id.in_(linked_ids))
    return {row.linked_id: dict(row._mapping) for row in connection.execute(query)}


def _differs(row: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    return any(row[name] != known[name] for name in _CALL_NAMES)


def _bind_legs(connection: sa.Connection, source: str, linked_ids: Sequence[str]) -> None:
    leg, call = schema.call_leg, schema.call
    own_call = sa.select(call.c.id).where(call.c.source == leg.c.source, call.c.linked_id == leg.c.linked_id)
    connection.execute(
        sa.update(leg)
        .where(leg.c.source == source, leg.c.linked_id.in_(linked_ids), leg.c.call_id.is_(None))
        .values(call_id=own_call.scalar_subquery())
    )
