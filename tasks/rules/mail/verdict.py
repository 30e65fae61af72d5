"""What a mail is to the office: the order in which the signs count, first match wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tasks.rules.mail.automatic import automatic_sign, bulk_sign
from tasks.rules.mail.mailing_lists import list_sign
from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.server_verdict import spam_verdict
from tasks.rules.mail_address import canonical_mail

VerdictKind = Literal[
    "own", "duplicate", "bounce", "automatic", "list", "spam", "staff",
    "verified_reply", "claimed_reply", "known_sender", "unknown_sender", "broken",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the mail is, and why in words without personal data ('' where the kind says it all)."""

    kind: VerdictKind
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredMessage:
    """A message of ours: what it was about and whom it was sent to (`recipient_ref` is person:ID or contact:ID)."""

    outbox_id: int
    recipient: str
    recipient_ref: str
    entity: str
    entity_id: int
    work_task_id: int | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the office knows around one mail. `own_addresses` are canonical; `is_our_id`: we gave out its Message-ID."""

    own_addresses: frozenset[str]
    own_domain: str
    trusted_hosts: tuple[str, ...] = ()
    is_our_id: bool = False
    duplicate_of_id: int | None = None
    answered: AnsweredMessage | None = None
    person_id: int | None = None
    contact_id: int | None = None


def classify(mail: ParsedMail, around: Surroundings) -> Verdict:
    """The mail's verdict. A proven reply outranks weak signs and spam flags, but no sure sign of a machine."""
    for rule in (_copy, _own, _machine, _proven_reply, _own_address, _bulk, _spam):
        verdict = rule(mail, around)
        if verdict is not None:
            return verdict
    return _person(mail, around)


Rule = Callable[[ParsedMail, Surroundings], Verdict | None]


def _copy(_mail: ParsedMail, around: Surroundings) -> Verdict | None:
    if around.duplicate_of_id is None:
        return None
    return Verdict("duplicate", f"the same mail as item {around.duplicate_of_id}")


def _own(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    """Our own message come back. Not every Message-ID of our domain is: a colleague's mail program uses it too."""
    is_marked = mail.header("x-callout-wording") is not None and (mail.message_id or "").endswith(
        f"@{around.own_domain}>"
    )
    return Verdict("own", "our own message came back") if around.is_our_id or is_marked else None


def _machine(mail: ParsedMail, _around: Surroundings) -> Verdict | None:
    if mail.report is not None and mail.report.failed:
        return Verdict("bounce", "a message could not be delivered")
    sign = automatic_sign(mail) or ("a delivery report" if mail.report is not None else None)
    return Verdict("automatic", sign) if sign else None


def _proven_reply(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    """Answers a Message-ID that only its recipient was told, and comes from that recipient."""
    sender = canonical_mail(mail.from_address)
    if around.answered is None or sender is None or sender != canonical_mail(around.answered.recipient):
        return None
    return Verdict("verified_reply")


def _own_address(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    if canonical_mail(mail.from_address) in around.own_addresses:
        return Verdict("own", "sent from the office's own address")
    return None


def _bulk(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    through_list = list_sign(mail, around.own_domain)
    if through_list:
        return Verdict("list", through_list)
    sign = bulk_sign(mail)
    return Verdict("automatic", sign) if sign else None


def _spam(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    reason = spam_verdict(mail, around.trusted_hosts)
    return Verdict("spam", reason) if reason else None


def _person(mail: ParsedMail, around: Surroundings) -> Verdict:
    if not mail.from_address:
        return Verdict("broken", "no sender address can be read")
    if around.person_id is not None:
        return Verdict("staff", _claim(around))
    if around.answered is not None:
        return Verdict("claimed_reply", _claim(around))
    return Verdict("known_sender" if around.contact_id is not None else "unknown_sender")


def _claim(around: Surroundings) -> str:
    if around.answered is None:
        return ""
    return f"claims to answer our message {around.answered.outbox_id}, but was not sent by its recipient"
