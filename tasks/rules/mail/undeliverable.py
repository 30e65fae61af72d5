"""Which addresses a bounce or a complaint is really about. Anybody can write one: a stranger's stays unmarked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tasks.rules.mail.parsed import DeliveryReport, FeedbackReport, ParsedMail
from tasks.rules.mail.surroundings import AnsweredMessage
from tasks.rules.mail_address import canonical_mail

RECENTLY = timedelta(days=14)
"""Mail systems give up after four or five days (RFC 5321 4.5.4.1), some after a week; a report may lie a few more."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One message of ours that was handed to a mail server."""

    outbox_id: int
    recipient: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class ReportedAddress:
    """An address that a report names (canonical), and what we sent there; nothing sent: the report proves nothing."""

    address: str
    outbox_ids: tuple[int, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether the report is about mail of ours."""
        return bool(self.outbox_ids)


def addresses_named(mail: ParsedMail) -> set[str]:
    """Every address that the mail reports something of, as written and canonical."""
    named = [*mail.report.failed, *mail.report.also] if mail.report is not None else []
    named += mail.feedback.recipients if mail.feedback is not None else ()
    return {form for address in named for form in (address, canonical_mail(address)) if form}


def failed_addresses(
    report: DeliveryReport, named: Sequence[AnsweredMessage], sent: Iterable[SentMessage], reported_at: datetime
) -> tuple[ReportedAddress, ...]:
    """The failed addresses, each with the messages of ours that it concerns.

    An address is proven when the report names a Message-ID of ours whose recipient it is (nobody else was told that
    id), or when we sent to it within `RECENTLY`. A report that names our message and no address means its recipient:
    every message of ours has one. One that names our message and an unknown address (the recipient forwards his mail
    elsewhere) marks nobody.
    """
    addresses = [*report.failed, *report.also]
    if not addresses and report.outcome == "failed":
        addresses = [message.recipient for message in named]
    return _reported_addresses(addresses, named, sent, reported_at)


def complained_addresses(
    report: FeedbackReport, named: Sequence[AnsweredMessage], sent: Iterable[SentMessage], reported_at: datetime
) -> tuple[ReportedAddress, ...]:
    """Who complained; providers often hide it, then the message that the report names tells whom it was sent to."""
    addresses = report.recipients or [message.recipient for message in named]
    return _reported_addresses(addresses, named, sent, reported_at)


def _reported_addresses(
    addresses: Iterable[str], named: Sequence[AnsweredMessage], sent: Iterable[SentMessage], reported_at: datetime
) -> tuple[ReportedAddress, ...]:
    """Each address with our messages to it: those the report names, else those sent within `RECENTLY`."""
    messages = list(sent)
    found: dict[str, tuple[int, ...]] = {}
    for raw in addresses:
        address = canonical_mail(raw)
        if address is None or address in found:
            continue
        by_id = [m.outbox_id for m in named if canonical_mail(m.recipient) == address]
        by_time = [
            m.outbox_id
            for m in messages
            if canonical_mail(m.recipient) == address and timedelta(0) <= reported_at - m.sent_at <= RECENTLY
        ]
        found[address] = tuple(dict.fromkeys(by_id or sorted(by_time)))
    return tuple(ReportedAddress(address, ids) for address, ids in found.items())
