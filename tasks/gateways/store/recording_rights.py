"""To whom recordings are opened, what is kept in spite of its age, and every access: each change with its event."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert_new
from tasks.gateways.store.events import NewEvent, record_event

_RECORDING, _GRANT, _CALL = schema.recording, schema.recording_grant, schema.call
_MOST, _MOST_CALLS = 100, 1000
_CALL_KEY = "call:"


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """A recording with the call it is of. `grantees`: to whom it is opened now."""

    recording_id: int
    call_id: int
    source: str
    state: str
    reason: str
    started_at: datetime
    ended_at: datetime
    direction: str
    line: str | None
    client_phone: str | None
    sha256: str | None
    content_type: str
    size_bytes: int | None
    address: str | None
    kept_at: datetime | None
    removed_at: datetime | None
    hold_reason: str | None
    grantees: tuple[str, ...]


def find_recording(connection: sa.Connection, recording_id: int) -> StoredRecording | None:
    """One recording; None when there is none of this number."""
    return next(iter(_read(connection, _RECORDING.c.id == recording_id, 1)), None)


def list_recordings(connection: sa.Connection, call_id: int, state: str, limit: int) -> list[StoredRecording]:
    """The newest recordings, of one call (0: of all) and in one state ('': in any)."""
    which = [_RECORDING.c.call_id == call_id] if call_id else []
    which += [_RECORDING.c.state == state] if state else []
    return _read(connection, sa.and_(sa.true(), *which), limit)


def recordings_of_lead(connection: sa.Connection, lead_id: int) -> list[StoredRecording]:
    """Recordings of the calls that made a lead or came to it."""
    return _read(connection, _CALL.c.lead_id == lead_id, _MOST)


def recordings_of_deal(connection: sa.Connection, deal_id: int) -> list[StoredRecording]:
    """Recordings of the calls that were about an order: its activities with their calls, and its lead's."""
    activity, deal = schema.activity, schema.deal
    keys = connection.scalars(sa.select(activity.c.origin_key).where(activity.c.deal_id == deal_id)).all()
    calls = {int(key.removeprefix(_CALL_KEY)) for key in keys if key.startswith(_CALL_KEY)}
    of_lead = sa.select(_CALL.c.id).join(deal, deal.c.lead_id == _CALL.c.lead_id).where(deal.c.id == deal_id)
    calls.update(connection.scalars(of_lead))
    return _read(connection, _CALL.c.id.in_(sorted(calls)[-_MOST_CALLS:]), _MOST) if calls else []


def open_recording(
    connection: sa.Connection, recording_id: int, grantee: str, reason: str, by: str, now: datetime
) -> bool:
    """Let `grantee` hear it; False when it is opened to them already."""
    row = {"recording_id": recording_id, "grantee": grantee, "reason": reason, "opened_by": by, "opened_at": now}
    is_new = bool(insert_new(connection, _GRANT, [row]))
    if is_new:
        note_access(connection, recording_id, "opened", by, {"to": grantee, "reason": reason}, now)
    return is_new


def close_recording(connection: sa.Connection, recording_id: int, grantee: str, by: str, now: datetime) -> bool:
    """Take the right back; False when it was not opened to them."""
    standing = sa.update(_GRANT).where(_GRANT.c.recording_id == recording_id, _GRANT.c.grantee == grantee)
    is_closed = bool(connection.execute(standing.where(_GRANT.c.closed_at.is_(None)).values(closed_at=now)).rowcount)
    if is_closed:
        note_access(connection, recording_id, "closed", by, {"to": grantee}, now)
    return is_closed


def hold_recording(connection: sa.Connection, recording_id: int, reason: str | None, by: str, now: datetime) -> bool:
    """Keep it in spite of its age (None: no longer); False when nothing changes, or it was removed already."""
    changing = sa.update(_RECORDING).where(_RECORDING.c.id == recording_id, _RECORDING.c.state != "removed")
    differs = _RECORDING.c.hold_reason.is_not(None) if reason is None else _RECORDING.c.hold_reason.is_(None)
    is_changed = bool(connection.execute(changing.where(differs).values(hold_reason=reason)).rowcount)
    if is_changed:
        kind = "released" if reason is None else "held"
        note_access(connection, recording_id, kind, by, {"reason": reason} if reason else {}, now)
    return is_changed


def note_access(
    connection: sa.Connection, recording_id: int, what: str, by: str, data: Mapping[str, Any], now: datetime
) -> None:
    """The event that somebody heard, was refused, opened, closed, held: each time a new one."""
    kind = f"recording.{what}"
    key = f"{kind}:{recording_id}:{by}:{now.isoformat()}:{secrets.token_hex(8)}"
    record_event(connection, NewEvent(key, now, "recording", recording_id, kind, by, data))


def _read(connection: sa.Connection, which: sa.ColumnElement[bool], limit: int) -> list[StoredRecording]:
    query = (
        sa.select(_RECORDING, _CALL.c.started_at, _CALL.c.direction, _CALL.c.line, _CALL.c.client_phone)
        .join(_CALL, _RECORDING.c.call_id == _CALL.c.id)
        .where(which)
        .order_by(_RECORDING.c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(query).all()
    standing = sa.select(_GRANT.c.recording_id, _GRANT.c.grantee).where(_GRANT.c.closed_at.is_(None))
    grants: dict[int, list[str]] = {row.id: [] for row in rows}
    for row in connection.execute(standing.where(_GRANT.c.recording_id.in_(list(grants)))):
        grants[row.recording_id].append(row.grantee)
    return [_stored(row, tuple(sorted(grants[row.id]))) for row in rows]


def _stored(row: Any, grantees: tuple[str, ...]) -> StoredRecording:
    return StoredRecording(
        recording_id=row.id,
        call_id=row.call_id,
        source=row.source,
        state=row.state,
        reason=row.reason,
        started_at=row.started_at,
        ended_at=row.ended_at,
        direction=row.direction,
        line=row.line,
        client_phone=row.client_phone,
        sha256=row.sha256,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        address=row.address,
        kept_at=row.kept_at,
        removed_at=row.removed_at,
        hold_reason=row.hold_reason,
        grantees=grantees,
    )
