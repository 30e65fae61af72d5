"""Decisions pressed at the door: kept at once, taken back or carried out later, each once per key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert

ActState = Literal["waiting", "done", "refused", "undone"]
_table = schema.door_act


@dataclass(frozen=True, slots=True)
class KeptAct:
    """A decision as it was pressed. `act_at`: it can be taken back until then, and takes effect then."""

    act_id: int
    key: str
    item_id: int
    work_task_id: int | None
    actor: str
    name: str
    content: Mapping[str, Any]
    pressed_at: datetime
    act_at: datetime
    state: ActState
    reason: str


def find_act(connection: sa.Connection, key: str) -> KeptAct | None:
    """The decision under this key, whatever became of it."""
    row = connection.execute(sa.select(_table).where(_table.c.key == key)).first()
    return _kept(row) if row else None


def acts_on(connection: sa.Connection, task_ids: Sequence[int]) -> list[KeptAct]:
    """Decisions about these pieces of work that still wait to take effect."""
    query = sa.select(_table).where(_table.c.work_task_id.in_(task_ids), _table.c.state == "waiting")
    return [_kept(row) for row in connection.execute(query.order_by(_table.c.id))]


def newest_act(connection: sa.Connection, item_id: int, actor: str, since: datetime) -> KeptAct | None:
    """What somebody pressed last on an item since a moment, when it stands: done, or waiting to take effect."""
    which = (_table.c.item_id == item_id, _table.c.actor == actor, _table.c.pressed_at >= since)
    query = sa.select(_table).where(*which, _table.c.state.in_(("done", "waiting"))).order_by(_table.c.id.desc())
    row = connection.execute(query.limit(1)).first()
    return _kept(row) if row else None


def done_beside(connection: sa.Connection, task_id: int, actor: str, answers: Sequence[str]) -> KeptAct | None:
    """What somebody did last at the page of a piece of work that was none of the `answers` to it."""
    which = (_table.c.work_task_id == task_id, _table.c.actor == actor, _table.c.state == "done")
    query = sa.select(_table).where(*which, _table.c.name.not_in(answers)).order_by(_table.c.id.desc())
    row = connection.execute(query.limit(1)).first()
    return _kept(row) if row else None


def keep_act(
    connection: sa.Connection,
    *,
    key: str,
    item_id: int,
    work_task_id: int | None,
    actor: str,
    name: str,
    content: Mapping[str, Any],
    pressed_at: datetime,
    act_at: datetime,
    state: ActState,
) -> bool:
    """Keep a decision; False when one under this key waits or is done. One taken back or refused can be made again."""
    values = {
        "item_id": item_id,
        "work_task_id": work_task_id,
        "actor": actor,
        "name": name,
        "content": dict(content),
        "pressed_at": pressed_at,
        "act_at": act_at,
        "state": state,
        "ended_at": pressed_at if state == "done" else None,
        "reason": "",
    }
    statement = insert(connection, _table).values(key=key, **values)
    again = _table.c.state.in_(("undone", "refused"))
    statement = statement.on_conflict_do_update(index_elements=[_table.c.key], set_=values, where=again)
    return connection.scalar(statement.returning(_table.c.id)) is not None


def take_back(connection: sa.Connection, key: str, actor: str, now: datetime) -> bool:
    """Take a decision back before it takes effect; False when it is too late, or not the actor's own."""
    return _end(connection, _table.c.key == key, now, "undone", _table.c.actor == actor, _table.c.act_at > now)


def end_act(connection: sa.Connection, act_id: int, state: ActState, reason: str, now: datetime) -> bool:
    """Note what became of a decision; False when somebody else has ended it meanwhile."""
    return _end(connection, _table.c.id == act_id, now, state, reason=reason)


def refuse_done(connection: sa.Connection, act_id: int, reason: str) -> None:
    """A decision that was to take effect is refused after all; `reason` says why."""
    connection.execute(sa.update(_table).where(_table.c.id == act_id).values(state="refused", reason=reason))


def due_acts(connection: sa.Connection, now: datetime, limit: int) -> list[KeptAct]:
    """Decisions that take effect now, in the order in which they were pressed."""
    query = sa.select(_table).where(_table.c.state == "waiting", _table.c.act_at <= now)
    rows = connection.execute(query.order_by(_table.c.pressed_at, _table.c.id).limit(limit))
    return [_kept(row) for row in rows]


def _end(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    now: datetime,
    state: ActState,
    *more: sa.ColumnElement[bool],
    reason: str = "",
) -> bool:
    result = connection.execute(
        sa.update(_table)
        .where(which, _table.c.state == "waiting", *more)
        .values(state=state, ended_at=now, reason=reason)
    )
    return result.rowcount == 1


def _kept(row: Any) -> KeptAct:
    return KeptAct(
        row.id,
        row.key,
        row.item_id,
        row.work_task_id,
        row.actor,
        row.name,
        row.content,
        row.pressed_at,
        row.act_at,
        row.state,
        row.reason,
    )
