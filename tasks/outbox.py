"""What leaves the office: notices are planned with their bytes, then sent and recorded, once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.claim_holder import claim_mark, is_holder_gone
from tasks.gateways.mail_writer import word_only, write_mail
from tasks.gateways.store.brand_clues import brand_clues
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.events import NewEvent, record_events
from tasks.gateways.store.incoming_cause import incoming_causes
from tasks.gateways.store.outbox import PlannedMail, insert_planned, message_id_secret, outbox_ids, release_refused
from tasks.gateways.store.outbox_due import count_due
from tasks.gateways.store.quarantine import BadRow, quarantine_rows
from tasks.gateways.store.sending import ambiguous_ids, count_waiting, take_left_overs
from tasks.rules.brakes import answer_forbidden, brake_rules
from tasks.rules.brands import client_brand, default_brand
from tasks.rules.errors import CalloutError
from tasks.rules.office import Brand, Office
from tasks.rules.outgoing import AmbiguousPolicy, Notice
from tasks.sending import Round

_SOURCE = "outbox"


def plan_notices(connection: sa.Connection, office: Office, notices: Sequence[Notice], now: datetime) -> int:
    """Word, write and plan each notice once per key, inside the caller's write transaction; how many were new.

    A notice that cannot be worded or written is quarantined under its key (source `outbox`), and the rest goes on;
    planned again after the mistake is put right, it leaves the quarantine. An answer to a machine's mail, or to one
    whose author is not proven, is never planned; the event mail.withheld says so.
    """
    return insert_planned(connection, write_notices(connection, office, notices, now), now)


def write_notices(
    connection: sa.Connection, office: Office, notices: Sequence[Notice], now: datetime, *, mail_only: bool = True
) -> list[PlannedMail]:
    """The new ones among `notices`, worded and written, not planned yet; see plan_notices for what is left out.

    Unless it is for mail only, whoever has no mail address gets the words without bytes.
    """
    known = outbox_ids(connection, [notice.key for notice in notices])
    unknown = {notice.key: notice for notice in notices if notice.key not in known}
    fresh = _allowed(connection, unknown, now)
    if not fresh:
        return []
    secret = message_id_secret(connection, now)
    written: list[PlannedMail] = []
    refused: list[BadRow] = []
    brands = _brands(connection, office, list(fresh.values()))
    for notice in fresh.values():
        try:
            brand = brands.get(notice.key)
            has_mail = mail_only or notice.to.mail
            mail = (
                write_mail(office, notice, secret, now, brand) if has_mail else word_only(office, notice, secret, brand)
            )
            written.append(PlannedMail(notice, mail, _policy(office, notice)))
        except CalloutError as error:
            refused.append(BadRow(_SOURCE, notice.key, str(error), _as_text(notice)))
    quarantine_rows(connection, refused, now)
    release_refused(connection, _SOURCE, [one.notice.key for one in written])
    return written


def _allowed(connection: sa.Connection, notices: Mapping[str, Notice], now: datetime) -> dict[str, Notice]:
    """Without answers that nobody may get by themselves (RFC 3834)."""
    caused = [notice.cause_event_id for notice in notices.values() if notice.cause_event_id is not None]
    causes = incoming_causes(connection, caused)
    refused: dict[str, str] = {}
    for key, notice in notices.items():
        reason = answer_forbidden(notice.to.ref, causes.get(notice.cause_event_id or 0))
        if reason:
            refused[key] = reason
    record_events(connection, [_withheld(notices[key], reason, now) for key, reason in refused.items()])
    return {key: notice for key, notice in notices.items() if key not in refused}


def _brands(connection: sa.Connection, office: Office, notices: Sequence[Notice]) -> dict[str, Brand]:
    """The brand of each mail by the notice's key; an office without brands asks the store nothing."""
    if not office.brands:
        return {}
    clues = brand_clues(connection, notices)
    return {
        one.key: client_brand(office, one.to.mail, clues[one.key]) if one.key in clues else default_brand(office)
        for one in notices
    }


def _withheld(notice: Notice, reason: str, now: datetime) -> NewEvent:
    said = {"reason": reason, "to": notice.to.ref, "wording": notice.wording}
    key, kind = f"mail.withheld:{notice.key}", "mail.withheld"
    return NewEvent(key, now, notice.entity, notice.entity_id, kind, "outbox", said, notice.cause_event_id)


def _policy(office: Office, notice: Notice) -> AmbiguousPolicy:
    said = {str(kind): policy for kind, policy in office.sender.ambiguous.items()}
    return notice.policy or said.get(notice.kind, "retry")


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
    """Send up to 1,000 due mails over a few connections, recording each step before and after; the brakes hold others.

    Raises OutsideError or CredentialError when the mail server cannot be used; what was not sent then waits on, with
    no attempt counted.
    """
    with writing(desk.engine) as connection:
        take_left_overs(connection, is_holder_gone, now, datetime.now(UTC))
        if not count_due(connection, now, "mail"):
            return BatchResult(0, {})
    sender = desk.office.sender
    password = desk.secrets.read(sender.secret) if sender.login else ""
    sending = Round(desk.engine, sender, brake_rules(desk.office), claim_mark(), now)
    await sending.send(password)
    return BatchResult(sending.claimed, dict(sending.states) | {"held": sending.held})


@task(name="look-at-outbox", cache_policy=NO_CACHE)
def look_at_outbox(desk: Desk) -> OutboxState:
    """How many mails wait, and which may or may not have been accepted."""
    with reading(desk.engine) as connection:
        return OutboxState(count_waiting(connection), tuple(ambiguous_ids(connection)))
