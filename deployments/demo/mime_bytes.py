"""Writing mail byte by byte, in any charset and encoding, the same bytes every time (RFC 5322, 2045, 2047, 2231)."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from urllib.parse import quote

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part: its own headers and its encoded body."""

    headers: tuple[tuple[str, str], ...]
    body: bytes

    def as_bytes(self, before: Headers = ()) -> bytes:
        """The part on the wire, `before` standing above its own headers."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in (*before, *self.headers))
        return lines.encode("ascii") + b"\r\n" + self.body


def text_part(text: str, subtype: str, charset: str, encoding: str) -> Part:
    """A text in `charset`, sent as 7bit, 8bit, quoted-printable or base64."""
    content = text.replace("\n", "\r\n").encode(charset, "xmlcharrefreplace" if subtype == "html" else "strict")
    headers = (("Content-Type", f"text/{subtype}; charset={charset}"), ("Content-Transfer-Encoding", encoding))
    return Part(headers, _encoded(content, encoding))


def file_part(name: str, content_type: str, content: bytes) -> Part:
    """An attachment; a name in other letters is written as RFC 2231 says."""
    file_name = f'filename="{name}"' if name.isascii() else f"filename*=utf-8''{quote(name)}"
    headers = (
        ("Content-Type", content_type),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", f"attachment; {file_name}"),
    )
    return Part(headers, _encoded(content, "base64"))


def report_part(kind: str, text: str) -> Part:
    """One of a delivery report's machine-readable parts (RFC 3464): message/delivery-status or text/rfc822-headers."""
    return Part((("Content-Type", kind),), text.replace("\n", "\r\n").encode("ascii"))


def multipart(subtype: str, boundary: str, parts: Sequence[Part], parameters: str = "") -> Part:
    """Several parts as one multipart/`subtype`; `parameters` is what else stands in its Content-Type."""
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part.as_bytes()) for part in parts)
    kind = f'multipart/{subtype}; {parameters}boundary="{boundary}"'
    return Part((("Content-Type", kind),), body + b"--%s--\r\n" % boundary.encode())


def header_text(text: str, charset: str) -> str:
    """A header's text: as it is in ASCII, else as encoded words of `charset`, folded."""
    return text if text.isascii() else Header(text, charset, maxlinelen=75).encode(linesep="\r\n")


def address_text(name: str, mail: str, charset: str) -> str:
    """A display name with its address."""
    if not name:
        return mail
    shown = header_text(name, charset) if not name.isascii() else f'"{name}"' if "." in name or "," in name else name
    return f"{shown} <{mail}>"


def _encoded(content: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(content).replace(b"\n", b"\r\n")
    if encoding == "quoted-printable":
        return quopri.encodestring(content.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return content
