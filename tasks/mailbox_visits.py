"""Visits to mailboxes side by side: one that hangs or fails delays no other, and never silently.

A visit runs in a thread of its own; whoever started the visits waits for all of them, but only for a while.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime
from datetime import time as clock_time
from queue import Empty, SimpleQueue
from threading import Event, Thread

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.imap_connection import FolderError
from tasks.gateways.imap_mailbox import fetch_new
from tasks.gateways.pop3_mailbox import fetch_new_pop3
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.intake import StoredMatcher, cursor_name, read_position, store_batch, stored_keys
from tasks.mailbox_health import mailbox_fails, mailbox_is_well
from tasks.rules.errors import CalloutError, OutsideError
from tasks.rules.mail.fetched import Ledger, MailIdentity, Visit
from tasks.rules.office import Mailbox

_SIDE_BY_SIDE = 8
_AGAIN_AFTER_SECONDS = 1.0
_FLICKER_SECONDS = 30.0  # what failed sooner may be tried again at once
STUCK_SECONDS = 600.0
_log = logging.getLogger("callout.mail")


@dataclass(slots=True)
class BoxVisit:
    """One mailbox being looked into. `error` is why it failed; `crash` is what is no fault of the mailbox.

    `when_stored` is called after each batch that brought something new.
    """

    mailbox: Mailbox
    counts: dict[str, int] = field(default_factory=lambda: {"seen": 0, "fetched": 0, "refused": 0, "passed_over": 0})
    error: CalloutError | None = None
    crash: BaseException | None = None
    is_changed: bool = False
    ended: Event = field(default_factory=Event)
    moved_at: float = field(default_factory=time.monotonic)
    when_stored: Callable[[], None] | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether nothing has come for so long that nobody waits for it any more."""
        return not self.ended.is_set() and time.monotonic() - self.moved_at > STUCK_SECONDS

    @property
    def notes(self) -> list[str]:
        """What a person should know."""
        name, found = self.mailbox.name, []
        if self.error:
            found.append(str(self.error))
        if self.counts["refused"]:
            found.append(
                f"mailbox {name}: the server refused {self.counts['refused']} message(s); they are asked for again"
            )
        if self.counts["passed_over"]:
            found.append(
                f"mailbox {name}: {self.counts['passed_over']} message(s) were passed over on the first run, received"
                f" before {self.mailbox.take_from}"
            )
        return found


def take_mailbox(desk: Desk, mailbox: Mailbox, now: datetime, visit: BoxVisit | None = None) -> dict[str, int]:
    """Store what came into every folder of the mailbox up to `now`, raw, each batch with its cursor in one transaction.

    A folder that cannot be opened does not stop the others. Raises OutsideError and CredentialError.
    """
    visit = visit or BoxVisit(mailbox)
    secret = desk.secrets.read(mailbox.secret)
    refused: FolderError | None = None
    for folder in mailbox.folders:
        try:
            _take_folder(desk, Visit(mailbox, secret, folder, now, _since(desk, mailbox)), visit)
        except FolderError as error:
            refused = refused or error
    if refused:
        raise refused
    return visit.counts


def _since(desk: Desk, mailbox: Mailbox) -> datetime | None:
    """The first moment of the mailbox's `take_from`, in the office's zone."""
    if mailbox.take_from is None:
        return None
    return datetime.combine(mailbox.take_from, clock_time(), tzinfo=desk.office.zone)


def _take_folder(desk: Desk, look: Visit, visit: BoxVisit) -> None:
    name = look.mailbox.name
    source = cursor_name(name, look.folder)
    with reading(desk.engine) as connection:
        position = read_position(connection, source)
    fetch = fetch_new if look.mailbox.protocol == "imap" else fetch_new_pop3
    with closing(fetch(look, position, _ledger(desk, name))) as batches:
        for batch in batches:
            with writing(desk.engine) as connection:
                stored_count = store_batch(connection, name, source, batch, look.until)
            visit.counts["fetched"] += stored_count
            if stored_count and visit.when_stored:
                visit.when_stored()
            visit.counts["seen"] += len(batch.mails)
            visit.counts["refused"] += batch.refused_count
            visit.counts["passed_over"] += batch.passed_over_count
            visit.moved_at = time.monotonic()


def _ledger(desk: Desk, mailbox: str) -> Ledger:
    matcher = StoredMatcher(mailbox)

    def already_stored(identities: Sequence[MailIdentity]) -> set[int]:
        with reading(desk.engine) as connection:
            return matcher.match(connection, identities)

    def known_keys(natural_keys: Sequence[str]) -> set[str]:
        with reading(desk.engine) as connection:
            return stored_keys(connection, mailbox, natural_keys)

    return Ledger(already_stored, known_keys)


def begin_visits(
    desk: Desk, mailboxes: Sequence[Mailbox], now: datetime, when_stored: Callable[[], None] | None = None
) -> list[BoxVisit]:
    """Start looking into the mailboxes, at most eight at a time; each visit says itself when it has ended."""
    visits = [BoxVisit(mailbox, when_stored=when_stored) for mailbox in mailboxes]
    waiting: SimpleQueue[BoxVisit] = SimpleQueue()
    for visit in visits:
        waiting.put(visit)

    def work() -> None:
        while True:
            try:
                visit = waiting.get_nowait()
            except Empty:
                return
            visit.moved_at = time.monotonic()
            _make(desk, visit, now)

    for _ in range(min(_SIDE_BY_SIDE, len(visits))):
        # A thread of an executor would keep the process from ending while a server hangs.
        Thread(target=copy_context().run, args=(work,), daemon=True).start()
    return visits


def _make(desk: Desk, visit: BoxVisit, now: datetime) -> None:
    """One visit with its consequences. What is no fault of the mailbox is kept for the one who waits."""
    try:
        visit.error = _tried(desk, visit, now)
        if visit.error is None:
            visit.is_changed = mailbox_is_well(desk, visit.mailbox.name, now)
        else:
            mailbox_fails(desk, visit.mailbox.name, str(visit.error), now)
            visit.is_changed = True
    except BaseException as crash:
        visit.crash = crash
    finally:
        visit.ended.set()


def _tried(desk: Desk, visit: BoxVisit, now: datetime) -> OutsideError | None:
    """Why the mailbox could not be read. A flicker of the line is tried once more."""
    began = time.monotonic()
    error = _error_of(desk, visit, now)
    if error is None or error.is_permanent or time.monotonic() - began > _FLICKER_SECONDS:
        return error
    time.sleep(_AGAIN_AFTER_SECONDS)
    return _error_of(desk, visit, now)


def _error_of(desk: Desk, visit: BoxVisit, now: datetime) -> OutsideError | None:
    """What went wrong with the mailbox; an answer nobody foresaw must not keep the others from being read.

    Raises what is no fault of the mailbox.
    """
    visit.counts["refused"] = 0
    try:
        take_mailbox(desk, visit.mailbox, now, visit)
    except OutsideError as error:
        return error
    except (CalloutError, sa.exc.SQLAlchemyError):
        raise
    except Exception as error:
        _log.exception("mailbox %s", visit.mailbox.name)
        told = f"mailbox {visit.mailbox.name}: failed unexpectedly: {type(error).__name__}"
        return OutsideError(told, is_permanent=True)
    return None
