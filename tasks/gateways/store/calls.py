"""Calls, folded from their legs: written once per linked id, and again when a late leg changes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.bulk_rows import (
    any_of,
    columns_of,
    insert_missing,
    moment_reader,
    read_json,
    run_plain,
    set_each,
)
from tasks.gateways.store.call_facts import touch_hours
from tasks.gateways.store.connection import insert, writing
from tasks.rules.calls.folding import is_over
from tasks.rules.calls.records import Call, Leg, QueueEvent

QUIET = timedelta(seconds=60)
"""A call is folded when none of its legs ended within this time before the run's moment: more may still come."""

_CHUNK = 3000
_ASKED_AT_ONCE = 500
# What folding asks of a leg and of a queue's event, in the order of their fields: not their texts, and an event's data
# only where it names the number that was dialled.
_LEG_ASKED = (
    "id, natural_key, linked_id, started_at, answered_at, ended_at, duration_seconds, talk_seconds, disposition, "
    "caller_raw, caller_phone, callee_raw, callee_phone, extension, queue, line, direction, '', '', wait_seconds"
)
_EVENT_ASKED = "at, call_key, queue, agent, kind, CASE WHEN kind = 'DID' THEN data END"
_CALL_NAMES = [field.name for field in fields(Call) if field.name in schema.call.c]
_Key = tuple[str, str]
_Fold = Callable[[Sequence[Leg], Sequence[QueueEvent]], Call]


@dataclass(frozen=True, slots=True)
class _Folded:
    """A call, and the row ids of the legs it was folded from."""

    call: Call
    leg_ids: Sequence[int]


def fold_waiting(
    engine: sa.Engine,
    fold: _Fold,
    now: datetime,
    *,
    is_early: bool = False,
) -> tuple[int, int]:
    """Fold every call that has new legs and has been quiet; returns how many are new and how many changed.

    `is_early`: also those that are surely over, without waiting for quiet (see `is_over`); a later leg folds them anew.

    Folding the same legs again changes nothing; a changed call is to be settled again (`settled_at` NULL).
    """
    new = changed = 0
    last = 0
    while True:
        with writing(engine) as connection:
            keys, last = _waiting(connection, last)
            if not keys:
                return new, changed
            folded = _fold_chunk(connection, keys, fold, now, is_early=is_early)
            made, altered = _store(connection, folded)
            new, changed = new + made, changed + altered


def _waiting(connection: sa.Connection, last: int) -> tuple[list[_Key], int]:
    """The calls of the next legs, after the row id `last`, that are in no call; and the last one's row id.

    By row id, because the index on call_id has the waiting ones in this order: a long backlog is not sorted each time.
    """
    text = "SELECT id, source, linked_id FROM call_leg WHERE call_id IS NULL AND id > :last ORDER BY id LIMIT :most"
    rows = run_plain(connection, sa.text(text), last=last, most=_CHUNK)
    return list(dict.fromkeys((row[1], row[2]) for row in rows)), rows[-1][0] if rows else last


def _fold_chunk(
    connection: sa.Connection, keys: Sequence[_Key], fold: _Fold, now: datetime, *, is_early: bool
) -> list[_Folded]:
    folded = []
    for source in sorted({source for source, _ in keys}):
        legs, ids = _legs(connection, source, [linked_id for key_source, linked_id in keys if key_source == source])
        latest, quiet_since = now if is_early else now - QUIET, now - QUIET
        ends = {name: max(leg.ended_at for leg in own) for name, own in legs.items()}
        names = {name: _queue_names(own) for name, own in legs.items() if ends[name] <= latest}
        events = _events(connection, source, {name for own in names.values() for name in own})
        for linked_id, own_names in names.items():
            told = [event for name in own_names for event in events.get(name, ()) if event.at <= now]
            own = legs[linked_id]
            if ends[linked_id] <= quiet_since or is_over(own, told):
                folded.append(_Folded(fold(own, told), ids[linked_id]))
    return folded


def _queue_names(legs: Sequence[Leg]) -> Iterable[str]:
    """The ids under which a queue may know the call of these legs."""
    return dict.fromkeys([legs[0].linked_id, *(leg.channel_id for leg in legs)])


def _legs(
    connection: sa.Connection, source: str, linked_ids: Sequence[str]
) -> tuple[dict[str, list[Leg]], dict[str, list[int]]]:
    """The legs of each call, and their row ids; without their texts, which folding does not ask for."""
    found: dict[str, list[Leg]] = defaultdict(list)
    ids: dict[str, list[int]] = defaultdict(list)
    text = f"SELECT {_LEG_ASKED} FROM call_leg WHERE source = :source AND linked_id "  # noqa: S608
    text += f"{any_of(connection, 'keys')} ORDER BY id"
    moment = moment_reader(connection)
    for row in run_plain(connection, sa.text(text), source=source, keys=list(linked_ids)):
        row_id, key, linked_id, started_at, answered_at, ended_at, *others = row
        answer = None if answered_at is None else moment(answered_at)
        found[linked_id].append(Leg(source, key, linked_id, moment(started_at), answer, moment(ended_at), *others))
        ids[linked_id].append(row_id)
    return found, ids


def _events(connection: sa.Connection, source: str, call_keys: set[str]) -> dict[str, list[QueueEvent]]:
    found: dict[str, list[QueueEvent]] = defaultdict(list)
    text = f"SELECT {_EVENT_ASKED} FROM queue_event WHERE source = :source AND call_key "  # noqa: S608
    text += f"{any_of(connection, 'keys')} ORDER BY at, id"
    moment = moment_reader(connection)
    for row in run_plain(connection, sa.text(text), source=source, keys=sorted(call_keys)):
        at, call_key, queue, agent, kind, data = row
        dialled = tuple(read_json(data)) if data else ()
        found[call_key].append(QueueEvent(source, "", moment(at), call_key, queue, agent, kind, dialled, "", ""))
    return found


def _persons(connection: sa.Connection) -> dict[str, int]:
    """Extension → person."""
    table = schema.person
    rows = connection.execute(
        sa.select(table.c.extension, table.c.id).where(table.c.is_active, table.c.extension.is_not(None))
    )
    return {row.extension: row.id for row in rows}


def _store(connection: sa.Connection, folded: Sequence[_Folded]) -> tuple[int, int]:
    """Write the calls and bind their legs; returns how many are new and how many changed."""
    made = altered = 0
    persons = _persons(connection)
    for source in sorted({one.call.source for one in folded}):
        own = {one.call.linked_id: one for one in folded if one.call.source == source}
        known = _known(connection, source, list(own))
        calls = {key: one.call for key, one in own.items()}
        fresh = [call for key, call in calls.items() if key not in known]
        columns = columns_of(fresh, _CALL_NAMES) | {"person_id": [persons.get(call.extension or "") for call in fresh]}
        # another run may have stored some of them just now
        late = insert_missing(connection, schema.call, columns, "linked_id")
        changed = [call for key, call in calls.items() if key in late or (key in known and _differs(call, known[key]))]
        _overwrite(connection, [_row(call, persons) for call in changed])
        before = [known[call.linked_id]["started_at"] for call in changed if call.linked_id in known]
        touch_hours(connection, [*(call.started_at for call in (*fresh, *changed)), *before])
        _bind_legs(connection, source, own)
        made, altered = made + len(fresh) - len(late), altered + len(changed)
    return made, altered


def _known(connection: sa.Connection, source: str, linked_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What is stored of these calls."""
    table = schema.call
    text = f"SELECT linked_id FROM call WHERE source = :source AND linked_id {any_of(connection, 'keys')}"  # noqa: S608
    stored = [row[0] for row in run_plain(connection, sa.text(text), source=source, keys=list(linked_ids))]
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(stored), _ASKED_AT_ONCE):
        part = stored[start : start + _ASKED_AT_ONCE]
        query = sa.select(table).where(table.c.source == source, table.c.linked_id.in_(part))
        found |= {row.linked_id: dict(row._mapping) for row in connection.execute(query)}
    return found


def _row(call: Call, persons: Mapping[str, int]) -> dict[str, Any]:
    return {name: getattr(call, name) for name in _CALL_NAMES} | {"person_id": persons.get(call.extension or "")}


def _differs(call: Call, known: Mapping[str, Any]) -> bool:
    return any(getattr(call, name) != known[name] for name in _CALL_NAMES)


def _overwrite(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Calls that are told otherwise by now, to be settled again."""
    if rows:
        statement = insert(connection, schema.call)
        changes = {name: statement.excluded[name] for name in (*_CALL_NAMES, "person_id")}
        upsert = statement.on_conflict_do_update(
            index_elements=["source", "linked_id"], set_=changes | {"settled_at": None}
        )
        connection.execute(upsert, list(rows))


def _bind_legs(connection: sa.Connection, source: str, folded: Mapping[str, _Folded]) -> None:
    """Bind the legs that were folded, and only those: one that came meanwhile waits for its own folding."""
    text = f"SELECT linked_id, id FROM call WHERE source = :source AND linked_id {any_of(connection, 'keys')}"  # noqa: S608
    stored = run_plain(connection, sa.text(text), source=source, keys=list(folded))
    pairs = [(call_id, leg_id) for linked_id, call_id in stored for leg_id in folded[linked_id].leg_ids]
    set_each(connection, schema.call_leg, "call_id", pairs)
