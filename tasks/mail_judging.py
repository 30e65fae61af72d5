"""What becomes of one mail, by what it says and what the store knows around it."""

from __future__ import annotations

import dataclasses
import re
from functools import lru_cache

from tasks.desk import Desk
from tasks.gateways.attachment_files import content_type_of, keep_file
from tasks.gateways.store.intake import UnsettledMail
from tasks.mail_lookups import Lookups
from tasks.rules.lead_times import take_due_at
from tasks.rules.mail.calendar_answer import words_of
from tasks.rules.mail.forwards import passed_on
from tasks.rules.mail.parsed import ParsedFile, ParsedMail, UnreadableMail
from tasks.rules.mail.reply_text import split_reply
from tasks.rules.mail.settlement import (
    KeptFile,
    Settlement,
    claimed_item,
    ending_of,
    is_recorded,
    letter_of,
    wants_lead,
)
from tasks.rules.mail.surroundings import Surroundings, Verdict, numbers_in
from tasks.rules.mail.undeliverable import complained_addresses, failed_addresses
from tasks.rules.mail.verdict import classify
from tasks.rules.mail_address import canonical_mail
from tasks.rules.office import Mailbox, Office
from tasks.rules.phones import find_phones

_PHONE_SEARCH_CHARS = 5_000
# Searching for telephone numbers costs more than parsing the mail: first see whether there are enough digits.
_DIGITS = re.compile(r"\d(?:[^\w\n]{0,4}\d){6}")


def settlement_of(desk: Desk, item: UnsettledMail, mail: ParsedMail | UnreadableMail, lookups: Lookups) -> Settlement:
    """How the item ends. Attachments of what is recorded are kept by content; nothing else is written."""
    if isinstance(mail, UnreadableMail):
        return _unreadable(item, mail, lookups)
    mailbox = next((box for box in desk.office.mailboxes if box.name == item.source), None)
    around = _surroundings(desk.office, mailbox, item, mail, lookups)
    verdict = classify(mail, around)
    state, reason = ending_of(verdict, item.remark)
    settlement = Settlement(item.intake_id, item.received_at, verdict.kind, state, reason)
    if is_recorded(verdict):
        forward = lookups.forwards.get(item.intake_id)
        if verdict.kind == "staff" and forward is not None and lookups.person_of(forward.from_address) is None:
            around = dataclasses.replace(around, contact_id=lookups.contact_of(forward.from_address))
            settlement = dataclasses.replace(settlement, kind="forwarded")
            return _recorded(desk, settlement, passed_on(mail, forward), Verdict("forwarded"), around, mailbox)
        return _recorded(desk, settlement, mail, verdict, around, mailbox)
    if verdict.kind in ("bounce", "complaint"):
        return _reported(settlement, mail, lookups)
    return dataclasses.replace(settlement, duplicate_of_id=around.duplicate_of_id)


def _reported(settlement: Settlement, mail: ParsedMail, lookups: Lookups) -> Settlement:
    at = settlement.received_at
    if settlement.kind == "bounce" and mail.report is not None:
        named = [lookups.answered[i] for i in mail.report.named_ids if i in lookups.answered]
        return dataclasses.replace(settlement, bounced=failed_addresses(mail.report, named, lookups.sent, at))
    if mail.feedback is not None:
        named = [lookups.answered[i] for i in mail.feedback.named_ids if i in lookups.answered]
        complained = complained_addresses(mail.feedback, named, lookups.sent, at)
        return dataclasses.replace(settlement, complained=complained)
    return settlement


def _unreadable(item: UnsettledMail, mail: UnreadableMail, lookups: Lookups) -> Settlement:
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


@lru_cache(maxsize=16)
def _own_addresses(*raw: str) -> frozenset[str]:
    return frozenset(address for one in raw if (address := canonical_mail(one)))


def _surroundings(
    office: Office, mailbox: Mailbox | None, item: UnsettledMail, mail: ParsedMail, lookups: Lookups
) -> Surroundings:
    first_id = lookups.first_ids[item.meaning_key]
    invited = lookups.invited.get(mail.calendar.uid) if mail.calendar is not None else None
    answered = next((lookups.answered[i] for i in mail.answers if i in lookups.answered), None)
    return Surroundings(
        own_addresses=_own_addresses(office.sender.mail, *(box.address for box in office.mailboxes)),
        own_domain=office.domain.lower(),
        trusted_hosts=mailbox.trusted_verdict_hosts if mailbox is not None else (),
        is_our_id=mail.message_id in lookups.answered,
        duplicate_of_id=first_id if first_id != item.intake_id else None,
        answered=invited.answered if invited is not None else answered,
        person_id=lookups.person_of(mail.from_address),
        contact_id=lookups.contact_of(mail.from_address),
        overruled=lookups.overruled,
        named_item=next((lookups.numbered[n] for n in numbers_in(mail.subject) if n in lookups.numbered), None),
        invited=invited,
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
    parts = split_reply(mail.text, mail.subject)
    # The writer's number stands in the signature as a rule; the quote holds other people's.
    searched = f"{parts.reply[:_PHONE_SEARCH_CHARS]}\n{parts.signature[:_PHONE_SEARCH_CHARS]}"
    phones = find_phones(searched, desk.office.hours.country) if makes_lead and _DIGITS.search(searched) else []
    files = _keep(desk, settlement, mail)
    letter = letter_of(mail, verdict, around, parts.reply, phones[0] if phones else None, files)
    if letter.is_verified and mail.calendar is not None and around.invited is not None:
        words = words_of(mail.calendar, around.invited, desk.office.language, desk.office.zone)
        letter = dataclasses.replace(letter, reply_text=words.text, is_only_noted=words.is_only_noted)
    return dataclasses.replace(
        settlement,
        letter=letter,
        makes_lead=makes_lead,
        claims=claimed_item(verdict, around),
        take_due_at=take_due_at(desk.office, settlement.received_at) if makes_lead else None,
    )


def _keep(desk: Desk, settlement: Settlement, mail: ParsedMail) -> tuple[KeptFile, ...]:
    return tuple(
        _keep_one(desk, f"mail-{settlement.intake_id}-{number:02d}", file) for number, file in enumerate(mail.files, 1)
    )


def _keep_one(desk: Desk, name: str, file: ParsedFile) -> KeptFile:
    content_type, ending = content_type_of(file.content)
    sha256 = keep_file(desk.files, file.content)
    return KeptFile(sha256, f"{name}{ending}", file.name, content_type, len(file.content))
