"""Waiting at an IMAP folder for new mail: IDLE (RFC 2177), or a question every half minute where a server lacks it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from imapclient import IMAPClient

from tasks.gateways.imap_connection import open_folder
from tasks.rules.office import Mailbox

_RENEW_SECONDS = 9 * 60.0  # RFC 2177 wants less than 29 minutes; home routers forget a silent line after ten
_LOOK_SECONDS = 1.0
_ASK_SECONDS = 30.0


def watch_folder(mailbox: Mailbox, password: str, on_news: Callable[[], None], should_stop: Callable[[], bool]) -> None:
    """Call `on_news` once at the start (mail may have come while nobody watched) and whenever the folder grows.

    Returns when `should_stop` says so, within about a second. Raises OutsideError or CredentialError when the line is
    lost; nothing is missed by calling it again.
    """
    with open_folder(mailbox, password) as folder:
        wait = _idle if folder.client.has_capability("IDLE") else _ask
        on_news()
        while not should_stop():
            wait(folder.client, on_news, should_stop)


def _idle(client: IMAPClient, on_news: Callable[[], None], should_stop: Callable[[], bool]) -> None:
    client.idle()
    end = time.monotonic() + _RENEW_SECONDS
    while not should_stop() and time.monotonic() < end:
        if _has_news(client.idle_check(timeout=_LOOK_SECONDS)):
            on_news()
    _, said_last = client.idle_done()
    if _has_news(said_last):
        on_news()


def _ask(client: IMAPClient, on_news: Callable[[], None], should_stop: Callable[[], bool]) -> None:
    _, said = client.noop()
    if _has_news(said):
        on_news()
    end = time.monotonic() + _ASK_SECONDS
    while not should_stop() and time.monotonic() < end:
        time.sleep(_LOOK_SECONDS)


def _has_news(responses: Iterable[tuple[object, ...]]) -> bool:
    is_grown = False
    for response in responses:
        if response[0] == b"BYE":
            raise ConnectionAbortedError("it closes the line")  # said as OutsideError where the folder is open
        is_grown = is_grown or (len(response) > 1 and response[1] == b"EXISTS")
    return is_grown
