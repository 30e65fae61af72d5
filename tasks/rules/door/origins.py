"""Whose page sent this request: what keeps another site from acting in a visitor's name (CSRF).

A browser says so itself: Sec-Fetch-Site (W3C Fetch Metadata), and Origin (RFC 6454) in those that do not know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({"same-origin", "none"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


def is_from_own_page(method: str, headers: Mapping[str, str], *, has_session: bool) -> bool:
    """Whether a request may act. `headers` by lower-case name; reading is always allowed.

    A request without either header comes from no browser of our day: it may use a signed link, which is its own proof,
    but never a session's cookie.
    """
    if method in _SAFE_METHODS:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in _OWN_SITE
    origin = headers.get("origin")
    if origin is not None:
        return origin != "null" and urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    return not has_session


def is_known_host(host: str, url: str) -> bool:
    """Whether the Host header names this door: its address, or this machine. Any other is a rebound name (DNS)."""
    name = host.lower()
    return _without_port(name) in _LOOPBACK or (bool(url) and name == urlsplit(url).netloc.lower())


def _without_port(host: str) -> str:
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
