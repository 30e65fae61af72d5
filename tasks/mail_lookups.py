"""What the store knows around a chunk of mail, looked up once for all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from tasks.gateways.store.answered import find_answered
from tasks.gateways.store.calendar_answers import find_invited
from tasks.gateways.store.contacts import KnownContact, find_contacts, find_staff
from tasks.gateways.store.intake import UnsettledMail, first_of_meaning
from tasks.gateways.store.mail_reports import find_numbered, find_sent
from tasks.rules.mail.forwards import Forward, find_forward
from tasks.rules.mail.parsed import ParsedMail, UnreadableMail
from tasks.rules.mail.surroundings import AnsweredMessage, Invited, NamedItem, VerdictKind, numbers_in
from tasks.rules.mail.undeliverable import RECENTLY, SentMessage, addresses_named
from tasks.rules.mail_address import canonical_mail

ReadMail = tuple[UnsettledMail, ParsedMail | UnreadableMail]


@dataclass(frozen=True, slots=True)
class Hindsight:
    """What reading a mail again must mind: contacts made after `known_at` were not known then (None: now), and the
    verdicts in `overruled` were said to be wrong by a person."""

    known_at: datetime | None = None
    overruled: frozenset[VerdictKind] = frozenset()


NO_HINDSIGHT = Hindsight()


@dataclass(frozen=True, slots=True)
class Lookups:
    """The first item of each meaning, messages of ours by Message-ID, staff and contacts by address, what was sent
    lately to reported addresses, items by public number, by intake id what colleagues pass on, invitations by UID."""

    first_ids: dict[str, int]
    answered: dict[str, AnsweredMessage]
    staff: dict[str, int]
    contacts: dict[str, KnownContact]
    sent: list[SentMessage]
    numbered: dict[str, NamedItem]
    forwards: dict[int, Forward] = field(default_factory=dict)
    overruled: frozenset[VerdictKind] = frozenset()
    invited: dict[str, Invited] = field(default_factory=dict)

    def person_of(self, address: str) -> int | None:
        """The member of staff who writes from `address`."""
        return self.staff.get(canonical_mail(address) or "", self.staff.get(address))

    def contact_of(self, address: str) -> int | None:
        """The contact who writes from `address`."""
        contact = self.contacts.get(canonical_mail(address) or "")
        return contact.contact_id if contact is not None else None


def look_up(connection: sa.Connection, mails: Sequence[ReadMail], hindsight: Hindsight) -> Lookups:
    """Everything that judging these mails needs to know."""
    parsed = [mail for _, mail in mails if isinstance(mail, ParsedMail)]
    staff = find_staff(connection)
    forwards = _forwards(mails, staff)
    authors = [*(mail.from_address for mail in parsed), *(forward.from_address for forward in forwards.values())]
    senders = {canonical for author in authors if (canonical := canonical_mail(author))}
    return Lookups(
        first_of_meaning(connection, (item.meaning_key for item, _ in mails)),
        find_answered(connection, (i for mail in parsed for i in _named_ids(mail))),
        staff,
        find_contacts(connection, "mail", senders, hindsight.known_at),
        _sent_to_reported(connection, mails),
        find_numbered(connection, (number for mail in parsed for number in numbers_in(mail.subject))),
        forwards,
        hindsight.overruled,
        find_invited(connection, {mail.calendar.uid: mail.from_address for mail in parsed if mail.calendar}),
    )


def _forwards(mails: Sequence[ReadMail], staff: dict[str, int]) -> dict[int, Forward]:
    """What mail under a colleague's address passes on; whether it is the colleague's is judged later."""
    from_staff = (
        (item.intake_id, find_forward(mail.text, mail.subject))
        for item, mail in mails
        if isinstance(mail, ParsedMail) and (canonical_mail(mail.from_address) or "") in staff
    )
    return {intake_id: forward for intake_id, forward in from_staff if forward is not None and forward.from_address}


def _named_ids(mail: ParsedMail) -> Iterable[str]:
    own_id = (mail.message_id,) if mail.message_id else ()
    return (*own_id, *mail.answers, *(i for report in (mail.report, mail.feedback) if report for i in report.named_ids))


def _sent_to_reported(connection: sa.Connection, mails: Sequence[ReadMail]) -> list[SentMessage]:
    """What was sent lately to the addresses that bounces and complaints of this chunk name."""
    reports = [(item, mail) for item, mail in mails if isinstance(mail, ParsedMail) and (mail.report or mail.feedback)]
    addresses = {address for _, mail in reports for address in addresses_named(mail)}
    if not addresses:
        return []
    return find_sent(connection, addresses, min(item.received_at for item, _ in reports) - RECENTLY)
