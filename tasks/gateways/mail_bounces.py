"""Reads delivery reports: RFC 3464 first (about half of them are one), then the habits of known mail systems."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from email import message_from_bytes
from email.message import Message

from flufl.bounce import all_failures

from tasks.rules.mail.automatic import automatic_sign
from tasks.rules.mail.identity import message_ids
from tasks.rules.mail.parsed import DeliveryReport, ParsedMail
from tasks.rules.mail_address import plain_mail

logging.getLogger("flufl.bounce").setLevel(logging.WARNING)

_SUBJECT = re.compile(
    r"undeliver|deliver|returned|failure|failed|nondeliver|bounce|недостав|не доставлен|возврат|доставк", re.IGNORECASE
)
_NAMED_ID = re.compile(rb"^(?:>\s*)?\s*message-id:\s*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_MAX_NAMED = 20


def with_report(mail: ParsedMail, raw: bytes) -> ParsedMail:
    """The mail with what it reports, if it is a mail system's word about a message that could not be delivered.

    Only what looks like a machine's mail is searched: a person may well write about a failed delivery.
    """
    if mail.report_type not in ("", "delivery-status") or not _may_be_report(mail):
        return mail
    message = message_from_bytes(raw)
    failed, is_dsn = _dsn_failures(message)
    if not is_dsn:
        _, permanent = all_failures(message)
        failed = [address.decode("ascii", "replace") for address in sorted(permanent)]
        failed += (mail.header("x-failed-recipients") or "").split(",")
    addresses = tuple(dict.fromkeys(a for a in (plain_mail(address) for address in failed) if a))
    return replace(mail, report=DeliveryReport(addresses, _named_ids(raw, mail.message_id)))


def _may_be_report(mail: ParsedMail) -> bool:
    if mail.report_type == "delivery-status" or mail.header("x-failed-recipients") is not None:
        return True
    return _SUBJECT.search(mail.subject) is not None and (not mail.from_address or automatic_sign(mail) is not None)


def _dsn_failures(message: Message) -> tuple[list[str], bool]:
    """Recipients that failed for good (RFC 3464 2.3.3: Action), and whether there is such a report at all."""
    failed: list[str] = []
    is_dsn = False
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
            continue
        for block in part.get_payload():
            if not isinstance(block, Message) or block.get("action") is None:
                continue
            is_dsn = True
            if str(block.get("action")).strip().lower().startswith(("fail", "error")):
                recipient = block.get("original-recipient") or block.get("final-recipient") or ""
                failed.append(str(recipient).rpartition(";")[2])
    return failed, is_dsn


def _named_ids(raw: bytes, own_id: str | None) -> tuple[str, ...]:
    found = (match.decode("ascii", "replace") for match in _NAMED_ID.findall(raw[:1_000_000]))
    ids = dict.fromkeys(i for value in found for i in message_ids(value) if i != own_id)
    return tuple(ids)[:_MAX_NAMED]
