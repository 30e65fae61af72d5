"""What leaves the office: notices are planned with their bytes, then sent and recorded, once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.claim_holder import claim_mark, is_holder_gone
from tasks.gateways.mail_writer import write_mail
from tasks.gateways.smtp_sender import MailServer
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.outbox import PlannedMail, insert_planned, message_id_secret, outbox_ids, release_refused
from tasks.gateways.store.quarantine import BadRow, quarantine_rows
from tasks.gateways.store.sending import (
    DueMail,
    ambiguous_ids,
    begin_doubt,
    claim_due,
    count_waiting,
    release,
    settle,
    take_left_overs,
)
from tasks.rules.delivery import next_step
from tasks.rules.errors import CalloutError
from tasks.rules.office import Office
from tasks.rules.outgoing import Notice

_SOURCE = "outbox"
_BATCH = 50


def plan_notices(connection: sa.Connection, office: Office, notices: Sequence[Notice], now: datetime) -> int:
    """Word, write and plan each notice once per key, inside the caller's write transaction; how many were new.

    A notice that cannot be worded or written is quarantined under its key (source `outbox`), and the rest goes on;
    planned again after the mistake is put right, it leaves the quarantine.
    """
    known = outbox_ids(connection, [notice.key for notice in notices])
    fresh = {notice.key: notice for notice in notices if notice.key not in known}
    if not fresh:
        return 0
    secret = message_id_secret(connection, now)
    written: list[PlannedMail] = []
    refused: list[BadRow] = []
    for notice in fresh.values():
        try:
            written.append(PlannedMail(notice, write_mail(office, notice, secret, now)))
        except CalloutError as error:
            refused.append(BadRow(_SOURCE, notice.key, str(error), _as_text(notice)))
    quarantine_rows(connection, refused, now)
    release_refused(connection, _SOURCE, [one.notice.key for one in written])
    return insert_planned(connection, written, now)


def _as_text(notice: Notice) -> str:
    """What was to be said, for the person who decides about it."""
    said = {"wording": notice.wording, "to": notice.to.ref, "not_before": notice.not_before, "data": dict(notice.data)}
    return json.dumps(said, ensure_ascii=False, default=str)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one batch: how many mails were claimed, and counts by their new state."""

    claimed: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class OutboxState:
    """What is left in the outbox; `ambiguous` holds the row ids a person must decide about."""

    waiting: int
    ambiguous: tuple[int, ...]

    @property
    def notes(self) -> list[str]:
        """What a person should know, in one line or none."""
        if not self.ambiguous:
            return []
        ids = ", ".join(map(str, self.ambiguous[:20]))
        return [f"{len(self.ambiguous)} mails may or may not have been accepted, a person must decide: outbox {ids}"]


@task(name="send-batch", task_run_name="send-batch", cache_policy=NO_CACHE)
async def send_batch(desk: Desk, now: datetime) -> BatchResult:
    """Claim up to 50 due mails and send them over one connection, recording each step before and after.

    Raises OutsideError or CredentialError when the mail server cannot be used; what was not sent then waits on, with
    no attempt counted.
    """
    mark = claim_mark()
    with writing(desk.engine) as connection:
        take_left_overs(connection, is_holder_gone, now, datetime.now(UTC))
        mails = claim_due(connection, mark, now, datetime.now(UTC), _BATCH)
    if not mails:
        return BatchResult(0, {})
    sender = desk.office.sender
    try:
        password = desk.secrets.read(sender.secret) if sender.login else ""
        async with MailServer(sender, password) as server:
            states = Counter([await _send(desk.engine, server, mail, mark, now) for mail in mails])
    finally:
        with writing(desk.engine) as connection:
            release(connection, mark)
    return BatchResult(len(mails), dict(states))


async def _send(engine: sa.Engine, server: MailServer, mail: DueMail, mark: str, now: datetime) -> str:
    """One mail's way; returns its new state, or `lost` when another sender has taken it up."""
    reply = await server.offer(mail.recipient)
    if reply.outcome == "accepted":
        with writing(engine) as connection:
            is_ours = begin_doubt(connection, mail, mark, now, datetime.now(UTC))
        if not is_ours:
            return "lost"
        reply = await server.deliver(mail.raw)
    step = next_step(reply.outcome, mail.policy, mail.attempt, now)
    with writing(engine) as connection:
        is_settled = settle(connection, mail, mark, reply, step, now)
    return step.state if is_settled else "lost"


@task(name="look-at-outbox", cache_policy=NO_CACHE)
def look_at_outbox(desk: Desk) -> OutboxState:
    """How many mails wait, and which may or may not have been accepted."""
    with reading(desk.engine) as connection:
        return OutboxState(count_waiting(connection), tuple(ambiguous_ids(connection)))
