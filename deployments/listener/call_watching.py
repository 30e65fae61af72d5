"""Watching for calls: folders of call logs that change, and calls that the door has taken."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from threading import Event

from deployments.listener.worklist import Job, Worklist
from tasks.desk import Desk
from tasks.gateways.call_logs.file_signs import signs_of
from tasks.gateways.store.call_lines import newest_waiting_leg
from tasks.gateways.store.connection import reading
from tasks.rules.errors import CalloutError
from tasks.rules.office import CallLog, Office

_log = logging.getLogger("callout.listener")
CALLS = Job("calls")
_LOOK_SECONDS = 0.5
_QUIET_SECONDS = 61.0  # a call that was not surely over is taken up when it has been quiet
_STORE_LOOKS = 2  # the store is asked at every second look


def is_watched(log: CallLog) -> bool:
    """Whether the listener brings this log's calls at once; the others are asked by schedule."""
    return log.is_active and (log.has_files or bool(log.post_secret))


def watch_calls(desk: Desk, worklist: Worklist, stop: Event) -> None:
    """Ask for an intake whenever a log's files change or a posted call waits, until `stop`."""
    seen: frozenset[tuple[str, int, int]] | None = None
    quiet_at: float | None = None
    newest = look = 0
    while not stop.wait(_LOOK_SECONDS):
        signs = frozenset(sign for folder in _folders(desk.office) for sign in signs_of(folder))
        if signs != seen:
            seen = signs
            worklist.want(CALLS)
            quiet_at = time.monotonic() + _QUIET_SECONDS
        if quiet_at is not None and time.monotonic() >= quiet_at:
            quiet_at = None
            worklist.want(CALLS)
        look += 1
        try:
            waiting = _newest(desk) if look % _STORE_LOOKS == 0 else newest
        except CalloutError as error:
            _log.warning("calls: %s", error)
            continue
        if waiting > newest:
            newest = waiting
            worklist.want(CALLS)


def _folders(office: Office) -> list[Path]:
    return [Path(log.folder) for log in office.telephony.logs if log.is_active and log.has_files]


def _newest(desk: Desk) -> int:
    with reading(desk.engine) as connection:
        return newest_waiting_leg(connection)
