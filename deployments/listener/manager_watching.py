"""Listening at the manager interfaces of the office's Asterisks: every call's records are kept as they are told.

What is said while no line is open is lost here and told by the log's own file or table, the net below. So is what a PBX
drops for a listener that is too slow.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

from deployments.listener.call_watching import CALLS
from deployments.listener.worklist import Worklist
from tasks.desk import Desk
from tasks.gateways.call_logs.manager_line import Block, Hearer, hear_manager
from tasks.gateways.store.connection import writing
from tasks.gateways.store.source_beats import write_line_beat
from tasks.gateways.store.source_health import manager_source, note_failure
from tasks.live_calls import take_live
from tasks.rules.errors import CalloutError, CredentialError, StoreError
from tasks.rules.office import CallLog

_log = logging.getLogger("callout.listener")
_OFFICE_LOOK_SECONDS = 2.0
_FIRST_PAUSE_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 300.0
_REFUSED_PAUSE_SECONDS = 60.0  # a wrong password offered too often is answered by a ban
_GOOD_SECONDS = 60.0  # a line that held this long was no flicker
_BEAT_SECONDS = 60.0
_STORE_PAUSE_SECONDS = 1.0


def watch_managers(desk: Desk, worklist: Worklist, begin: Callable[..., Thread], stop: Event) -> None:
    """Keep one watcher at the manager interface of every active log that has one, as the office says, until `stop`."""
    watched: dict[str, tuple[CallLog, Event]] = {}
    while True:
        wanted = {log.name: log for log in desk.office.telephony.logs if log.is_active and log.ami.address}
        for name in [name for name, (log, _) in watched.items() if wanted.get(name) != log]:
            watched.pop(name)[1].set()
            _log.info("call log %s: its manager interface is left", name)
        for name, log in wanted.items():
            if name not in watched:
                watched[name] = (log, Event())
                begin(watch_manager, desk, log, worklist, watched[name][1])
        if stop.wait(_OFFICE_LOOK_SECONDS):
            break
    for _, ended in watched.values():
        ended.set()


def watch_manager(desk: Desk, log: CallLog, worklist: Worklist, stop: Event) -> None:
    """Hear one manager interface until `stop`, and again after a growing pause whenever the line is lost."""
    pause_seconds = _FIRST_PAUSE_SECONDS
    while not stop.is_set():
        began = time.monotonic()
        hearer = Hearer(_taking(desk, log, worklist, stop), _beating(desk, log), stop.is_set)
        try:
            hear_manager(log.ami, desk.secrets.read(log.ami.secret), hearer)
        except CalloutError as error:
            if isinstance(error, CredentialError):
                pause_seconds = max(pause_seconds, _REFUSED_PAUSE_SECONDS)
            _note_failure(desk, log, str(error))
            _log.warning("call log %s: %s; again in %.0f s", log.name, error, pause_seconds)
        except Exception:
            _log.exception("call log %s: again in %.0f s", log.name, pause_seconds)
        was_good = time.monotonic() - began > _GOOD_SECONDS
        pause_seconds = _FIRST_PAUSE_SECONDS if was_good else pause_seconds
        stop.wait(pause_seconds)
        pause_seconds = min(pause_seconds * 2, _LONGEST_PAUSE_SECONDS)


def _taking(desk: Desk, log: CallLog, worklist: Worklist, stop: Event) -> Callable[[Block], None]:
    """Keeps every block; one that the store does not take now is offered again until it does."""

    def take(block: Block) -> None:
        heard_at = datetime.now(UTC)
        while True:
            try:
                taken = take_live(desk, log, block, heard_at)
                break
            except StoreError as error:
                _log.warning("call log %s: %s", log.name, error)
                if stop.wait(_STORE_PAUSE_SECONDS):
                    return
        if taken is None:
            return
        if taken.reason:
            _log.warning("call log %s: a live record is refused: %s", log.name, taken.reason)
        elif taken.kept in ("new", "corrected"):
            worklist.want(CALLS)

    return take


def _beating(desk: Desk, log: CallLog) -> Callable[[], None]:
    """Writes a beat for a sign of life, once a minute at most."""
    last_at = float("-inf")

    def beat() -> None:
        nonlocal last_at
        if time.monotonic() - last_at < _BEAT_SECONDS:
            return
        if last_at < 0:
            _log.info("call log %s: listening at its manager interface", log.name)
        last_at = time.monotonic()
        try:
            with writing(desk.engine) as connection:
                write_line_beat(connection, log.name, datetime.now(UTC))
        except StoreError as error:
            _log.warning("beat: %s", error)

    return beat


def _note_failure(desk: Desk, log: CallLog, error: str) -> None:
    try:
        with writing(desk.engine) as connection:
            note_failure(connection, manager_source(log.name), error, datetime.now(UTC))
    except StoreError as fault:
        _log.warning("call log %s: %s", log.name, fault)
