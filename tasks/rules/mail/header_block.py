"""The header of a mail as raw fields, and where its body begins (RFC 5322 2.2), also when the sender got it wrong."""

from __future__ import annotations

import re
from typing import NamedTuple

_END = rb"(?:\r\n|\r|\n|\Z)"
# A name of printable characters, the value with its folded lines. Blanks before the colon are obsolete, not wrong.
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:([^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*)" + _END)
_EMPTY_LINE = re.compile(_END)
# An envelope line of mbox files, a continuation of nothing, a field without a name: passed over.
_STRAY_LINE = re.compile(rb"(?:>?From |[ \t]|:)[^\r\n]*" + _END)
_FOLD = re.compile(rb"[\r\n]+")


class RawMail(NamedTuple):
    """Header fields in order, lower-case names and values as they stand (folded), and the bytes below the header."""

    fields: list[tuple[bytes, bytes]]
    body: bytes

    def value(self, name: bytes) -> bytes:
        """The first field `name` (lower case), unfolded; empty without one."""
        for found, value in self.fields:
            if found == name:
                return unfolded(value)
        return b""


def read_raw(raw: bytes) -> RawMail:
    """Part a message. A line that is no field ends the header even without an empty line: it belongs to the body."""
    fields: list[tuple[bytes, bytes]] = []
    at = 0
    while at < len(raw):
        if field := _FIELD.match(raw, at):
            fields.append((field[1].lower(), field[2]))
            at = field.end()
        elif stray := _STRAY_LINE.match(raw, at):
            at = stray.end()
        else:
            break
    empty_line = _EMPTY_LINE.match(raw, at)
    return RawMail(fields, raw[empty_line.end() if empty_line else at :])


def unfolded(value: bytes) -> bytes:
    """The value on one line (RFC 5322 2.2.3), without the blanks around it."""
    return (_FOLD.sub(b"", value) if b"\n" in value or b"\r" in value else value).strip()
