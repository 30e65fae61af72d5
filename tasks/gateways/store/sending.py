"""The outbox's sending side: claims by compare-and-set, the brakes on them, and what dead senders left behind.

Claims are leased by the real clock, because a run's own moment may be any; what is due is judged by that moment.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.contacts import contact_zones
from tasks.gateways.store.events import NewEvent, note_events
from tasks.gateways.store.outbox import lock_outbox
from tasks.gateways.store.traffic import read_traffic
from tasks.rules.brakes import BrakeRules, DueNotice, Hold, judge
from tasks.rules.outgoing import AmbiguousPolicy

LEASE = timedelta(minutes=5)
_box = schema.outbox
_DUE = ("planned", "retry")


@dataclass(frozen=True, slots=True)
class DueMail:
    """A claimed mail; `attempt` is the number of the attempt to come (1 is the first).

    `was_in_doubt`: the outcome of an earlier attempt was never known.
    """

    outbox_id: int
    recipient: str
    message_id: str
    raw: bytes
    attempt: int
    policy: AmbiguousPolicy
    was_in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """What was taken up, and how many due mails the brakes have put off instead."""

    mails: tuple[DueMail, ...] = ()
    held: int = 0


def claim_due(
    connection: sa.Connection,
    mark: str,
    now: datetime,
    clock: datetime,
    limit: int,
    rules: BrakeRules,
    channel: str = "mail",
) -> Claim:
    """Claim up to `limit` mails due at `now` for `mark`, oldest first; `clock` is the real time the lease runs from.

    With another `channel` its messages are claimed instead. Mails that the brakes hold are put off in the same
    transaction. No mails claimed means that none may leave now.
    """
    lock_outbox(connection)
    held = 0
    while due := _due(connection, now, limit, channel):
        traffic = read_traffic(connection, {mail.recipient for mail in due}, now)
        holds = judge(due, traffic, rules, now)
        _put_off(connection, holds)
        held += len(holds)
        kept = {hold.outbox_id for hold in holds}
        if leaving := [mail.outbox_id for mail in due if mail.outbox_id not in kept]:
            return Claim(tuple(_claim(connection, leaving, mark, clock)), held)
    return Claim(held=held)


def _due(connection: sa.Connection, now: datetime, limit: int, channel: str) -> list[DueNotice]:
    query = (
        sa.select(_box.c.id, _box.c.kind, _box.c.recipient, _box.c.recipient_ref)
        .where(_box.c.state.in_(_DUE), _box.c.channel == channel, _box.c.not_before <= now, _box.c.planned_at <= now)
        .order_by(_box.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = connection.execute(query).all()
    zones = contact_zones(connection, {row.recipient_ref for row in due})
    return [
        DueNotice(row.id, row.kind, row.recipient, row.recipient_ref, zones.get(row.recipient_ref, "")) for row in due
    ]


def _put_off(connection: sa.Connection, holds: Sequence[Hold]) -> None:
    if not holds:
        return
    statement = (
        sa.update(_box)
        .where(_box.c.id == sa.bindparam("held_id"))
        .values(not_before=sa.bindparam("held_until"), hold_reason=sa.bindparam("held_by"))
    )
    rows = [{"held_id": h.outbox_id, "held_until": h.until, "held_by": h.reason} for h in holds]
    connection.execute(statement, rows)


def _claim(connection: sa.Connection, ids: Sequence[int], mark: str, clock: datetime) -> list[DueMail]:
    claimed = connection.execute(
        sa.update(_box)
        .where(_box.c.id.in_(ids), _box.c.state.in_(_DUE))
        .values(state="claimed", claimed_by=mark, claimed_until=clock + LEASE)
        .returning(_box.c.id, _box.c.recipient, _box.c.message_id, _box.c.raw, _box.c.attempt_count, _box.c.policy)
    ).all()
    doubtful = _once_in_doubt(connection, [row.id for row in claimed if row.attempt_count])
    mails = [
        DueMail(
            r.id, r.recipient, r.message_id, zlib.decompress(r.raw), r.attempt_count + 1, r.policy, r.id in doubtful
        )
        for r in claimed
    ]
    return sorted(mails, key=lambda mail: mail.outbox_id)


def _once_in_doubt(connection: sa.Connection, ids: Sequence[int]) -> set[int]:
    """Those of which an earlier attempt may have been accepted."""
    if not ids:
        return set()
    attempt = schema.outbox_attempt
    query = sa.select(attempt.c.outbox_id).where(attempt.c.outbox_id.in_(ids), attempt.c.result == "in_doubt")
    return set(connection.scalars(query))


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
        sa.select(_box.c.id, _box.c.state, _box.c.policy, _box.c.claimed_by, _box.c.claimed_until, _box.c.attempt_count)
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
            note_events(connection, [mail_event(row.id, "ambiguous", row.attempt_count, now, None)])
    return asked


def _back() -> sa.ColumnElement[str]:
    return sa.case((_box.c.attempt_count == 0, "planned"), else_="retry")


def mail_event(outbox_id: int, state: str, attempt: int, now: datetime, code: int | None) -> NewEvent:
    """A mail's end (once), or a doubt about it (once per attempt: a person may have it sent again)."""
    key = f"mail.{state}:{outbox_id}" + (f":{attempt}" if state == "ambiguous" else "")
    data = {"attempt": attempt, "code": code}
    return NewEvent(key, now, "outbox", outbox_id, f"mail.{state}", "dispatch-outbox", data)


def ambiguous_ids(connection: sa.Connection) -> list[int]:
    """Mails and SMS of which nobody knows whether they were accepted; a person decides.

    A chat message without a receipt is none of them: the next step of its ladder says the same again.
    """
    asked = _box.c.state == "ambiguous", _box.c.channel != "xmpp"
    return list(connection.scalars(sa.select(_box.c.id).where(*asked).order_by(_box.c.id)))


def count_waiting(connection: sa.Connection) -> int:
    """Mails still to be sent, now or later."""
    waiting = _box.c.state.in_(("planned", "retry", "claimed", "in_doubt"))
    return int(connection.scalar(sa.select(sa.func.count()).where(waiting)) or 0)
