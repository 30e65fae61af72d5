"""Waiting at an IMAP folder for new mail: IDLE (RFC 2177), or a question every half minute where a server lacks it.

The server must answer once a minute: a line that a router forgot, or that broke while the machine slept, is silent
just as a quiet mailbox is. So IDLE is renewed long before the 29 minutes of RFC 2177.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ssl import SSLWantReadError

from imapclient import IMAPClient

from tasks.gateways.imap_connection import open_folder
from tasks.rules.office import Mailbox

_PROOF_SECONDS = 60.0
_ANSWER_SECONDS = 20.0
_LOOK_SECONDS = 1.0
_ASK_SECONDS = 30.0
_EXISTS = re.compile(rb"\* \d+ EXISTS", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Watch:
    """What to call: there may be new mail; the server has just answered; should the watch end."""

    on_news: Callable[[], None]
    on_answer: Callable[[], None]
    should_stop: Callable[[], bool]


def watch_folder(mailbox: Mailbox, secret: str, folder: str, watch: Watch) -> None:
    """Call `on_news` once at the start (mail may have come while nobody watched) and whenever the folder grows.

    Returns when `should_stop` says so, within about a second. Raises OutsideError or CredentialError when the line is
    lost, at the latest 80 seconds after it was; nothing is missed by calling it again.
    """
    with open_folder(mailbox, secret, folder) as opened:
        wait = _idle if opened.client.has_capability("IDLE") else _ask
        watch.on_answer()
        watch.on_news()
        while not watch.should_stop():
            wait(opened.client, watch)
            watch.on_answer()


def _idle(client: IMAPClient, watch: Watch) -> None:
    client.idle()
    for line in _said_already(client):
        if _EXISTS.match(line):
            watch.on_news()
    end = clock() + _PROOF_SECONDS
    while not watch.should_stop() and clock() < end:
        began = time.monotonic()
        said = client.idle_check(timeout=_LOOK_SECONDS)
        if _has_news(said):
            watch.on_news()
        elif not said and time.monotonic() - began < _LOOK_SECONDS / 2:
            break  # something to read, and nothing in it: the line may have ended, which the next question shows
    client.socket().settimeout(_ANSWER_SECONDS)
    _, said_last = client.idle_done()
    if _has_news(said_last):
        watch.on_news()


def _said_already(client: IMAPClient) -> Iterator[bytes]:
    """Lines that came in one packet with the server's go-ahead: read already, so that no wait at the socket sees them.

    A mail that arrives while IDLE is renewed is told so.
    """
    while _has_read_ahead(client):
        yield client._imap.readline()


def _has_read_ahead(client: IMAPClient) -> bool:
    line = client.socket()
    line.setblocking(False)
    try:
        return bool(client._imap.file.peek(1))
    except (BlockingIOError, SSLWantReadError):
        return False
    finally:
        line.settimeout(_ANSWER_SECONDS)


def _ask(client: IMAPClient, watch: Watch) -> None:
    client.socket().settimeout(_ANSWER_SECONDS)
    _, said = client.noop()
    if _has_news(said):
        watch.on_news()
    end = clock() + _ASK_SECONDS
    while not watch.should_stop() and clock() < end:
        time.sleep(_LOOK_SECONDS)


def _has_news(responses: Iterable[tuple[object, ...]]) -> bool:
    is_grown = False
    for response in responses:
        if response[0] == b"BYE":
            raise ConnectionAbortedError("it closes the line")  # said as OutsideError where the folder is open
        is_grown = is_grown or (len(response) > 1 and response[1] == b"EXISTS")
    return is_grown


def clock() -> float:
    """Seconds that also pass while the machine sleeps, where the system counts them (Linux)."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
