"""Header values as plain text, whatever bytes the sender's program put there.

Structured decoding (RFC 2047, RFC 5322) is the standard library's; its results are copied into plain strings without
control characters, because a decoded line break would become a header of its own when reused (CVE-2024-6923).
"""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.policy import default as default_policy
from email.utils import parseaddr
from typing import Any

from tasks.gateways.mail_bodies import decode_bytes
from tasks.rules.mail.plain_text import one_line
from tasks.rules.mail_address import plain_mail

_MAX_VALUE_BYTES = 20_000
# What almost every From header looks like; only the rest needs the full grammar, at fifty times the cost.
_SIMPLE_SENDER = re.compile(
    r"\s*(?:(\"?)(?P<name>[^\"<>\\,;:@()]*)\1\s*<)?(?P<address>[^\s<>@,;:\"()\[\]\\=?]+@[A-Za-z0-9.-]+)(?(2)>)\s*"
)
_HALVES = ("\ufffd", "\udc80")
HeaderErrors = (LookupError, ValueError, TypeError, AttributeError, HeaderParseError, RecursionError)
"""What the standard library's header parser was seen to raise on real and on damaged mail."""


def header_text(value: bytes) -> str:
    """A field's value on one line; bytes that are not ASCII are read as text."""
    value = value[:_MAX_VALUE_BYTES]
    text = value.decode("ascii") if value.isascii() else decode_bytes(value, "")
    return " ".join(text.split())


def subject_of(value: str) -> str:
    """The decoded subject on one line."""
    if "=?" not in value:
        return one_line(value)
    decoded = _joined_words(value)
    if not decoded or any(half in decoded for half in _HALVES) or "=?" in decoded:
        decoded = _by_library(value) or decoded or value
    return one_line(decoded)


def sender_of(value: str) -> tuple[str, str]:
    """Address (lower case, '' when none can be read) and display name of a From header."""
    simple = _SIMPLE_SENDER.fullmatch(value)
    if simple is not None:
        return plain_mail(simple["address"]) or "", subject_of(simple["name"] or "")[:200]
    try:
        parsed: Any = default_policy.header_factory("from", value)
        found = [(address.addr_spec, address.display_name) for address in parsed.addresses if address.domain]
    except HeaderErrors:
        found = []
    if not found:
        name, address = parseaddr(value)
        found = [(address, subject_of(name))]
    return plain_mail(one_line(found[0][0])) or "", one_line(found[0][1])[:200]


def _by_library(value: str) -> str:
    try:
        return str(default_policy.header_factory("subject", value))
    except HeaderErrors:
        return ""


def _joined_words(value: str) -> str:
    """Encoded words whose bytes were cut inside a letter: same charsets are joined before decoding."""
    try:
        parts = decode_header(value)
    except HeaderErrors:
        return ""
    return "".join(p if isinstance(p, str) else decode_bytes(p, charset or "") for p, charset in parts)
