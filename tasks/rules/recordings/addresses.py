"""Where a recording lies when it is asked for over the web: only at hosts the office names, and only by TLS."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import quote, urlsplit

from tasks.rules.office_recordings import RecordingSource
from tasks.rules.recordings.course import RecordingError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PLAIN = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
_TLS_PORT, _PLAIN_PORT = 443, 80
_THIS_MACHINE = ("127.0.0.1", "localhost")
_LONGEST_NAME = 1000
_MOST_NAMES = 20


def names_of(kind: str, told: str) -> tuple[str, ...]:
    """The names in what a call log tells; Mango tells several, with commas. Nonsense is no name."""
    parts = told.split(",") if kind == "mango" else [told]
    names = (part.strip() for part in parts)
    return tuple(dict.fromkeys(name for name in names if name and len(name) <= _LONGEST_NAME))[:_MOST_NAMES]


def address_of(source: RecordingSource, name: str) -> str:
    """The address of this recording. Raises RecordingError: no_address, bad_answer, not_secure or other_host."""
    if _SCHEME.match(name):
        address = name
    elif source.url:
        address = source.url.replace("{name}", quote(name, safe=""))
    else:
        raise RecordingError("no_address")
    require_allowed(address, source.hosts)
    return address


def require_allowed(address: str, hosts: Collection[str]) -> None:
    """Raise RecordingError unless the address is https (plain http only on this machine) at one of `hosts`."""
    host = host_of(address)
    scheme, name = address.partition(":")[0].lower(), host.partition(":")[0]
    if scheme != "https" and not (scheme == "http" and name in _THIS_MACHINE):
        raise RecordingError("not_secure")
    if host not in {one.lower() for one in hosts}:
        raise RecordingError("other_host")


def host_of(address: str) -> str:
    """Host of an address, with its port unless that is the usual one. Raises RecordingError bad_answer.

    What programs read differently (a backslash, spaces, a login before the host) is no address.
    """
    if not _PLAIN.fullmatch(address):
        raise RecordingError("bad_answer")
    try:
        place = urlsplit(address)
        port = place.port
    except ValueError as error:
        raise RecordingError("bad_answer") from error
    if not place.hostname or "@" in place.netloc:
        raise RecordingError("bad_answer")
    usual = _TLS_PORT if place.scheme.lower() == "https" else _PLAIN_PORT
    return place.hostname.lower() if port in (None, usual) else f"{place.hostname.lower()}:{port}"
