"""Listening in chat: what is said to the office is stored, receipted and acted upon at once.

The line is one more device of the office's account. The dispatch by schedule opens its own for a moment and hears as
well: a message that both hear is kept once. A line that its server does not answer any more is opened anew, for what it
was sent meanwhile may be lost with it; its author got no receipt then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING

from deployments.listener.working import DEALS
from deployments.listener.worklist import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Worklist
from tasks.chat_answers import take_heard
from tasks.desk import Desk
from tasks.gateways.store.connection import reading
from tasks.gateways.store.presence import chat_jids
from tasks.rules.errors import CalloutError, CredentialError
from tasks.rules.notify.chat_answer import Heard

if TYPE_CHECKING:
    from tasks.gateways.channels.chat_line import XmppLine

_log = logging.getLogger("callout.listener")
_OFF_LOOK_SECONDS = 10.0
_LOOK_SECONDS = 1.0  # for the end of the listener, and what could not be stored
_ALIVE_SECONDS = 30.0
_REFUSED_PAUSE_SECONDS = 60.0  # a wrong password offered too often locks an account


def watch_chat(desk: Desk, worklist: Worklist, stop: Event) -> None:
    """Hear what is said in chat until `stop`, while the office uses it; again after a growing pause when it fails."""
    pause_seconds = FIRST_PAUSE_SECONDS
    while not stop.is_set():
        if not desk.office.channels.chat.is_on:
            stop.wait(_OFF_LOOK_SECONDS)
            continue
        try:
            asyncio.run(_listen(desk, worklist, stop))
            pause_seconds = FIRST_PAUSE_SECONDS
            continue
        except CredentialError as error:
            pause_seconds = max(pause_seconds, _REFUSED_PAUSE_SECONDS)
            _log.warning("chat: %s; again in %.0f s", error, pause_seconds)
        except CalloutError as error:
            _log.warning("chat: %s; again in %.0f s", error, pause_seconds)
        except Exception:
            _log.exception("chat: again in %.0f s", pause_seconds)
        stop.wait(pause_seconds)
        pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)


async def _listen(desk: Desk, worklist: Worklist, stop: Event) -> None:
    """Hold one line until `stop`, until it is cut, or until the office's settings or people in chat are others."""
    from tasks.gateways.channels.chat_line import XmppLine

    chat, staff = desk.office.channels.chat, _staff(desk)
    if not staff:
        stop.wait(_OFF_LOOK_SECONDS)
        return
    async with XmppLine(chat, desk.secrets.read(chat.secret), staff) as line:
        _log.info("chat: listening")
        untaken: list[Heard] = []
        asked_at = time.monotonic()
        while line.is_open and desk.office.channels.chat == chat and not stop.is_set():
            await line.wait_heard(_LOOK_SECONDS)
            _take(desk, line, untaken, worklist)
            if time.monotonic() - asked_at > _ALIVE_SECONDS:
                asked_at = time.monotonic()
                if _staff(desk) != staff or not await line.is_alive():
                    break
        await line.stop_hearing()
        _take(desk, line, untaken, worklist)


def _take(desk: Desk, line: XmppLine, untaken: list[Heard], worklist: Worklist) -> None:
    """Store what was heard, then give the receipts; what cannot be stored now is tried at the next look."""
    untaken += line.heard()
    if not untaken:
        return
    try:
        take_heard(desk, untaken, datetime.now(UTC))
    except CalloutError as error:
        _log.warning("chat: %s", error)
        return
    line.give_receipts(untaken)
    untaken.clear()
    worklist.want(DEALS)


def _staff(desk: Desk) -> list[str]:
    with reading(desk.engine) as connection:
        return list(chat_jids(connection))
