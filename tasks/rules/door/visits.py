"""How long a sign-in is good, and what the log may say of a request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

SIGN_IN_MINUTES = 15
IDLE_DAYS = 7
ABSOLUTE_DAYS = 30
_SEEN_EVERY = timedelta(minutes=1)
# a random or signed token is the credential itself: no log may hold it
_TOKEN = re.compile(r"^/(a|t|q|when|in|remind|rate|unsubscribe|fresh)/[^/]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("YaBrowser", "Яндекс Браузер"), ("Firefox", "Firefox"),
             ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip


def roles_text(roles: Iterable[str]) -> str:
    """Roles in one written form, to compare a session's with today's."""
    return " ".join(sorted(roles))


def is_over(began_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session has run out: 7 days without a visit, 30 days in all."""
    return now - seen_at > timedelta(days=IDLE_DAYS) or now - began_at > timedelta(days=ABSOLUTE_DAYS)


def is_worth_noting(seen_at: datetime, now: datetime) -> bool:
    """Whether this visit is to be written down: once a minute is enough."""
    return now - seen_at >= _SEEN_EVERY


def masked_path(path: str) -> str:
    """The path for a log: without a token, without anything that could break a line."""
    return _CONTROL.sub("?", _TOKEN.sub(r"/\1/…", path))[:200]


def device_name(user_agent: str) -> str:
    """A device for its owner's list: 'Firefox, Linux'; '' when the browser does not say."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)
