"""The listener's workers: one for every job, so that none waits for another, and what follows when one is done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

from deployments.listener.worklist import Job, Worklist
from tasks.desk import Desk
from tasks.gateways.store.connection import reading
from tasks.gateways.store.intake import cursor_name, read_position
from tasks.gateways.store.notifications import is_step_due
from tasks.gateways.store.outbox_due import count_due
from tasks.gateways.store.process_inbox import newest_waiting
from tasks.rules.errors import CalloutError
from tasks.rules.mail.uid_ranges import NO_UIDS

_log = logging.getLogger("callout.listener")
_OUTBOX_LOOK_SECONDS = 2.0
_TAKE_SECONDS = 1.0
_EARLY_SECONDS = 2.0
_EARLY_LOOKS = 5  # then the next mail or the schedule brings it
DEALS = Job("deals")
OUTBOX = Job("outbox")


def watch_outbox(desk: Desk, worklist: Worklist, stop: Event) -> None:
    """Ask for a dispatch whenever mails are due, and for a look at the items when the door has brought something."""
    seen = 0
    while not stop.wait(_OUTBOX_LOOK_SECONDS):
        try:
            if _due(desk):
                worklist.want(OUTBOX)
            newest = _newest_event(desk)
            if newest > seen:
                worklist.want(DEALS)
            seen = newest
        except CalloutError as error:
            _log.warning("outbox: %s", error)


def work(desk: Desk, worklist: Worklist, job: Job, run: Callable[[Job], None], stop: Event) -> None:
    """Do `job` whenever it is wanted, until `stop`; a failed run is repeated after a growing pause."""
    early_looks = 0
    while not stop.is_set():
        if not worklist.take(job, _TAKE_SECONDS):
            continue
        try:
            run(job)
            worklist.done(job)
            _follow(desk, worklist, job)
            early_looks = early_looks + 1 if job.kind == "mail" and _has_early_mail(desk, job.subject) else 0
            if 0 < early_looks <= _EARLY_LOOKS:
                worklist.want(job, _EARLY_SECONDS)
        except Exception as error:
            _log.error("%s %s failed: %s; again in %.0f s", job.kind, job.subject, error, worklist.failed(job))


def _follow(desk: Desk, worklist: Worklist, job: Job) -> None:
    if job.kind in ("mail", "calls"):
        worklist.want(DEALS)
    elif _due(desk):
        if job == OUTBOX:
            # Sent what it could and mails are still due: a look every two seconds must not become a run every two.
            worklist.failed(job, again=False)
        worklist.want(OUTBOX)


def _has_early_mail(desk: Desk, name: str) -> bool:
    """Whether the mailbox holds mail that a run left for later.

    A server whose clock is a few seconds ahead dates new mail later than now; a refused message is left for later too.
    """
    folders = next((box.folders for box in desk.office.mailboxes if box.name == name), ())
    with reading(desk.engine) as connection:
        return any(read_position(connection, cursor_name(name, folder)).waiting != NO_UIDS for folder in folders)


def _newest_event(desk: Desk) -> int:
    """The newest event that waits for an item; a held item's stays there, and wakes nobody again."""
    with reading(desk.engine) as connection:
        return newest_waiting(connection)


def _due(desk: Desk) -> bool:
    now = datetime.now(UTC)
    with reading(desk.engine) as connection:
        return count_due(connection, now) > 0 or is_step_due(connection, now)
