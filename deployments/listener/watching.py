"""The listener's threads: one at each mailbox, one at the outbox, and one that works off what they ask for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

from deployments.listener.worklist import Job, Worklist
from tasks.desk import Desk
from tasks.gateways.imap_idle import watch_folder
from tasks.gateways.store.connection import reading
from tasks.gateways.store.outbox_due import count_due
from tasks.rules.errors import CalloutError
from tasks.rules.office import Mailbox

_log = logging.getLogger("callout.listener")
_FIRST_PAUSE_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 300.0
_GOOD_SECONDS = 60.0  # a line that held this long was no flicker
_OUTBOX_LOOK_SECONDS = 2.0
_DEALS = Job("deals")
_OUTBOX = Job("outbox")


def watch_mailbox(desk: Desk, mailbox: Mailbox, worklist: Worklist, stop: Event) -> None:
    """Watch a mailbox until `stop`, and again after a growing pause whenever the line is lost."""

    def on_news() -> None:
        _log.info("mailbox %s: look for mail", mailbox.name)
        worklist.want(Job("mail", mailbox.name))

    pause_seconds = _FIRST_PAUSE_SECONDS
    while not stop.is_set():
        began = time.monotonic()
        try:
            watch_folder(mailbox, desk.secrets.read(mailbox.secret), on_news, stop.is_set)
        except CalloutError as error:
            _log.warning("%s; again in %.0f s", error, pause_seconds)
        except Exception:
            _log.exception("mailbox %s: again in %.0f s", mailbox.name, pause_seconds)
        stop.wait(pause_seconds)
        was_good = time.monotonic() - began - pause_seconds > _GOOD_SECONDS
        pause_seconds = _FIRST_PAUSE_SECONDS if was_good else min(pause_seconds * 2, _LONGEST_PAUSE_SECONDS)


def watch_outbox(desk: Desk, worklist: Worklist, stop: Event) -> None:
    """Ask for a dispatch whenever mails are due, until `stop`."""
    while not stop.wait(_OUTBOX_LOOK_SECONDS):
        try:
            if _due(desk):
                worklist.want(_OUTBOX)
        except CalloutError as error:
            _log.warning("outbox: %s", error)


def work(desk: Desk, worklist: Worklist, run: Callable[[Job], None], stop: Event) -> None:
    """Work jobs off one after another until `stop`; a failed one is repeated after a growing pause."""
    while not stop.is_set():
        job = worklist.take(1.0)
        if job is None:
            continue
        try:
            run(job)
        except Exception as error:
            _log.error("%s %s failed: %s; again in %.0f s", job.kind, job.subject, error, worklist.failed(job))
            continue
        worklist.done(job)
        _follow(desk, worklist, job)


def _follow(desk: Desk, worklist: Worklist, job: Job) -> None:
    if job.kind == "mail":
        worklist.want(_DEALS)
    elif _due(desk):
        if job == _OUTBOX:
            # Sent what it could and mails are still due: a look every two seconds must not become a run every two.
            worklist.failed(job, again=False)
        worklist.want(_OUTBOX)


def _due(desk: Desk) -> int:
    with reading(desk.engine) as connection:
        return count_due(connection, datetime.now(UTC))
