"""Recordings in the store: noted once per call and name, and each step of their course by compare-and-set.

What a content is called is written before it is put in place, so that no file is ever without a row that names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert_new_ids
from tasks.gateways.store.events import NewEvent, record_events
from tasks.rules.recordings.course import NextStep, Reason

ACTOR = "fetch-recordings"
_TABLE = schema.recording


@dataclass(frozen=True, slots=True)
class NewRecording:
    """A recording that a call log told of, and what is to become of it."""

    call_id: int
    source: str
    name: str
    ended_at: datetime
    state: str
    reason: str = ""
    address: str | None = None


@dataclass(frozen=True, slots=True)
class DueRecording:
    """One that is to be asked for. `numbers` are ours that the call touched."""

    recording_id: int
    source: str
    name: str
    try_count: int
    noted_at: datetime
    started_at: datetime
    ended_at: datetime
    direction: str
    numbers: tuple[str, ...]
    planned_sha256: str | None


def note_recordings(connection: sa.Connection, found: Sequence[NewRecording], now: datetime) -> list[NewRecording]:
    """Write down those that were not known; returns them."""
    rows = [
        {
            "call_id": one.call_id,
            "source": one.source,
            "name": one.name,
            "ended_at": one.ended_at,
            "state": one.state,
            "reason": one.reason,
            "address": one.address,
            "noted_at": now,
            "next_try_at": now if one.state == "waiting" else None,
            "kept_at": now if one.state == "linked" else None,
        }
        for one in found
    ]
    ids = insert_new_ids(connection, _TABLE, rows)
    new = [(row_id, one) for row_id, one in zip(ids, found, strict=True) if row_id is not None]
    told = [
        _event(one.state, row_id, now, {"reason": one.reason} if one.reason else {})
        for row_id, one in new
        if one.state != "waiting"
    ]
    record_events(connection, told)
    return [one for _, one in new]


def due_recordings(connection: sa.Connection, now: datetime, after_id: int, limit: int) -> list[DueRecording]:
    """The next ones, by id after `after_id`, that are to be asked for by `now`."""
    call, leg = schema.call, schema.call_leg
    query = (
        sa.select(_TABLE, call.c.started_at, call.c.direction, call.c.line)
        .join(call, _TABLE.c.call_id == call.c.id)
        .where(_TABLE.c.state == "waiting", _TABLE.c.next_try_at <= now, _TABLE.c.id > after_id)
        .order_by(_TABLE.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    lines = sa.select(leg.c.call_id, leg.c.line).where(leg.c.line.is_not(None)).distinct()
    touched: dict[int, set[str]] = {row.call_id: {row.line} - {None} for row in rows}
    for one in connection.execute(lines.where(leg.c.call_id.in_(list(touched)))):
        touched[one.call_id].add(one.line)
    return [_due(row, tuple(sorted(touched[row.call_id]))) for row in rows]


def _due(row: Any, numbers: tuple[str, ...]) -> DueRecording:
    return DueRecording(
        recording_id=row.id,
        source=row.source,
        name=row.name,
        try_count=row.try_count,
        noted_at=row.noted_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        direction=row.direction,
        numbers=numbers,
        planned_sha256=row.sha256,
    )


def plan_content(connection: sa.Connection, recording_id: int, sha256: str, content_type: str, size_bytes: int) -> bool:
    """Say which content is about to be put in place; False when somebody else has settled this recording."""
    values = {"sha256": sha256, "content_type": content_type, "size_bytes": size_bytes}
    return _step(connection, recording_id, values)


def keep_recording(connection: sa.Connection, recording_id: int, now: datetime) -> bool:
    """Its content is in place; False when somebody else has settled it."""
    return _end(connection, recording_id, "kept", "", now, kept_at=now)


def end_recording(connection: sa.Connection, recording_id: int, state: str, reason: Reason, now: datetime) -> bool:
    """It will not be had (given_up or forbidden), and why; False when somebody else has settled it."""
    return _end(connection, recording_id, state, reason, now)


def ask_again(
    connection: sa.Connection, recording_id: int, try_count: int, reason: Reason, step: NextStep, now: datetime
) -> bool:
    """It failed: it is asked for again, or given up; False when somebody else has settled it."""
    if step.state == "given_up":
        return _end(connection, recording_id, "given_up", reason, now, try_count=try_count)
    values = {"try_count": try_count, "reason": reason, "next_try_at": step.next_try_at}
    return _step(connection, recording_id, values)


def is_referred_to(connection: sa.Connection, sha256: str) -> bool:
    """Whether a recording that is kept, or about to be, has this content."""
    query = sa.select(_TABLE.c.id).where(_TABLE.c.sha256 == sha256, _TABLE.c.state.in_(("kept", "waiting")))
    return connection.scalar(query.limit(1)) is not None


def past_keeping(connection: sa.Connection, until: datetime, limit: int) -> list[tuple[int, str | None]]:
    """Kept and linked recordings (id, content) of calls that ended by `until` and are under no hold."""
    query = (
        sa.select(_TABLE.c.id, _TABLE.c.sha256)
        .where(_TABLE.c.state.in_(("kept", "linked")), _TABLE.c.ended_at <= until, _TABLE.c.hold_reason.is_(None))
        .order_by(_TABLE.c.id)
        .limit(limit)
    )
    return [(row.id, row.sha256) for row in connection.execute(query)]


def remove_recording(connection: sa.Connection, recording_id: int, reason: Reason, now: datetime) -> bool:
    """Its content or address is removed; the row says that it was there. False when it is held, or gone already."""
    removed = connection.execute(
        sa.update(_TABLE)
        .where(_TABLE.c.id == recording_id, _TABLE.c.state.in_(("kept", "linked")), _TABLE.c.hold_reason.is_(None))
        .values(state="removed", reason=reason, removed_at=now, address=None)
    ).rowcount
    if removed:
        record_events(connection, [_event("removed", recording_id, now, {"reason": reason})])
    return bool(removed)


def count_recordings(connection: sa.Connection) -> list[tuple[str, str, int]]:
    """How many there are by source and state."""
    query = sa.select(_TABLE.c.source, _TABLE.c.state, sa.func.count().label("recordings"))
    rows = connection.execute(query.group_by(_TABLE.c.source, _TABLE.c.state).order_by(_TABLE.c.source))
    return [(row.source, row.state, int(row.recordings)) for row in rows]


def _end(connection: sa.Connection, recording_id: int, state: str, reason: str, now: datetime, **more: Any) -> bool:
    values = {"state": state, "reason": reason, "next_try_at": None, **more}
    if not _step(connection, recording_id, values):
        return False
    record_events(connection, [_event(state, recording_id, now, {"reason": reason} if reason else {})])
    return True


def _step(connection: sa.Connection, recording_id: int, values: dict[str, Any]) -> bool:
    waiting = sa.update(_TABLE).where(_TABLE.c.id == recording_id, _TABLE.c.state == "waiting")
    return bool(connection.execute(waiting.values(values)).rowcount)


def _event(state: str, recording_id: int, now: datetime, data: dict[str, Any]) -> NewEvent:
    kind = f"recording.{state}"
    return NewEvent(f"{kind}:{recording_id}", now, "recording", recording_id, kind, ACTOR, data)
