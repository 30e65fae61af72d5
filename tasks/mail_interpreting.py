"""From stored bytes to what should become of each mail: one pass per chunk, everything looked up once for all."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.attachment_files import content_type_of, keep_file
from tasks.gateways.mail_parser import parse_mail
from tasks.gateways.store.answered import find_answered
from tasks.gateways.store.connection import reading
from tasks.gateways.store.contacts import KnownContact, find_contacts, find_staff
from tasks.gateways.store.intake import UnsettledMail, first_of_meaning, read_unsettled
from tasks.rules.gate import GateResult
from tasks.rules.mail.parsed import ParsedFile, ParsedMail, UnreadableMail
from tasks.rules.mail.reply_text import split_reply
from tasks.rules.mail.settlement import KeptFile, Letter, Settlement, ending_of, is_recorded, letter_of, wants_lead
from tasks.rules.mail.verdict import AnsweredMessage, Surroundings, Verdict, classify
from tasks.rules.mail_address import canonical_mail
from tasks.rules.office import Mailbox, Office
from tasks.rules.phones import find_phones
from tasks.rules.working_time import working_calendar

_SECONDS_PER_HOUR = 3600
_PHONE_SEARCH_CHARS = 5_000
# Searching for telephone numbers costs more than parsing the mail: first see whether there are enough digits.
_DIGITS = re.compile(r"\d(?:[^\w\n]{0,4}\d){6}")


@dataclass(frozen=True, slots=True)
class MailReading:
    """A chunk as understood: how each item ends, and the rows (by `gate_ids`) that the gate is to look at."""

    settlements: tuple[Settlement, ...]
    gate_rows: tuple[dict[str, Any], ...]
    gate_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Lookups:
    first_ids: dict[str, int]
    answered: dict[str, AnsweredMessage]
    staff: dict[str, int]
    contacts: dict[str, KnownContact]


_Read = tuple[UnsettledMail, ParsedMail | UnreadableMail]


def read_chunk(desk: Desk, ids: Sequence[int]) -> MailReading:
    """Parse and judge the items `ids`; attachments are kept by content, nothing else is written."""
    with reading(desk.engine) as connection:
        mails: list[_Read] = [
            (dataclasses.replace(item, raw=b""), parse_mail(item.raw)) for item in read_unsettled(connection, ids)
        ]
        lookups = _look_up(connection, mails)
    settlements: list[Settlement] = []
    rows: list[dict[str, Any]] = []
    for item, mail in mails:
        settlement = _settlement(desk, item, mail, lookups)
        settlements.append(settlement)
        if settlement.letter is not None:
            rows.append(_gate_row(item, settlement, settlement.letter))
    return MailReading(tuple(settlements), tuple(rows), tuple(row["intake_id"] for row in rows))


def refuse_bad(chunk: MailReading, gate: GateResult) -> list[Settlement]:
    """The chunk's settlements, those with a refused row quarantined with the gate's reasons."""
    refused = {chunk.gate_ids[position]: reasons for position, reasons in gate.bad.items()}
    return [
        dataclasses.replace(
            settlement, state="quarantined", reason=f"gate: {'; '.join(refused[settlement.intake_id])}", letter=None
        )
        if settlement.intake_id in refused
        else settlement
        for settlement in chunk.settlements
    ]


def _look_up(connection: sa.Connection, mails: Sequence[_Read]) -> _Lookups:
    parsed = [mail for _, mail in mails if isinstance(mail, ParsedMail)]
    senders = {canonical for mail in parsed if (canonical := canonical_mail(mail.from_address))}
    return _Lookups(
        first_of_meaning(connection, (item.meaning_key for item, _ in mails)),
        find_answered(connection, (i for mail in parsed for i in _named_ids(mail))),
        find_staff(connection),
        find_contacts(connection, "mail", senders),
    )


def _named_ids(mail: ParsedMail) -> Iterable[str]:
    own_id = (mail.message_id,) if mail.message_id else ()
    return (*own_id, *mail.answers, *(mail.report.named_ids if mail.report is not None else ()))


def _settlement(desk: Desk, item: UnsettledMail, mail: ParsedMail | UnreadableMail, lookups: _Lookups) -> Settlement:
    if isinstance(mail, UnreadableMail):
        return _unreadable(item, mail, lookups)
    mailbox = next((box for box in desk.office.mailboxes if box.name == item.source), None)
    around = _surroundings(desk.office, mailbox, item, mail, lookups)
    verdict = classify(mail, around)
    state, reason = ending_of(verdict, item.remark)
    settlement = Settlement(item.intake_id, item.received_at, verdict.kind, state, reason)
    if is_recorded(verdict):
        return _recorded(desk, settlement, mail, verdict, around, mailbox)
    if verdict.kind == "bounce" and mail.report is not None:
        named = next((lookups.answered[i] for i in mail.report.named_ids if i in lookups.answered), None)
        return dataclasses.replace(settlement, bounced=mail.report.failed, bounced_message=named)
    return dataclasses.replace(settlement, duplicate_of_id=around.duplicate_of_id)


def _unreadable(item: UnsettledMail, mail: UnreadableMail, lookups: _Lookups) -> Settlement:
    first_id = lookups.first_ids[item.meaning_key]
    is_copy = first_id != item.intake_id
    verdict = Verdict("duplicate", f"the same mail as item {first_id}") if is_copy else Verdict("broken", mail.reason)
    state, reason = ending_of(verdict, item.remark)
    return Settlement(
        item.intake_id,
        item.received_at,
        verdict.kind,
        state,
        reason,
        duplicate_of_id=first_id if is_copy else None,
    )


def _surroundings(
    office: Office, mailbox: Mailbox | None, item: UnsettledMail, mail: ParsedMail, lookups: _Lookups
) -> Surroundings:
    sender = canonical_mail(mail.from_address) or ""
    first_id = lookups.first_ids[item.meaning_key]
    contact = lookups.contacts.get(sender)
    own = (office.sender.mail, *(box.address for box in office.mailboxes))
    return Surroundings(
        own_addresses=frozenset(address for raw in own if (address := canonical_mail(raw))),
        own_domain=office.domain.lower(),
        trusted_hosts=mailbox.trusted_verdict_hosts if mailbox is not None else (),
        is_our_id=mail.message_id in lookups.answered,
        duplicate_of_id=first_id if first_id != item.intake_id else None,
        answered=next((lookups.answered[i] for i in mail.answers if i in lookups.answered), None),
        person_id=lookups.staff.get(sender, lookups.staff.get(mail.from_address)),
        contact_id=contact.contact_id if contact is not None else None,
    )


def _recorded(
    desk: Desk,
    settlement: Settlement,
    mail: ParsedMail,
    verdict: Verdict,
    around: Surroundings,
    mailbox: Mailbox | None,
) -> Settlement:
    makes_lead = wants_lead(verdict, around, lead_from_unknown=mailbox is None or mailbox.lead_from_unknown)
    reply = split_reply(mail.text).reply
    hours = desk.office.hours
    searched = reply[:_PHONE_SEARCH_CHARS]
    phones = find_phones(searched, hours.country) if makes_lead and _DIGITS.search(searched) else []
    calendar = working_calendar(hours, desk.office.zone)
    due_at = calendar.add(settlement.received_at, desk.office.lead_times.take_hours * _SECONDS_PER_HOUR)
    return dataclasses.replace(
        settlement,
        letter=letter_of(mail, verdict, around, reply, phones[0] if phones else None, _keep(desk, settlement, mail)),
        makes_lead=makes_lead,
        take_due_at=due_at if makes_lead else None,
    )


def _keep(desk: Desk, settlement: Settlement, mail: ParsedMail) -> tuple[KeptFile, ...]:
    return tuple(
        _keep_one(desk, f"mail-{settlement.intake_id}-{number:02d}", file) for number, file in enumerate(mail.files, 1)
    )


def _keep_one(desk: Desk, name: str, file: ParsedFile) -> KeptFile:
    content_type, ending = content_type_of(file.content)
    sha256 = keep_file(desk.files, file.content)
    return KeptFile(sha256, f"{name}{ending}", file.name, content_type, len(file.content))


def _gate_row(item: UnsettledMail, settlement: Settlement, letter: Letter) -> dict[str, Any]:
    return {
        "intake_id": item.intake_id,
        "received_at": item.received_at,
        "fetched_at": item.fetched_at,
        "verdict": settlement.kind,
        "from_address": letter.from_address,
        "subject": letter.subject,
        "text_chars": len(letter.body_text),
        "size_bytes": item.size_bytes,
    }
