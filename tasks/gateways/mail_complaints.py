"""Complaints about our mail: abuse reports of mail providers (RFC 5965) and the older forms of some of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tasks.gateways.mail_bodies import body_text
from tasks.gateways.mail_parts import Part
from tasks.rules.mail.parsed import FeedbackReport, ParsedMail
from tasks.rules.mail_address import plain_mail

# Hotmail's junk reports, AOL's and older loops: the subject is all that tells them from a person's forward.
_SUBJECT = re.compile(
    r"\s*(?:complaint about (?:a )?message from \[?[0-9a-f.:]+\]?|(?:e-?mail )?(?:feedback|abuse) report\b.{0,60}"
    r"|client tos notification"
    r"|(?:\S+ ){1,2}(?:abuse|feedback|fraud) report|dmarc (?:forensic|failure) report.*|abuse report\b.{0,60})\s*",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^(feedback-type|original-rcpt-to|removal-recipient|x-hmxmroriginalrecipient)[ \t]*:[ \t]*(.+)$", re.I | re.M
)
_SNS = re.compile(r'\{\s*"(?:notificationType|eventType)"\s*:\s*"Complaint"')
_SNS_ADDRESS = re.compile(r'"complainedRecipients".{0,20}?"emailAddress"\s*:\s*"([^"\s]{3,320})"', re.DOTALL)
_TO = re.compile(r"^to[ \t]*:.{0,200}?([^\s<>\"(),;:@]{1,64}@[A-Za-z0-9.-]{1,253})", re.IGNORECASE | re.MULTILINE)
_MAX_CHARS = 100_000
_MAX_RECIPIENTS = 50


def is_complaint_subject(subject: str) -> bool:
    """Whether the whole subject is that of a provider's complaint."""
    return _SUBJECT.fullmatch(subject) is not None


def feedback_of(mail: ParsedMail, parts: Sequence[Part], named_ids: tuple[str, ...]) -> FeedbackReport | None:
    """The complaint in the mail: its type, whom the message went to, and Message-IDs; None when it is none."""
    has_part = any(part.kind.type == "message/feedback-report" for part in parts)
    is_old_form = is_complaint_subject(mail.subject) and any(part.kind.type == "message/rfc822" for part in parts)
    if not (has_part or is_old_form or mail.report_type == "feedback-report" or _SNS.search(mail.text)):
        return None
    texts = [body_text(part.content(), part.kind.charset)[:_MAX_CHARS] for part in parts]
    fields = [(name.lower(), value) for text in texts for name, value in _FIELD.findall(text)]
    kind = next((value for name, value in fields if name == "feedback-type"), "abuse")
    recipients = _plain(value for name, value in fields if name != "feedback-type")
    recipients = recipients or _plain(_SNS_ADDRESS.findall(mail.text))
    returned = [
        text
        for text, part in zip(texts, parts, strict=True)
        if part.kind.type.startswith(("message/rfc822", "text/rfc822"))
    ]
    return FeedbackReport(kind.strip().lower()[:40], recipients or _plain(_TO.findall("\n".join(returned))), named_ids)


def _plain(values: Iterable[str]) -> tuple[str, ...]:
    plain = (plain_mail(value.strip()) for value in values)
    return tuple(dict.fromkeys(address for address in plain if address))[:_MAX_RECIPIENTS]
