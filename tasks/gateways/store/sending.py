"""The outbox's sending side: claims by compare-and-set, attempts, and what dead senders left behind.

Claims are leased by the real clock, because a run's own moment may be any; what is due is judged by that moment.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.events import NewEvent, record_event
from tasks.rules.delivery import NextStep, ServerReply
from tasks.rules.outgoing import AmbiguousPolicy

LEASE = timedelta(minutes=5)
_box, _attempt = schema.outbox, schema.outbox_attempt
_RESULTS = {"accepted": "sent", "temporary": "retry", "permanent": "refused", "unknown": "in_doubt"}


@dataclass(frozen=True, slots=True)
class DueMail:
    """A claimed mail; `attempt` is the number of the attempt to come (1 is the first)."""

    outbox_id: int
    recipient: str
    raw: bytes
    attempt: int
    policy: AmbiguousPolicy


def claim_due(connection: sa.Connection, mark: str, now: datetime, clock: datetime, limit: int) -> list[DueMail]:
    """Claim up to `limit` mails due at `now` for `mark`, oldest first; `clock` is the real time the lease runs from."""
    due = (
        sa.select(_box.c.id)
        .where(_box.c.state.in_(("planned", "retry")), _box.c.not_before <= now, _box.c.planned_at <= now)
        .order_by(_box.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = connection.execute(
        sa.update(_box)
        .where(_box.c.id.in_(due), _box.c.state.in_(("planned", "retry")))
        .values(state="claimed", claimed_by=mark, claimed_until=clock + LEASE)
        .returning(_box.c.id, _box.c.recipient, _box.c.raw, _box.c.attempt_count, _box.c.policy)
    ).all()
    mails = [DueMail(r.id, r.recipient, zlib.decompress(r.raw), r.attempt_count + 1, r.policy) for r in claimed]
    return sorted(mails, key=lambda mail: mail.outbox_id)


def begin_doubt(connection: sa.Connection, mail: DueMail, mark: str, now: datetime, clock: datetime) -> bool:
    """Before the first byte of the mail leaves: from now on it is unknown whether it was accepted.

    False when the claim was lost meanwhile: then it must not be sent.
    """
    changed = connection.execute(
        sa.update(_box)
        .where(_box.c.id == mail.outbox_id, _box.c.state == "claimed", _box.c.claimed_by == mark)
        .values(state="in_doubt", claimed_until=clock + LEASE, attempt_count=mail.attempt)
    )
    if changed.rowcount != 1:
        return False
    row = {"outbox_id": mail.outbox_id, "number": mail.attempt, "started_at": now, "result": "in_doubt"}
    connection.execute(sa.insert(_attempt).values(row))
    return True


def settle(
    connection: sa.Connection, mail: DueMail, mark: str, reply: ServerReply, step: NextStep, now: datetime
) -> bool:
    """Record what the server said and the mail's new state; False when another sender holds it by now.

    An acceptance also counts after the claim was lost, as long as nobody has taken the mail up again.
    """
    values = {
        "state": step.state,
        "not_before": step.not_before,
        "attempt_count": mail.attempt,
        "sent_at": now if step.state == "sent" else None,
        "claimed_by": None,
        "claimed_until": None,
    }
    if step.state != "retry":
        del values["not_before"]
    is_ours = sa.and_(_box.c.claimed_by == mark, _box.c.state.in_(("claimed", "in_doubt")))
    if step.state == "sent":
        is_ours = sa.or_(is_ours, _box.c.state.in_(("retry", "ambiguous")))
    changed = connection.execute(sa.update(_box).where(_box.c.id == mail.outbox_id, is_ours).values(values))
    _record_attempt(connection, mail, reply, now)
    if changed.rowcount != 1:
        return False
    if step.state != "retry":
        data = {"attempt": mail.attempt, "code": reply.code}
        _record(connection, mail.outbox_id, step.state, now, data)
    return True


def _record_attempt(connection: sa.Connection, mail: DueMail, reply: ServerReply, now: datetime) -> None:
    said = {
        "ended_at": now,
        "result": _RESULTS[reply.outcome],
        "reply_code": reply.code,
        "reply_text": reply.text,
    }
    which = _attempt.c.outbox_id == mail.outbox_id, _attempt.c.number == mail.attempt
    if connection.execute(sa.update(_attempt).where(*which).values(said)).rowcount == 0:
        row = {"outbox_id": mail.outbox_id, "number": mail.attempt, "started_at": now} | said
        connection.execute(sa.insert(_attempt).values(row))


def release(connection: sa.Connection, mark: str) -> int:
    """Give back what `mark` has claimed and not begun to send; no attempt is counted."""
    held = _box.c.claimed_by == mark, _box.c.state == "claimed"
    free = {"state": _back(), "claimed_by": None, "claimed_until": None}
    return int(connection.execute(sa.update(_box).where(*held).values(free)).rowcount)


def take_left_overs(
    connection: sa.Connection, is_gone: Callable[[str], bool], now: datetime, clock: datetime
) -> list[int]:
    """Free what dead senders held: claims of an ended process or an ended lease.

    What was only claimed is planned again. What was being sent is due again at once under policy retry (same bytes,
    same Message-ID) and ambiguous under policy ask; the ids of the latter are returned.
    """
    held = connection.execute(
        sa.select(_box.c.id, _box.c.state, _box.c.policy, _box.c.claimed_by, _box.c.claimed_until)
        .where(_box.c.state.in_(("claimed", "in_doubt")))
        .with_for_update(skip_locked=True)
    ).all()
    gone = {mark for mark in {row.claimed_by for row in held} if is_gone(mark)}
    asked: list[int] = []
    for row in held:
        if row.claimed_by not in gone and row.claimed_until > clock:
            continue
        is_asked = row.state == "in_doubt" and cast(AmbiguousPolicy, row.policy) == "ask"
        state = "ambiguous" if is_asked else _back()
        free = {"state": state, "claimed_by": None, "claimed_until": None}
        connection.execute(sa.update(_box).where(_box.c.id == row.id).values(free))
        if is_asked:
            asked.append(row.id)
            _record(connection, row.id, "ambiguous", now, {"code": None})
    return asked


def _back() -> sa.ColumnElement[str]:
    return sa.case((_box.c.attempt_count == 0, "planned"), else_="retry")


def _record(connection: sa.Connection, outbox_id: int, state: str, now: datetime, data: dict[str, int | None]) -> None:
    event = NewEvent(f"mail.{state}:{outbox_id}", now, "outbox", outbox_id, f"mail.{state}", "dispatch-outbox", data)
    record_event(connection, event)


def ambiguous_ids(connection: sa.Connection) -> list[int]:
    """Mails of which nobody knows whether they were accepted; a person decides."""
    return list(connection.scalars(sa.select(_box.c.id).where(_box.c.state == "ambiguous").order_by(_box.c.id)))


def count_waiting(connection: sa.Connection) -> int:
    """Mails still to be sent, now or later."""
    waiting = _box.c.state.in_(("planned", "retry", "claimed", "in_doubt"))
    return int(connection.scalar(sa.select(sa.func.count()).where(waiting)) or 0)
