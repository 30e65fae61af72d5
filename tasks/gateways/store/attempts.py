"""What happened to mails on their way out, written for many at once: one commit tells it of each exactly.

These statements run for every mail that leaves, so they are plain SQL that both engines know: SQLAlchemy builds and
compiles a Core statement anew each time, which took more of a mail's time than its way over SMTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from sql.column_types import UtcDateTime
from tasks.gateways.store.events import note_events
from tasks.gateways.store.sending import LEASE, DueMail, mail_event
from tasks.rules.delivery import NextStep, ServerReply

_box = schema.outbox
_RESULTS = {"accepted": "sent", "temporary": "retry", "permanent": "refused", "unknown": "in_doubt"}


def _moments(*names: str) -> list[sa.BindParameter[Any]]:
    return [sa.bindparam(name, type_=UtcDateTime()) for name in names]


_DOUBT = sa.text(
    "UPDATE outbox SET state = 'in_doubt', claimed_until = :until, attempt_count = :number "
    "WHERE id = :id AND state = 'claimed' AND claimed_by = :mark"
).bindparams(*_moments("until"))
_BEGUN = sa.text(
    "INSERT INTO outbox_attempt (outbox_id, number, started_at, result) VALUES (:id, :number, :now, 'in_doubt')"
).bindparams(*_moments("now"))
# An attempt that got as far as DATA has its row already; one that ended before it gets it now.
_TRIED = sa.text(
    "INSERT INTO outbox_attempt (outbox_id, number, started_at, ended_at, result, reply_code, reply_text) "
    "VALUES (:id, :number, :now, :now, :result, :code, :text) "
    "ON CONFLICT (outbox_id, number) DO UPDATE SET ended_at = excluded.ended_at, result = excluded.result, "
    "reply_code = excluded.reply_code, reply_text = excluded.reply_text"
).bindparams(*_moments("now"))
# An acceptance also counts after the claim was lost, as long as nobody has taken the mail up again.
_SENT = sa.text(
    "UPDATE outbox SET state = 'sent', sent_at = :now, claimed_by = NULL, claimed_until = NULL WHERE id = :id AND "
    "((claimed_by = :mark AND state IN ('claimed', 'in_doubt')) OR state IN ('retry', 'ambiguous'))"
).bindparams(*_moments("now"))


@dataclass(frozen=True, slots=True)
class Answered:
    """A mail after an attempt: what the server said, and what becomes of the mail."""

    mail: DueMail
    reply: ServerReply
    step: NextStep


def begin_doubt(
    connection: sa.Connection, mails: Sequence[DueMail], mark: str, now: datetime, clock: datetime
) -> set[int]:
    """Before the first byte of these mails leaves: from now on it is unknown whether they were accepted.

    Returns the ids that are still ours; a mail whose claim was lost meanwhile must not be sent.
    """
    rows = [
        {"id": mail.outbox_id, "number": mail.attempt, "mark": mark, "until": clock + LEASE, "now": now}
        for mail in mails
    ]
    ours = {mail.outbox_id for mail in mails}
    if connection.execute(_DOUBT, rows).rowcount != len(rows):
        ours = _in_doubt(connection, ours, mark)
    begun = [row for row in rows if row["id"] in ours]
    if begun:
        connection.execute(_BEGUN, begun)
    return ours


def _in_doubt(connection: sa.Connection, ids: set[int], mark: str) -> set[int]:
    """Which of them we could put in doubt: nobody else writes with our mark."""
    query = sa.select(_box.c.id).where(_box.c.id.in_(ids), _box.c.state == "in_doubt", _box.c.claimed_by == mark)
    return set(connection.scalars(query))


def settle(connection: sa.Connection, answered: Sequence[Answered], mark: str, now: datetime) -> set[int]:
    """Record what the server said and each mail's new state; the ids that another sender does not hold by now."""
    connection.execute(_TRIED, [_tried(one, now) for one in answered])
    settled = _mark_sent(connection, [one.mail for one in answered if one.step.state == "sent"], mark, now)
    settled |= {one.mail.outbox_id for one in answered if one.step.state != "sent" and _mark(connection, one, mark)}
    ended = [one for one in answered if one.mail.outbox_id in settled and one.step.state != "retry"]
    note_events(
        connection,
        [mail_event(one.mail.outbox_id, one.step.state, one.mail.attempt, now, one.reply.code) for one in ended],
    )
    return settled


def _tried(one: Answered, now: datetime) -> dict[str, Any]:
    return {
        "id": one.mail.outbox_id,
        "number": one.mail.attempt,
        "now": now,
        "result": _RESULTS[one.reply.outcome],
        "code": one.reply.code,
        "text": one.reply.text,
    }


def _mark_sent(connection: sa.Connection, mails: Sequence[DueMail], mark: str, now: datetime) -> set[int]:
    if not mails:
        return set()
    rows = [{"id": mail.outbox_id, "mark": mark, "now": now} for mail in mails]
    ids = {mail.outbox_id for mail in mails}
    if connection.execute(_SENT, rows).rowcount == len(rows):
        return ids
    is_sent = _box.c.id.in_(ids), _box.c.state == "sent"
    return set(connection.scalars(sa.select(_box.c.id).where(*is_sent)))


def _mark(connection: sa.Connection, one: Answered, mark: str) -> bool:
    """A mail that was not accepted, or only may have been."""
    values: dict[str, Any] = {
        "state": one.step.state,
        "attempt_count": one.mail.attempt,
        "claimed_by": None,
        "claimed_until": None,
    }
    if one.step.state == "retry":
        values["not_before"] = one.step.not_before
    is_ours = _box.c.claimed_by == mark, _box.c.state.in_(("claimed", "in_doubt"))
    changed = connection.execute(sa.update(_box).where(_box.c.id == one.mail.outbox_id, *is_ours).values(values))
    return bool(changed.rowcount == 1)
