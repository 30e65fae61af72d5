"""Steps of the mail intake: fetch into the store, understand, pass the gate, settle."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.quality_gate import GATE
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.intake import unsettled_ids
from tasks.gateways.store.intake_settling import settle_mails
from tasks.gateways.store.source_health import mailbox_source, read_health
from tasks.mail_interpreting import MailReading, read_chunk, refuse_bad
from tasks.mailbox_health import mailbox_fails, show_mailbox_health
from tasks.mailbox_visits import BoxVisit, begin_visits
from tasks.quality import gate_batch, show_gate
from tasks.rules.errors import CalloutError, OutsideError, UsageError
from tasks.rules.gate import GateResult
from tasks.rules.office import Mailbox
from tasks.unwatched import unwatched

# Judging a chunk costs the gate a quarter of a second however small it is; its bytes are bounded besides.
CHUNK_MAILS = 2000
_PATIENCE_SECONDS = 10.0


class MailFetch:
    """Mailboxes being looked into side by side: counts, remarks for people, and the error of each that failed."""

    def __init__(
        self, desk: Desk, visits: Sequence[BoxVisit], now: datetime, skipped_notes: Sequence[str] = ()
    ) -> None:
        self._desk = desk
        self._visits = visits
        self._now = now
        self._skipped_notes = skipped_notes

    @property
    def counts(self) -> dict[str, int]:
        """Messages seen and newly stored so far, and what the first run passed over, if anything."""
        total = {"seen": 0, "fetched": 0, "passed_over": 0}
        for visit in self._visits:
            total = {name: total[name] + visit.counts[name] for name in total}
        return total if total["passed_over"] else {"seen": total["seen"], "fetched": total["fetched"]}

    @property
    def notes(self) -> list[str]:
        """What a person should know of the mailboxes that are done, and of those that were not looked into."""
        ended = [visit for visit in self._visits if visit.ended.is_set()]
        return [*self._skipped_notes, *(note for visit in ended for note in visit.notes)]

    @property
    def errors(self) -> list[CalloutError]:
        """Why mailboxes could not be read, one each."""
        return [visit.error for visit in self._visits if visit.error]

    @property
    def is_changed(self) -> bool:
        """Whether a mailbox failed, or is well again."""
        return any(visit.is_changed for visit in self._visits)

    def wait(self, seconds: float) -> bool:
        """Wait for all of them, at most so long; whether all have ended. Raises what is no fault of a mailbox."""
        end = time.monotonic() + seconds
        for visit in self._visits:
            visit.ended.wait(max(0.0, end - time.monotonic()))
            if visit.is_stuck:
                self._give_up(visit)
            if visit.crash:
                raise visit.crash
        return all(visit.ended.is_set() for visit in self._visits)

    def _give_up(self, visit: BoxVisit) -> None:
        visit.error = OutsideError(f"mailbox {visit.mailbox.name}: the server says nothing more, and is left alone")
        visit.is_changed = True
        visit.ended.set()
        mailbox_fails(self._desk, visit.mailbox.name, str(visit.error), self._now)

    def require_one(self) -> None:
        """Raise the first error when mailboxes were looked into and not one of them could be read."""
        if self.errors and len(self.errors) == len(self._visits):
            raise self.errors[0]


def fetch_mailboxes(desk: Desk, names: Sequence[str], now: datetime) -> MailFetch:
    """Look into each mailbox side by side (`names`; none: all that are active and in no pause after failures).

    Returns when all are done, or after a while without those that are slow: `mail_as_it_comes` waits for them.
    Raises UsageError for a name that the office does not have.
    """
    chosen = _chosen(desk, names)
    resting = {} if names else _resting(desk, chosen, now)
    return fetch_mail(desk, [box.name for box in chosen if box.name not in resting], list(resting.values()), now)


def _chosen(desk: Desk, names: Sequence[str]) -> list[Mailbox]:
    known = {mailbox.name: mailbox for mailbox in desk.office.mailboxes}
    for name in names:
        if name not in known:
            raise UsageError(f"there is no mailbox {name!r} in the office; it has: {', '.join(known) or 'none'}")
    return [known[name] for name in dict.fromkeys(names)] if names else [box for box in known.values() if box.is_active]


def _resting(desk: Desk, mailboxes: Sequence[Mailbox], now: datetime) -> dict[str, str]:
    """By name: why a mailbox is not looked into now."""
    with reading(desk.engine) as connection:
        health = read_health(connection, [mailbox_source(box.name) for box in mailboxes])
    found = {box.name: health[mailbox_source(box.name)] for box in mailboxes}
    return {
        name: f"mailbox {name}: failed {one.failure_count} times in a row and rests until"
        f" {one.next_try_at.astimezone(desk.office.zone):%H:%M}; named explicitly it is tried at once"
        for name, one in found.items()
        if one.next_try_at and not one.may_try(now)
    }


@task(name="fetch-mail", task_run_name="fetch-mail", cache_policy=NO_CACHE)
def fetch_mail(desk: Desk, names: list[str], skipped_notes: list[str], now: datetime) -> MailFetch:
    """Begin to store what is new in these mailboxes, and wait for them as long as the others can be made to wait."""
    mailboxes = [box for box in desk.office.mailboxes if box.name in names]
    fetch = MailFetch(desk, begin_visits(desk, mailboxes, now, when_stored=GATE.begin), now, skipped_notes)
    fetch.wait(_PATIENCE_SECONDS)
    return fetch


def mail_as_it_comes(desk: Desk, fetch: MailFetch, now: datetime) -> Iterator[list[int]]:
    """Chunks of stored mail to interpret: what is there, and again as slow mailboxes bring theirs."""
    while True:
        is_last = fetch.wait(0.0)
        yield from unsettled_chunks(desk, now)
        if is_last:
            return
        fetch.wait(_PATIENCE_SECONDS)


def show_health(desk: Desk, fetch: MailFetch, now: datetime) -> None:
    """Show how the mailboxes are, when one of them failed or is well again."""
    if fetch.is_changed:
        show_mailbox_health(desk, now)


def unsettled_chunks(desk: Desk, now: datetime) -> Iterator[list[int]]:
    """Ids of stored mail that nobody has interpreted, received up to `now`, a chunk at a time."""
    last_id = 0
    while True:
        with reading(desk.engine) as connection:
            ids = unsettled_ids(connection, last_id, now, CHUNK_MAILS)
        if not ids:
            return
        last_id = ids[-1]
        yield ids


def take_chunk(desk: Desk, ids: list[int], now: datetime) -> dict[str, int]:
    """Understand a chunk, let the gate look at it, settle it; returns what was made, in counts.

    What the gate found is shown last: nobody's lead waits for a picture of it.
    """
    chunk = interpret_mail(desk, unwatched(ids))
    rows = list(chunk.gate_rows)
    if not rows:
        return settle_mail(desk, unwatched(chunk), GateResult(), now)
    verdict = gate_batch("mail", unwatched(rows), "mail", is_shown=False)
    counts = settle_mail(desk, unwatched(chunk), unwatched(verdict), now)
    show_gate("mail", unwatched(rows), "mail", unwatched(verdict))
    return counts


@task(name="interpret-mail", task_run_name="interpret-mail", cache_policy=NO_CACHE)
def interpret_mail(desk: Desk, ids: list[int]) -> MailReading:
    """Parse a chunk and decide what each mail is; keeps attachments, writes nothing to the store."""
    return read_chunk(desk, ids)


@task(name="settle-mail", task_run_name="settle-mail", cache_policy=NO_CACHE)
def settle_mail(desk: Desk, chunk: MailReading, gate: GateResult, now: datetime) -> dict[str, int]:
    """Write what became of a chunk in one transaction; items that another run settled are left alone."""
    with writing(desk.engine) as connection:
        return settle_mails(connection, refuse_bad(chunk, gate), now)
