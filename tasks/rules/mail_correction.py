"""What a person corrects in a mail before it is read again: a copy in memory; the stored bytes stay as they came."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from tasks.rules.errors import UsageError
from tasks.rules.mail_address import plain_mail

# A header field with its folded lines (RFC 5322 2.2.3), at the top of the mail or of one of its parts.
_TYPE_FIELD = re.compile(rb"^content-type[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
_FROM_FIELD = re.compile(rb"^from[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|\Z)", re.IGNORECASE | re.MULTILINE)
_IS_TEXT = re.compile(rb"content-type[ \t]*:\s*text/", re.IGNORECASE)
_CHARSET = re.compile(rb";\s*charset\*?(?:0\*?)?[ \t]*=[ \t]*(?:\"[^\"]*\"?|[^\s;]*)", re.IGNORECASE)
_HEADER_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Correction:
    """The sender's address and the charset of the text as a person says they are; '' where nothing is corrected."""

    sender: str = ""
    charset: str = ""

    def __bool__(self) -> bool:
        """Whether anything is corrected."""
        return bool(self.sender or self.charset)


def checked_correction(sender: str, charset: str) -> Correction:
    """A correction that can be used. Raises UsageError for what is no address and for a charset nobody knows."""
    address = plain_mail(sender) if sender else ""
    if address is None:
        raise UsageError(f"{sender!r} is no mail address: write name@example.com")
    try:
        name = codecs.lookup(charset).name if charset else ""
        "".encode(name or "ascii")  # refuses codecs that are no charset, such as base64
    except (LookupError, ValueError) as error:
        raise UsageError(f"{charset!r} is no charset: write utf-8, windows-1251, koi8-r …") from error
    return Correction(address, name)


def corrected(raw: bytes, correction: Correction) -> bytes:
    """A copy of the message with the correction in its header fields; the same bytes without one."""
    if correction.charset:
        raw = _with_charset(raw, correction.charset.encode("ascii"))
    if correction.sender:
        raw = _with_sender(raw, correction.sender.encode("utf-8"))
    return raw


def _with_charset(raw: bytes, charset: bytes) -> bytes:
    """Every text part says `charset` (RFC 2045 5.1); a mail without a type becomes plain text of it."""

    def said(found: re.Match[bytes]) -> bytes:
        field = found.group()
        return _CHARSET.sub(b"", field) + b"; charset=" + charset if _IS_TEXT.match(field) else field

    end = _HEADER_END.search(raw)
    if not _TYPE_FIELD.search(raw, 0, end.start() if end else len(raw)):
        raw = b"Content-Type: text/plain\r\n" + raw
    return _TYPE_FIELD.sub(said, raw)


def _with_sender(raw: bytes, sender: bytes) -> bytes:
    end = _HEADER_END.search(raw)
    at = end.start() if end else len(raw)
    return b"From: <" + sender + b">\r\n" + _FROM_FIELD.sub(b"", raw[:at] + b"\n")[:-1].rstrip(b"\r\n") + raw[at:]
