"""Messages with their ladders: kept with their words, and planned step by step as outbox rows and inbox notices."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert, insert_new
from tasks.gateways.store.staff import id_of
from tasks.rules.notify.ladder import Channel, Progress, Step
from tasks.rules.notify.telling import Told, addresses_of, steps_of

_told, _notice, _box = schema.notification, schema.notice, schema.outbox
_CHUNK = 500


def known_keys(connection: sa.Connection, keys: Iterable[str]) -> set[str]:
    """Those of `keys` that were told already."""
    wanted = sorted(set(keys))
    found: set[str] = set()
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        found.update(connection.scalars(sa.select(_told.c.key).where(_told.c.key.in_(part))))
    return found


def insert_told(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Keep messages once per key; key → id of those that are new."""
    if not rows:
        return {}
    statement = insert(connection, _told).on_conflict_do_nothing().returning(_told.c.key, _told.c.id)
    return {row.key: row.id for row in connection.execute(statement, list(rows))}


@dataclass(frozen=True, slots=True)
class TakenStep:
    """A step that a message takes at `at`: `row` is what is kept of it, `after_id` the outbox row that failed."""

    row: Mapping[str, Any]
    step: Step
    at: datetime
    after_id: int | None = None


def plan_steps(connection: sa.Connection, taken: Sequence[TakenStep], now: datetime) -> int:
    """Plan what these steps send, inside the caller's transaction, once per message and channel; how many rows."""
    boxes: list[dict[str, Any]] = []
    notices: list[dict[str, Any]] = []
    for one in taken:
        notices += [_notice_row(one.row, one.at) for channel in one.step.channels if channel == "notice"]
        boxes += [_box_row(one.row, channel, one, now) for channel in one.step.channels if channel != "notice"]
    planned = 0
    for table, values in ((_box, boxes), (_notice, notices)):
        planned += insert_new(connection, table, values)
    return planned


def _notice_row(row: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "key": row["key"],
        "person_id": id_of(row["recipient_ref"]),
        "notification_id": row["id"],
        "kind": row["kind"],
        "subject": row["subject"],
        "body": row["body"],
        "entity": row["entity"],
        "entity_id": row["entity_id"],
        "work_task_id": row["work_task_id"],
        "item_id": row["item_id"],
        "at": at,
    }


def _box_row(row: Mapping[str, Any], channel: Channel, taken: TakenStep, now: datetime) -> dict[str, Any]:
    raw = {"mail": row["raw"], "sms": row["short_text"], "xmpp": _said(row)}[channel]
    return {
        "key": row["key"] if channel == "mail" else f"{row['key']}#{channel}",
        "kind": row["kind"],
        "recipient": addresses_of(row["steps"])[channel],
        "recipient_ref": row["recipient_ref"],
        "subject": row["subject"],
        "raw": raw if isinstance(raw, bytes) else zlib.compress(raw.encode()),
        "message_id": row["message_ids"][channel],
        "policy": row["policy"] if channel == "mail" else "ask",
        "planned_at": now,
        "not_before": taken.at,
        "entity": row["entity"],
        "entity_id": row["entity_id"],
        "item_id": row["item_id"],
        "work_task_id": row["work_task_id"],
        "cause_event_id": row["cause_event_id"],
        "channel": channel,
        "notification_id": row["id"],
        "after_id": taken.after_id,
    }


def _said(row: Mapping[str, Any]) -> str:
    return f"{row['subject']}\n\n{row['body']}".strip()


@dataclass(frozen=True, slots=True)
class Standing:
    """A message that may take a further step, and how its present step stands; `failed_id` is a row that failed."""

    told: Told
    row: Mapping[str, Any]
    progress: Progress
    failed_id: int | None
    open_ids: tuple[int, ...]


def read_climbing(connection: sa.Connection, now: datetime, after_id: int, limit: int) -> list[Standing]:
    """Messages behind `after_id` whose wait is over, whose notice was read, or that some channel took or refused."""
    ended = sa.exists().where(_box.c.notification_id == _told.c.id, _box.c.state.in_(("sent", "refused", "ambiguous")))
    is_read = sa.exists().where(_notice.c.notification_id == _told.c.id, _notice.c.read_at.is_not(None))
    is_due = _told.c.look_at <= now
    query = (
        sa.select(_told)
        .where(
            _told.c.state == "climbing",
            _told.c.id > after_id,
            _told.c.planned_at <= now,
            sa.or_(is_due, ended, is_read),
        )
        .order_by(_told.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(query).all()
    return _standings(connection, rows)


def is_any_climbing(connection: sa.Connection) -> bool:
    """Whether any message may take a further step at all."""
    return connection.scalar(sa.select(_told.c.id).where(_told.c.state == "climbing").limit(1)) is not None


def is_step_due(connection: sa.Connection, now: datetime) -> bool:
    """Whether some message has waited long enough for its next step."""
    due = _told.c.state == "climbing", _told.c.look_at <= now
    return connection.scalar(sa.select(_told.c.id).where(*due).limit(1)) is not None


def _standings(connection: sa.Connection, rows: Sequence[Any]) -> list[Standing]:
    ids = [row.id for row in rows]
    boxes: dict[int, list[Any]] = defaultdict(list)
    columns = _box.c.id, _box.c.notification_id, _box.c.channel, _box.c.state
    for box in connection.execute(sa.select(*columns).where(_box.c.notification_id.in_(ids)).order_by(_box.c.id)):
        boxes[box.notification_id].append(box)
    was_read = _notice.c.notification_id.in_(ids), _notice.c.read_at.is_not(None)
    read = set(connection.scalars(sa.select(_notice.c.notification_id).where(*was_read)))
    return [_standing(row, boxes[row.id], row.id in read) for row in rows]


def _standing(row: Any, boxes: Sequence[Any], is_read: bool) -> Standing:
    steps = steps_of(row.steps)
    told = Told(row.id, row.key, row.recipient_ref, steps, row.step, addresses_of(row.steps), row.look_at)
    own = [box for box in boxes if box.channel in steps[row.step].channels]
    failed = [box.id for box in own if box.state in ("refused", "ambiguous")]
    waiting = tuple(box.id for box in own if box.state in ("planned", "retry"))
    progress = Progress(tuple(box.state for box in own), is_read)
    return Standing(told, row._mapping, progress, failed[-1] if failed else (own[-1].id if own else None), waiting)


def end_told(connection: sa.Connection, notification_ids: Sequence[int]) -> None:
    """These messages have reached their people."""
    values = {"state": "done", "look_at": None}
    connection.execute(sa.update(_told).where(_told.c.id.in_(notification_ids)).values(values))


def hush_task(connection: sa.Connection, task_id: int) -> None:
    """What asks for a piece of work is not sent any more: its answer is there before the question has left."""
    waiting = _box.c.work_task_id == task_id, _box.c.state.in_(("planned", "retry"))
    connection.execute(sa.update(_box).where(*waiting).values(state="refused", hold_reason="overtaken"))
    ids = connection.scalars(sa.select(_told.c.id).where(_told.c.work_task_id == task_id))
    end_told(connection, list(ids))


def postpone(connection: sa.Connection, notification_id: int, until: datetime) -> None:
    """Look again later."""
    connection.execute(sa.update(_told).where(_told.c.id == notification_id).values(look_at=until))


def climb(connection: sa.Connection, told: Told, at: datetime | None) -> bool:
    """From `told`'s step to the next, to be looked at again at `at`; False when somebody else has done it."""
    values = {"step": told.step + 1, "state": "told" if told.step + 2 == len(told.steps) else "climbing", "look_at": at}
    mine = _told.c.id == told.notification_id, _told.c.step == told.step, _told.c.state == "climbing"
    return bool(connection.execute(sa.update(_told).where(*mine).values(values)).rowcount == 1)


def overtake(connection: sa.Connection, outbox_ids: Sequence[int]) -> bool:
    """Rows that wait are not sent any more, since the next step is taken; False when a sender has one in hand."""
    if not outbox_ids:
        return True
    waiting = _box.c.id.in_(outbox_ids), _box.c.state.in_(("planned", "retry"))
    values = {"state": "refused", "hold_reason": "overtaken"}
    return bool(connection.execute(sa.update(_box).where(*waiting).values(values)).rowcount == len(outbox_ids))
