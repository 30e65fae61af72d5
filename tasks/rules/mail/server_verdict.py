"""What our own mail server wrote about a mail, and nobody else.

Anyone can write a verdict header. One counts only where our server left its mark (a Received line or an
Authentication-Results with a host of `trusted_verdict_hosts`, RFC 8601 5) and no Received line of a foreign host
stands above it: what stands below such a line came with the mail. RFC 8601 5 has servers remove results that others
wrote in their name; trust only hosts that do.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from tasks.rules.mail.parsed import ParsedMail

Standing = Literal["vouched", "disowned", "failed", "unknown"]
"""Of a sender's domain, by our server: proven, disowned (DMARC), failed SPF or DKIM, or nothing said."""

_RECEIVED_BY = re.compile(r"\bby\s+([^\s;()]+)", re.IGNORECASE)
# RFC 3848: the A says that the sender had signed in at our server
_SIGNED_IN = re.compile(r"\bwith\s+(?:utf8)?(?:esmtp|lmtp)s?a\b", re.IGNORECASE)
_DISOWNED = re.compile(
    r"\bdmarc=fail\b.*?(?:\bp=|\bpolicy\.[\w-]+=|\baction=|\bdis=)\s*(?:quarantine|reject)", re.IGNORECASE
)
_RESULT = re.compile(r"\b(dmarc|spf|dkim)\s*=\s*(\w+)([^;]*)", re.IGNORECASE)
_PROPERTY = {
    "dmarc": re.compile(r"header\.from\s*=\s*\"?(?:[^\s;@\"]*@)?([\w.-]+)", re.IGNORECASE),
    "spf": re.compile(r"smtp\.(?:mailfrom|mfrom)\s*=\s*\"?(?:[^\s;@\"]*@)?([\w.-]+)", re.IGNORECASE),
    "dkim": re.compile(r"header\.[di]\s*=\s*\"?(?:[^\s;@\"]*@)?([\w.-]+)", re.IGNORECASE),
}
_FAILED = frozenset({"fail", "softfail", "hardfail", "permerror"})
_YES = {"x-spam-flag": "yes", "x-spam-status": "yes", "x-spam": "yes", "x-yandex-spam": "4"}


def spam_verdict(mail: ParsedMail, trusted_hosts: Collection[str]) -> str | None:
    """Why our own server calls the mail spam; None when it does not, or no host is trusted to say so."""
    hosts = _names(trusted_hosts)
    for name, value in _headers_of_our_server(mail, hosts):
        if name in _YES and value.strip().lower().startswith(_YES[name]):
            return f"our mail server says {name}"
        if name == "authentication-results" and _host_of(value) in hosts and _DISOWNED.search(value):
            return "our mail server says that the sender's domain disowns it (DMARC)"
    return None


def own_domain_standing(mail: ParsedMail, trusted_hosts: Collection[str], domain: str) -> Standing:
    """Whether our server vouches for a sender that uses `domain` ('' is never asked about: "unknown").

    Vouched: DMARC passed, SPF or DKIM passed for this very domain (or one above or below it), or the sender had
    signed in at our own server (RFC 3848). Only the results that stand first count: further down they may be forged.
    """
    hosts = _names(trusted_hosts)
    ours = _headers_of_our_server(mail, hosts) if domain else []
    results = _first_results(ours, hosts)
    verdicts = {(kind, word) for kind, word, about in results if not about or _is_aligned(about, domain)}
    if ("dmarc", "fail") in verdicts:
        return "disowned"
    if {("dmarc", "pass"), ("spf", "pass"), ("dkim", "pass")} & _with_domain(results, domain):
        return "vouched"
    first_hop = next((value for name, value in ours if name == "received"), "")
    if _SIGNED_IN.search(first_hop):
        return "vouched"
    return "failed" if any(word in _FAILED for _, word in verdicts) else "unknown"


def _with_domain(results: list[tuple[str, str, str]], domain: str) -> set[tuple[str, str]]:
    return {(kind, word) for kind, word, about in results if about and _is_aligned(about, domain)}


def _first_results(ours: list[tuple[str, str]], hosts: set[str]) -> list[tuple[str, str, str]]:
    """(method, word, domain it is about) of our first Authentication-Results and those right beside it."""
    found: list[tuple[str, str, str]] = []
    for name, value in ours:
        if name == "authentication-results" and _host_of(value) in hosts:
            for kind, word, rest in _RESULT.findall(value.partition(";")[2]):
                about = _PROPERTY[kind.lower()].search(rest)
                found.append((kind.lower(), word.lower(), about.group(1).lower().strip(".") if about else ""))
        elif name == "received" and found:
            break
    return found


def _is_aligned(about: str, domain: str) -> bool:
    """Relaxed alignment (RFC 7489 3.1): the same domain, or one within the other."""
    return about == domain or about.endswith(f".{domain}") or (domain.endswith(f".{about}") and "." in about)


def _headers_of_our_server(mail: ParsedMail, hosts: set[str]) -> list[tuple[str, str]]:
    above: list[tuple[str, str]] = []
    is_marked = False
    for name, value in mail.headers if hosts else ():
        if name == "received":
            by = _RECEIVED_BY.search(value)
            if by is None or by.group(1).lower().rstrip(".") not in hosts:
                break
            is_marked = True
        is_marked = is_marked or (name == "authentication-results" and _host_of(value) in hosts)
        above.append((name, value))
    return above if is_marked else []


def _names(hosts: Collection[str]) -> set[str]:
    return {host.lower().rstrip(".") for host in hosts}


def _host_of(value: str) -> str:
    words = value.partition(";")[0].split()
    return words[0].lower().rstrip(".") if words else ""
