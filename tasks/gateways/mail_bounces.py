"""Reads what mail systems report: RFC 3464 first (about half of them say it so), then what they write to people.

Everything is looked for only in what may be such a mail: a person may well write about a failed delivery.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes

from flufl.bounce import all_failures

from tasks.gateways.mail_bodies import body_text, html_text
from tasks.gateways.mail_complaints import feedback_of, is_complaint_subject
from tasks.gateways.mail_parts import Part, leaves
from tasks.rules.mail import bounce_text
from tasks.rules.mail.automatic import automatic_sign, is_from_nobody, is_mail_system
from tasks.rules.mail.delivery_status import RecipientStatus, read_statuses
from tasks.rules.mail.header_block import RawMail, read_raw
from tasks.rules.mail.identity import message_ids
from tasks.rules.mail.parsed import DeliveryReport, ParsedMail
from tasks.rules.mail_address import plain_mail

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

_NAMED_ID = re.compile(
    rb"^[> \t]*(?:original-)?message-id[ \t]*:\s{0,4}(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE
)
_ADDRESS = re.compile(r"[^\s<>\"(),;:@]{1,64}@[A-Za-z0-9.-]{1,253}")
_REFUSED = re.compile(
    r"^disposition[ \t]*:[ \t]*automatic-action/[^;\n]{0,80};[ \t]*(?:deleted|failed|denied)", re.I | re.M
)
_SNS = re.compile(r'"(?:notificationType|eventType)"\s*:\s*"Bounce"')
_REPORT_TYPES = ("message/delivery-status", "message/global-delivery-status", "message/feedback-report")
_REPORT_PART = re.compile(rb"message/(?:global-)?(?:delivery-status|feedback-report)", re.IGNORECASE)
_HEAD_BYTES = 20_000
_FIRST_CHARS = 4_000
_LIBRARY_BYTES = 200_000
_LIBRARY_LINES = 1_500
_SNS_LIST = re.compile(r'"bouncedRecipients"\s*:\s*\[[^\]]{0,20000}')
_SNS_ADDRESS = re.compile(r'"emailAddress"\s*:\s*"([^"\s]{3,320})"')
_SENT_TO = re.compile(
    r"^(?:to|cc|x-original-to)[ \t]*:(.{0,2000}(?:\n[ \t].{0,2000}){0,50})", re.IGNORECASE | re.MULTILINE
)
_MAX_NAMED = 20
_MAX_RECIPIENTS = 200
_MAX_SEARCHED_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class _Notice:
    """A report as text: `words` for people, `fields` wherever status fields may stand, `returned` the message."""

    words: str
    fields: str
    returned: str
    has_message: bool
    not_these: frozenset[str]
    sent_to: frozenset[str]


def with_report(mail: ParsedMail, raw: bytes) -> ParsedMail:
    """The mail with what it reports, if it is a mail system's word about a message, or a complaint about one."""
    if not _may_be_report(mail, raw):
        return mail
    parted = read_raw(raw)
    parts = list(leaves(parted))
    if _is_person(mail, parts):
        return mail
    named = _named_ids(raw, mail.message_id)
    feedback = feedback_of(mail, parts, named)
    if feedback is not None:
        return replace(mail, feedback=feedback)
    notice = _notice(parted, parts)
    statuses = _statuses(notice)
    if statuses:
        return replace(mail, report=_by_fields(statuses, named, notice))
    report = _by_words(mail, notice, raw, named)
    if report.outcome == "none" and mail.content_type != "multipart/report" and not is_mail_system(mail):
        return mail
    return replace(mail, report=report)


def _may_be_report(mail: ParsedMail, raw: bytes) -> bool:
    """Cheap for what is an ordinary mail; `_is_report_shaped` has the last word on what only its bytes suggest."""
    if mail.content_type == "multipart/report" or mail.header("x-failed-recipients") is not None:
        return True
    if is_mail_system(mail) or is_from_nobody(mail) or is_complaint_subject(mail.subject):
        return True
    if automatic_sign(mail) is not None:
        return _SNS.search(mail.text) is not None or bounce_text.says_plainly(mail.subject, mail.text[:_FIRST_CHARS])
    return _has_report_part(raw[:_HEAD_BYTES]) or _is_report_by_words(mail)


def _has_report_part(head: bytes) -> bool:
    """The plain search first: the pattern costs fifty times as much, and almost no mail has such a part."""
    return (b"-status" in head or b"-report" in head or b"-Status" in head) and bool(_REPORT_PART.search(head))


def _is_report_by_words(mail: ParsedMail) -> bool:
    return bounce_text.is_plain_report(mail.subject, mail.text) or bounce_text.is_bare_forward_of_report(
        mail.subject, mail.text
    )


def _is_person(mail: ParsedMail, parts: Sequence[Part]) -> bool:
    """Someone who passes a report on: it lies inside an attached message, or the subject says so."""
    if mail.content_type == "multipart/report" or mail.header("x-failed-recipients") is not None:
        return False
    if is_mail_system(mail) or automatic_sign(mail) is not None or is_complaint_subject(mail.subject):
        return False
    kinds = {part.kind.type for part in parts}
    if "message/feedback-report" in kinds:  # providers pass them on as "FW: …"
        return False
    has_report = not kinds.isdisjoint(_REPORT_TYPES)
    return not _is_report_by_words(mail) and (bounce_text.is_passed_on(mail.subject) or not has_report)


def _notice(mail: RawMail, parts: Sequence[Part]) -> _Notice:
    words: list[str] = []
    fields: list[str] = []
    returned: list[str] = []
    for part in parts:
        text = _text(part)
        if part.kind.type in _REPORT_TYPES:
            fields.append(text)
        elif part.kind.type.startswith(("message/", "text/rfc822")):
            returned.append(text)
        else:
            said, below = bounce_text.cut_returned(text)
            words.append(said)
            fields.append(bounce_text.unquoted(text))
            returned.append(below)
    below = "\n".join(returned)
    sent_to = _plain(" ".join(_SENT_TO.findall(below[:_HEAD_BYTES])))
    own = _own_addresses(mail)
    has_message = any(part.kind.type.startswith(("message/rfc822", "text/rfc822")) for part in parts)
    return _Notice("\n".join(words), "\n\n".join(fields), below, has_message, frozenset(own), frozenset(sent_to))


def _text(part: Part) -> str:
    if part.kind.type == "text/html":
        return html_text(part.content(), part.kind.charset)
    return body_text(part.content(), part.kind.charset)


def _statuses(notice: _Notice) -> list[RecipientStatus]:
    """The report's groups; one whose message was attached as bare text stands below it."""
    found = read_statuses(notice.fields)
    if _REFUSED.search(notice.returned):  # RFC 8098: thrown away by a rule, never shown to anyone
        found += [replace(s, outcome="failed") for s in read_statuses(f"Status: 5\n{notice.returned}")]
    return found[:_MAX_RECIPIENTS]


def _by_fields(statuses: Sequence[RecipientStatus], named: tuple[str, ...], notice: _Notice) -> DeliveryReport:
    failed = _each([s.address for s in statuses if s.outcome == "failed"])
    late = _each([s.address for s in statuses if s.outcome == "delayed"])
    outcomes = {s.outcome for s in statuses}
    if "failed" in outcomes and not failed:
        failed = _each(bounce_text.recipients_in(notice.words, notice.not_these, notice.sent_to))
    also = _each([s.also for s in statuses if s.outcome == "failed"])
    return DeliveryReport(
        failed, named, late, also, "failed" if "failed" in outcomes else "late" if "delayed" in outcomes else "none"
    )


def _by_words(mail: ParsedMail, notice: _Notice, raw: bytes, named: tuple[str, ...]) -> DeliveryReport:
    """flufl.bounce's knowledge of some systems, X-Failed-Recipients, then our own reading of the words."""
    told = notice.words.replace('\\"', '"')
    if _SNS.search(told):
        return DeliveryReport(_each(_sns_recipients(told)), named, outcome="failed")
    nobody = {mail.from_address, *(named_id.strip("<>").lower() for named_id in named)}
    late, permanent = (_but([a for a in found if a not in nobody], notice.not_these) for found in _by_library(raw))
    failed = _each((*permanent, *(mail.header("x-failed-recipients") or "").split(",")))
    if failed or late:
        return DeliveryReport(failed, named, () if failed else _each(late), (), "failed" if failed else "late")
    found = _each(bounce_text.recipients_in(notice.words, notice.not_these, notice.sent_to))
    if not _is_failure(mail, notice, found):
        return DeliveryReport(named_ids=named)
    if not found and len(notice.sent_to) == 1:
        found = tuple(notice.sent_to)
    if bounce_text.is_late_only(mail.subject, notice.words):
        return DeliveryReport((), named, found, outcome="late")
    return DeliveryReport(found, named, outcome="failed")


def _is_failure(mail: ParsedMail, notice: _Notice, found: Sequence[str]) -> bool:
    """A mail system, or who returns a message, is believed by its words; others say it plainly and name somebody."""
    if mail.content_type == "multipart/report" or is_mail_system(mail) or notice.has_message:
        return bounce_text.says_failure(mail.subject, notice.words)
    return bool(found) and bounce_text.says_plainly(mail.subject, notice.words)


def _by_library(raw: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What flufl.bounce finds: late and failed addresses. It asks some fifty patterns of every line, and may raise."""
    first_lines = b"\n".join(raw[:_LIBRARY_BYTES].split(b"\n", _LIBRARY_LINES)[:_LIBRARY_LINES])
    try:
        late, failed = all_failures(message_from_bytes(first_lines))
    except Exception:  # whatever a stranger's parser trips over is not about our batch
        return (), ()
    return _each(_ascii(late)), _each(_ascii(failed))


def _but(found: list[str], not_these: Collection[str]) -> list[str]:
    """Without whom the report was sent to, unless nobody else is left (who writes to himself)."""
    return [address for address in found if address not in not_these] or found


def _ascii(addresses: Iterable[bytes]) -> list[str]:
    return [address.decode("ascii", "replace") for address in sorted(addresses)]


def _each(addresses: Iterable[str]) -> tuple[str, ...]:
    plain = (plain_mail(address) for address in addresses)
    return tuple(dict.fromkeys(address for address in plain if address))[:_MAX_RECIPIENTS]


def _sns_recipients(words: str) -> list[str]:
    """Amazon SES tells by JSON (bouncedRecipients)."""
    listed = _SNS_LIST.search(words)
    return _SNS_ADDRESS.findall(listed.group()) if listed else []


def _plain(text: str) -> set[str]:
    return {address for found in _ADDRESS.findall(text) if (address := plain_mail(found.rstrip(".")))}


def _own_addresses(mail: RawMail) -> set[str]:
    """Who wrote the report and to whom it came: neither is who could not be reached."""
    names = (b"from", b"to", b"reply-to", b"sender", b"delivered-to", b"x-original-to", b"return-path")
    return _plain(" ".join(mail.value(name)[:2000].decode("latin-1") for name in names))


def _named_ids(raw: bytes, own_id: str | None) -> tuple[str, ...]:
    found = (match.decode("ascii", "replace") for match in _NAMED_ID.findall(raw[:_MAX_SEARCHED_BYTES]))
    ids = dict.fromkeys(i for value in found for i in message_ids(value) if i != own_id)
    return tuple(ids)[:_MAX_NAMED]
