"""Spam by the verdict of our own mail server, and of nobody else.

Anyone can write a verdict header. One counts only where our server left its mark (a Received line or an
Authentication-Results with a host of `trusted_verdict_hosts`, RFC 8601 5) and no Received line of a foreign host
stands above it: what stands below such a line came with the mail.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from tasks.rules.mail.parsed import ParsedMail

_RECEIVED_BY = re.compile(r"\bby\s+([^\s;()]+)", re.IGNORECASE)
_DISOWNED = re.compile(
    r"\bdmarc=fail\b.*?(?:\bp=|\bpolicy\.[\w-]+=|\baction=|\bdis=)\s*(?:quarantine|reject)", re.IGNORECASE
)
_YES = {"x-spam-flag": "yes", "x-spam-status": "yes", "x-spam": "yes", "x-yandex-spam": "4"}


def spam_verdict(mail: ParsedMail, trusted_hosts: Collection[str]) -> str | None:
    """Why our own server calls the mail spam; None when it does not, or no host is trusted to say so."""
    hosts = {host.lower().rstrip(".") for host in trusted_hosts}
    ours = _headers_of_our_server(mail, hosts) if hosts else []
    for name, value in ours:
        if name in _YES and value.strip().lower().startswith(_YES[name]):
            return f"our mail server says {name}"
        if name == "authentication-results" and _host_of(value) in hosts and _DISOWNED.search(value):
            return "our mail server says that the sender's domain disowns it (DMARC)"
    return None


def _headers_of_our_server(mail: ParsedMail, hosts: set[str]) -> list[tuple[str, str]]:
    above: list[tuple[str, str]] = []
    is_marked = False
    for name, value in mail.headers:
        if name == "received":
            by = _RECEIVED_BY.search(value)
            if by is None or by.group(1).lower().rstrip(".") not in hosts:
                break
            is_marked = True
        is_marked = is_marked or (name == "authentication-results" and _host_of(value) in hosts)
        above.append((name, value))
    return above if is_marked else []


def _host_of(value: str) -> str:
    words = value.partition(";")[0].split()
    return words[0].lower().rstrip(".") if words else ""
