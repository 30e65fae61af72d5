"""Which calls have recordings, by their legs: the new legs since the last look, and all legs of the last days.

The second look finds what came out of order: a leg whose call was folded later, a name that was told later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert

_CURSOR = "recordings"
_LEG, _CALL, _NOTED = schema.call_leg, schema.call, schema.recording


@dataclass(frozen=True, slots=True)
class ToldRecording:
    """What a leg tells of its call's recording. `call_id` is None while the leg is in no call, or the call goes on."""

    leg_id: int
    text: str
    source: str
    call_id: int | None
    direction: str
    ended_at: datetime
    line: str | None


def read_place(connection: sa.Connection) -> int:
    """The leg up to which all were looked at; 0 before the first look."""
    table = schema.source_cursor
    position = connection.scalar(sa.select(table.c.position).where(table.c.source == _CURSOR))
    return int(position["leg"]) if position else 0


def write_place(connection: sa.Connection, leg_id: int, seen: int, now: datetime) -> None:
    """Remember how far it was looked; `seen` recordings were new."""
    table = schema.source_cursor
    row = {"source": _CURSOR, "position": {"leg": leg_id}, "seen_total": seen, "updated_at": now}
    statement = insert(connection, table)
    changes = {
        "position": statement.excluded.position,
        "seen_total": table.c.seen_total + statement.excluded.seen_total,
        "updated_at": now,
    }
    connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=changes), [row])


def newest_leg(connection: sa.Connection) -> int:
    """The id of the newest leg; 0 where there is none."""
    return int(connection.scalar(sa.select(sa.func.max(_LEG.c.id))) or 0)


def told_after(connection: sa.Connection, leg_id: int, now: datetime, limit: int) -> list[ToldRecording]:
    """The next legs after this one that name a recording, in their order."""
    query = (
        sa.select(_LEG.c.id, _LEG.c.recording, _LEG.c.source, _LEG.c.ended_at, *_call_columns())
        .outerjoin(_CALL, (_LEG.c.call_id == _CALL.c.id) & (_CALL.c.ended_at <= now))
        .where(_LEG.c.id > leg_id, _LEG.c.recording != "")
        .order_by(_LEG.c.id)
        .limit(limit)
    )
    return [_told(row) for row in connection.execute(query)]


def told_lately(connection: sa.Connection, since: datetime, now: datetime) -> list[ToldRecording]:
    """Every leg of a call since then that names a recording, but for those calls whose every name is noted as told."""
    is_noted = sa.exists().where(_NOTED.c.call_id == _LEG.c.call_id, _NOTED.c.name == _LEG.c.recording)
    query = (
        sa.select(_LEG.c.id, _LEG.c.recording, _LEG.c.source, _LEG.c.ended_at, *_call_columns())
        .join(_CALL, _LEG.c.call_id == _CALL.c.id)
        .where(_CALL.c.started_at >= since, _CALL.c.started_at <= now, _CALL.c.ended_at <= now)
        .where(_LEG.c.recording != "", ~is_noted)
        .order_by(_LEG.c.id)
    )
    return [_told(row) for row in connection.execute(query)]


def lines_of_calls(connection: sa.Connection, call_ids: list[int]) -> dict[int, set[str]]:
    """Numbers of ours that the legs of these calls touched."""
    query = sa.select(_LEG.c.call_id, _LEG.c.line).where(_LEG.c.call_id.in_(call_ids), _LEG.c.line.is_not(None))
    found: dict[int, set[str]] = {}
    for row in connection.execute(query.distinct()):
        found.setdefault(row.call_id, set()).add(row.line)
    return found


def _call_columns() -> list[sa.Label[object]]:
    return [
        _CALL.c.id.label("in_call"),
        _CALL.c.direction.label("call_direction"),
        _CALL.c.ended_at.label("call_ended_at"),
        _CALL.c.line.label("call_line"),
    ]


def _told(row: sa.Row[tuple[object, ...]]) -> ToldRecording:
    return ToldRecording(
        leg_id=row.id,
        text=row.recording,
        source=row.source,
        call_id=row.in_call,
        direction=row.call_direction or "",
        ended_at=row.call_ended_at or row.ended_at,
        line=row.call_line,
    )
