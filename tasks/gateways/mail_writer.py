"""Writing a notice as RFC 5322 bytes: the same notice always gives the same bytes, and no text can make a header."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime

from tasks.gateways.wordings import render_wording
from tasks.rules.errors import UsageError
from tasks.rules.office import Office
from tasks.rules.outgoing import Attachment, Notice

# 7bit: we never ask a server for 8BITMIME (RFC 6152)
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROL_IN_BODY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNSAFE_IN_FILE_NAME = re.compile(r'[\\/:*?"<>|]+')


@dataclass(frozen=True, slots=True)
class WrittenMail:
    """A mail ready to be kept and sent."""

    subject: str
    message_id: str
    raw: bytes


def message_id_of(secret: bytes, key: str, domain: str) -> str:
    """The Message-ID of what is promised under `key`: stable, and not to be guessed without the store's secret."""
    return f"<{hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()[:32]}@{domain}>"


def write_mail(office: Office, notice: Notice, secret: bytes, planned_at: datetime) -> WrittenMail:
    """Word `notice` and write it; Date is the planned moment.

    Raises OfficeError for a wording that fails, UsageError for an address or attachment that cannot be written.
    """
    worded = render_wording(office, notice.wording, notice.to.language, {"recipient": notice.to} | dict(notice.data))
    message_id = message_id_of(secret, notice.key, office.domain)
    subject = _one_line(worded.subject)
    mail = EmailMessage(policy=_POLICY)
    try:
        _set_headers(mail, office, notice, subject)
        mail["Date"] = format_datetime(planned_at.astimezone(office.zone))
        mail["Message-ID"] = message_id
        _set_body(mail, worded.text, worded.html, notice.attachments)
        _fix_boundaries(mail, message_id)
        return WrittenMail(subject, message_id, mail.as_bytes())
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{notice.key}: the mail to {notice.to.ref} cannot be written: {error}") from error


def _set_headers(mail: EmailMessage, office: Office, notice: Notice, subject: str) -> None:
    mail["From"] = _address(office.sender.name, office.sender.mail)
    mail["To"] = _address(notice.to.name, notice.to.mail)
    answers_to = next((box.address for box in office.mailboxes if box.is_active), office.sender.mail)
    mail["Reply-To"] = _address(office.name, answers_to)
    mail["Subject"] = subject
    # RFC 3834: nobody's vacation program shall answer, and other offices' software shall know us
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Callout-Wording"] = _one_line(notice.wording)


def _address(name: str, mail: str) -> Address:
    if not mail.isascii():
        raise ValueError("the address is not ASCII (RFC 6531 is not supported)")
    return Address(display_name=_one_line(name), addr_spec=mail)


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _set_body(mail: EmailMessage, text: str, html: str, attachments: tuple[Attachment, ...]) -> None:
    mail.set_content(_CONTROL_IN_BODY.sub("", text))
    if html:
        mail.add_alternative(_CONTROL_IN_BODY.sub("", html), subtype="html")
    pictures = [one for one in attachments if one.content_id and html]
    if pictures:
        page = mail.get_payload()[-1]  # type: ignore[index]  # a list after add_alternative
        for picture in pictures:
            _attach(page, picture)  # type: ignore[arg-type]  # a MIMEPart, by the policy's message factory
    for attachment in attachments:
        if attachment not in pictures:
            _attach(mail, attachment)


def _attach(part: MIMEPart, attachment: Attachment) -> None:
    main_type, _, sub_type = attachment.content_type.partition("/")
    name = _UNSAFE_IN_FILE_NAME.sub("_", _one_line(attachment.file_name)) or "file"
    if attachment.content_id:
        cid = f"<{_one_line(attachment.content_id)}>"
        part.add_related(attachment.content, main_type, sub_type, filename=name, cid=cid, disposition="inline")
    else:
        part.add_attachment(attachment.content, main_type, sub_type, filename=name)


def _fix_boundaries(mail: EmailMessage, message_id: str) -> None:
    seed = hashlib.sha256(message_id.encode()).hexdigest()[:24]
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{seed}_{number}")
