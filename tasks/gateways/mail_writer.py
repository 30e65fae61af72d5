"""Writing a notice as RFC 5322 bytes: the same notice always gives the same bytes, and no text can make a header.

The parts are put together by the standard library's older classes: its newer ones fold headers ten times slower, and
lose the quotes of a long name, so that an address in it becomes a recipient.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import textwrap
from base64 import encodebytes
from binascii import b2a_base64
from dataclasses import dataclass
from datetime import datetime
from email.charset import Charset
from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.policy import Compat32
from email.utils import format_datetime
from functools import lru_cache

from tasks.gateways.wordings import Worded, render_wording
from tasks.rules.brands import house_brand, reply_address
from tasks.rules.errors import UsageError
from tasks.rules.mail.reply_token import with_token
from tasks.rules.mail_address import plain_mail
from tasks.rules.office import Brand, Office
from tasks.rules.outgoing import Attachment, CalendarPart, Notice

_MAX_LINE = 78  # RFC 5322 2.1.1


class _AsWritten(Compat32):
    """Headers whose lines are short go out as they are; the standard library folds each anew, at ten times the cost."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header with its line ends."""
        lines = f"{name}: {value}".split("\n") if isinstance(value, str) else [""]
        is_fine = value and all(line.isascii() and 0 < len(line) <= _MAX_LINE for line in lines)
        if is_fine and "\r" not in value and all(line[0] == " " for line in lines[1:]):
            return self.linesep.join([*lines, ""]).encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _AsWritten(linesep="\r\n")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROL_IN_BODY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SPECIAL_IN_NAME = re.compile(r'[()<>@,:;\\"\[\]\s]+')
_UNSAFE_IN_FILE_NAME = re.compile(r'[\\/:*?"<>|]+')
_CONTENT_TYPE = re.compile(r"[a-z]+/[A-Za-z0-9.+-]+")
_UTF8 = Charset("utf-8")
_TWO_BYTES = 0x800  # letters before this take two bytes at most
_MAX_NAME = 60
_MAX_WORD_BYTES = 39
_MAX_PLAIN_LINE = 900  # RFC 5321 allows 998


@dataclass(frozen=True, slots=True)
class WrittenMail:
    """A mail ready to be kept and sent; `text` is what it says in plain text."""

    subject: str
    message_id: str
    raw: bytes
    text: str = ""


def message_id_of(secret: bytes, key: str, domain: str) -> str:
    """The Message-ID of what is promised under `key`: stable, and not to be guessed without the store's secret."""
    return f"<{hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()[:32]}@{domain}>"


def write_mail(
    office: Office, notice: Notice, secret: bytes, planned_at: datetime, brand: Brand | None = None
) -> WrittenMail:
    """Word `notice` and write it under `brand` (None: the company itself); Date is the planned moment.

    Raises OfficeError for a wording that fails, UsageError for an address or attachment that cannot be written.
    """
    brand = brand or house_brand(office)
    said = {"recipient": notice.to} | dict(notice.data)
    worded = render_wording(office, notice.wording, notice.to.language, said, brand)
    message_id = message_id_of(secret, notice.key, office.domain)
    subject = _one_line(worded.subject)
    try:
        mail = _body(worded, notice.attachments, notice.calendar)
        _set_headers(mail, office, notice, message_id, brand)
        mail["Subject"] = _header("Subject", subject)
        mail["Date"] = format_datetime(planned_at.astimezone(office.zone))
        mail["Message-ID"] = message_id
        _fix_boundaries(mail, message_id)
        return WrittenMail(subject, message_id, mail.as_bytes(policy=_POLICY), worded.text)
    except (ValueError, LookupError) as error:
        raise UsageError(f"{notice.key}: the mail to {notice.to.ref} cannot be written: {error}") from error


def word_only(office: Office, notice: Notice, secret: bytes, brand: Brand | None = None) -> WrittenMail:
    """The same words for somebody without a mail address: no bytes. Raises OfficeError for a wording that fails."""
    said = {"recipient": notice.to} | dict(notice.data)
    worded = render_wording(office, notice.wording, notice.to.language, said, brand or house_brand(office))
    return WrittenMail(_one_line(worded.subject), message_id_of(secret, notice.key, office.domain), b"", worded.text)


def _set_headers(mail: Message, office: Office, notice: Notice, message_id: str, brand: Brand) -> None:
    mail["From"] = _address(notice.sender_name or brand.sender_name, office.sender.mail)
    mail["To"] = _address(notice.to.name, notice.to.mail)
    answers_to = reply_address(office, brand)
    if office.sender.has_plus_addresses:
        answers_to = with_token(answers_to, message_id)
    mail["Reply-To"] = _address(brand.title, answers_to)
    # RFC 3834: nobody's vacation program shall answer, and other offices' software shall know us
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Callout-Wording"] = _one_line(notice.wording)


def _address(name: str, mail: str) -> str:
    address = plain_mail(mail)
    if address is None:
        raise ValueError("it has no mail address")
    plain = _SPECIAL_IN_NAME.sub(" ", _one_line(name)).strip()[:_MAX_NAME].rstrip()
    if not plain:
        return address
    written = f'"{plain}"' if plain.isascii() and "=?" not in plain else _encoded_name(plain)
    return f"{written} <{address}>"


@lru_cache(maxsize=256)
def _encoded_name(name: str) -> str:
    """Encoded words (RFC 2047) of whole words: many readers, Python's own too, show a gap between two of them."""
    letters = 22 if max(map(ord, name)) < _TWO_BYTES else 10  # 75 characters are allowed
    return " ".join(
        map(_UTF8.header_encode, textwrap.wrap(name, letters, drop_whitespace=False, break_on_hyphens=False))
    )


def _header(name: str, text: str) -> str:
    """ASCII as it is when it fits a line, else encoded words (RFC 2047)."""
    is_plain = text.isascii() and len(text) <= _MAX_NAME and "=?" not in text
    return Header(text, "us-ascii", header_name=name).encode() if is_plain else _encoded_words(text)


def _encoded_words(text: str) -> str:
    """RFC 2047: each word on a line of its own, cut between letters, at most 75 characters with "Subject: "."""
    words, raw = [], b""
    for letter in text:
        written = letter.encode()
        if len(raw) + len(written) > _MAX_WORD_BYTES:
            words.append(raw)
            raw = b""
        raw += written
    return "\n ".join(f"=?utf-8?b?{b2a_base64(word, newline=False).decode()}?=" for word in (*words, raw))


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _body(worded: Worded, attachments: tuple[Attachment, ...], calendar: CalendarPart | None) -> Message:
    pictures = [one for one in attachments if one.content_id and worded.html]
    files = [one for one in attachments if one not in pictures]
    versions: list[Message] = [_text(worded.text, "plain")]
    if worded.html:
        versions.append(_multipart("related", [_text(worded.html, "html"), *map(_part, pictures)]))
    if calendar is not None:
        # the last version shows the buttons in most programs (RFC 6047, 4); the file is for those that show none
        versions.append(_calendar(calendar))
        files.append(Attachment("invite.ics", "application/ics", calendar.content))
    return _multipart("mixed", [_multipart("alternative", versions), *map(_part, files)])


def _calendar(calendar: CalendarPart) -> Message:
    part = MIMEBase("text", "calendar", method=calendar.method, charset="utf-8")
    part.set_payload(calendar.content)
    encode_base64(part)
    return part


def _multipart(kind: str, parts: list[Message]) -> Message:
    """The only part itself, or all in a multipart of this kind."""
    return parts[0] if len(parts) == 1 else MIMEMultipart(kind, _subparts=parts)


def _text(text: str, kind: str) -> MIMENonMultipart:
    clean = _CONTROL_IN_BODY.sub("", text)
    is_plain = clean.isascii() and max(map(len, clean.split("\n"))) <= _MAX_PLAIN_LINE
    if is_plain:
        return MIMEText(clean, kind, "us-ascii")
    part = MIMENonMultipart("text", kind, charset="utf-8")
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(encodebytes(clean.encode()).decode("ascii"))
    return part


def _part(attachment: Attachment) -> Message:
    if not _CONTENT_TYPE.fullmatch(attachment.content_type):
        raise ValueError(f"{attachment.content_type!r} is no content type")
    name = _UNSAFE_IN_FILE_NAME.sub("_", _one_line(attachment.file_name)) or "file"
    part = MIMEBase(*attachment.content_type.split("/"))
    part.set_payload(attachment.content)
    encode_base64(part)
    named = name if name.isascii() else ("utf-8", "", name)
    part.add_header("Content-Disposition", "inline" if attachment.content_id else "attachment", filename=named)
    if attachment.content_id:
        part["Content-ID"] = f"<{_one_line(attachment.content_id)}>"
    return part


def _fix_boundaries(mail: Message, message_id: str) -> None:
    seed = hashlib.sha256(message_id.encode()).hexdigest()[:24]
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{seed}_{number}")
