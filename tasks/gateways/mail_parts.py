"""The MIME parts of a message (RFC 2046), read where they lie: what nobody asks for is never decoded.

The library's parser walks through every line of every part, most of the cost of taking a mail in. Here a part is a
slice between two boundaries; the values of its headers, and encodings that are damaged or rare, are the library's.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from itertools import islice

from tasks.gateways.mail_bodies import decode_bytes
from tasks.gateways.mail_headers import HeaderErrors
from tasks.rules.mail.header_block import RawMail, read_raw

MAX_PARTS = 500
_MAX_DEPTH = 40
_MAX_VALUE_BYTES = 10_000
_LINE_ENDS = (b"\r\n", b"\n", b"\r")
_REST_OF_BOUNDARY = re.compile(rb"(?P<is_last>--)?[ \t]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Kind:
    """A Content-Type: `type` as type/subtype in lower case; '' for what it does not name."""

    type: str
    charset: str = ""
    boundary: bytes = b""
    report_type: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part that holds something. `name` is the file name that the sender gave it, '' without one."""

    mail: RawMail
    kind: Kind
    name: str
    is_attached: bool

    def content(self) -> bytes:
        """The bytes as they were before the transfer encoding (RFC 2045 6); damaged ones as far as they go."""
        encoding = self.mail.value(b"content-transfer-encoding").lower()
        if encoding in (b"", b"7bit", b"8bit", b"binary"):
            return self.mail.body
        try:
            if encoding == b"base64":
                return binascii.a2b_base64(self.mail.body)
            if encoding == b"quoted-printable":
                return binascii.a2b_qp(self.mail.body)
        except binascii.Error:
            pass
        return _by_library(encoding, self.mail.body)


def kind_of(mail: RawMail) -> Kind:
    """What the message's own header says of its content."""
    return _kind(_text(mail.value(b"content-type")))


def leaves(mail: RawMail) -> Iterator[Part]:
    """Parts that hold something, in order, at most MAX_PARTS; an attached message counts as one part."""
    return islice(_leaves(mail, "text/plain", 0), MAX_PARTS)


def _leaves(mail: RawMail, default_type: str, depth: int) -> Iterator[Part]:
    content_type = mail.value(b"content-type")
    kind = _kind(_text(content_type)) if content_type else Kind(default_type)
    bodies = _split(mail.body, kind.boundary) if kind.type.startswith("multipart/") and kind.boundary else iter(())
    first = next(bodies, None)
    if first is None:
        yield _part(mail, kind)
    elif depth < _MAX_DEPTH:
        inner_type = "message/rfc822" if kind.type == "multipart/digest" else "text/plain"
        yield from _leaves(read_raw(first), inner_type, depth + 1)
        for body in bodies:
            yield from _leaves(read_raw(body), inner_type, depth + 1)


def _part(mail: RawMail, kind: Kind) -> Part:
    is_attached, name = _disposition(_text(mail.value(b"content-disposition")), _text(mail.value(b"content-type")))
    return Part(mail, kind, name, is_attached or bool(name))


def _split(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What stands between lines of `--boundary`, up to `--boundary--` or the end (RFC 2046 5.1.1)."""
    mark = b"--" + boundary
    begin, at = -1, body.find(mark)
    while at >= 0:
        line = _REST_OF_BOUNDARY.match(body, at + len(mark))
        if line is not None and (at == 0 or body[at - 1 : at] in _LINE_ENDS):
            if begin >= 0:
                yield _without_line_end(body[begin:at])
            if line["is_last"]:
                return
            begin = line.end()
        at = body.find(mark, at + len(mark))
    if begin >= 0:
        yield body[begin:]


def _without_line_end(body: bytes) -> bytes:
    """The line end before a boundary belongs to the boundary."""
    return next((body[: -len(end)] for end in _LINE_ENDS if body.endswith(end)), body)


def _text(value: bytes) -> str:
    value = value[:_MAX_VALUE_BYTES]
    return value.decode("ascii") if value.isascii() else decode_bytes(value, "")


@lru_cache(maxsize=1024)
def _kind(content_type: str) -> Kind:
    header = Message()
    header["Content-Type"] = content_type
    try:
        report_type = header.get_param("report-type", "")
        return Kind(
            header.get_content_type(),
            header.get_content_charset() or "",
            (header.get_boundary() or "").encode("utf-8", "replace"),
            report_type.lower() if isinstance(report_type, str) else "",
        )
    except HeaderErrors:  # parameters that even the library cannot read: the type alone counts
        return Kind(header.get_content_type())


@lru_cache(maxsize=1024)
def _disposition(disposition: str, content_type: str) -> tuple[bool, str]:
    """Whether the part is to be shown as a file, and under which name (RFC 2183, RFC 2231; else the type's name)."""
    if not disposition and "name" not in content_type.lower():
        return False, ""
    header = Message()
    header["Content-Type"] = content_type
    header["Content-Disposition"] = disposition
    try:
        return header.get_content_disposition() == "attachment", header.get_filename("") or ""
    except HeaderErrors:
        return "attachment" in disposition.lower(), ""


def _by_library(encoding: bytes, body: bytes) -> bytes:
    part = Message()
    part["Content-Transfer-Encoding"] = encoding.decode("ascii", "replace")
    part.set_payload(body.decode("ascii", "surrogateescape"))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
