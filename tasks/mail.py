"""Steps of the mail intake: fetch into the store, understand, pass the gate, settle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.utilities.annotations import quote

from tasks.desk import Desk
from tasks.gateways.imap_mailbox import fetch_new
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.intake import already_stored, cursor_name, read_position, store_batch, unsettled_ids
from tasks.gateways.store.intake_settling import settle_mails
from tasks.mail_interpreting import MailReading, read_chunk, refuse_bad
from tasks.quality import gate_batch
from tasks.rules.errors import CalloutError, OutsideError, UsageError
from tasks.rules.gate import GateResult
from tasks.rules.office import Mailbox, Office

CHUNK_MAILS = 1000


@dataclass(slots=True)
class MailFetch:
    """What fetching did: counts, remarks for people, and the error of every mailbox that failed."""

    counts: dict[str, int] = field(default_factory=lambda: {"seen": 0, "fetched": 0})
    notes: list[str] = field(default_factory=list)
    errors: list[CalloutError] = field(default_factory=list)
    mailbox_count: int = 0

    def require_one(self) -> None:
        """Raise the first error when there are mailboxes and not one of them could be read."""
        if self.errors and len(self.errors) == self.mailbox_count:
            raise self.errors[0]


def fetch_mailboxes(desk: Desk, names: Sequence[str], now: datetime) -> MailFetch:
    """Fetch each mailbox (`names`; none: all that are active). One that fails does not stop the others.

    Raises UsageError for a name that the office does not have.
    """
    mailboxes = _chosen(desk.office, names)
    fetch = MailFetch(mailbox_count=len(mailboxes))
    for mailbox in mailboxes:
        try:
            found = fetch_mailbox(desk, mailbox.name, now)
        except CalloutError as error:
            fetch.errors.append(error)
            fetch.notes.append(str(error))
            continue
        fetch.counts = {name: fetch.counts[name] + found[name] for name in fetch.counts}
        if found["refused"]:
            fetch.notes.append(
                f"mailbox {mailbox.name}: the server refused {found['refused']} message(s); they are asked for again"
            )
    return fetch


def _chosen(office: Office, names: Sequence[str]) -> list[Mailbox]:
    known = {mailbox.name: mailbox for mailbox in office.mailboxes}
    for name in names:
        if name not in known:
            raise UsageError(f"there is no mailbox {name!r} in the office; it has: {', '.join(known) or 'none'}")
    return [known[name] for name in names] if names else [box for box in office.mailboxes if box.is_active]


def _is_worth_retrying(_task: Any, _run: Any, state: Any) -> bool:
    """Only what may pass by itself: a server that is away, not a refused password."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, OutsideError) and not error.is_permanent


@task(
    name="fetch-mailbox",
    task_run_name="fetch-{mailbox_name}",
    cache_policy=NO_CACHE,
    retries=1,
    retry_delay_seconds=2,
    retry_condition_fn=_is_worth_retrying,
)
def fetch_mailbox(desk: Desk, mailbox_name: str, now: datetime) -> dict[str, int]:
    """Store what came into the mailbox up to `now`, raw, each batch with its cursor in one transaction."""
    mailbox = next(box for box in desk.office.mailboxes if box.name == mailbox_name)
    password = desk.secrets.read(mailbox.secret)
    source = cursor_name(mailbox.name, mailbox.folder)
    with reading(desk.engine) as connection:
        position = read_position(connection, source)

    def stored(identities: Any) -> set[int]:
        with reading(desk.engine) as connection:
            return already_stored(connection, mailbox.name, identities)

    counts = {"seen": 0, "fetched": 0, "refused": 0}
    with closing(fetch_new(mailbox, password, position, now, stored)) as batches:
        for batch in batches:
            with writing(desk.engine) as connection:
                counts["fetched"] += store_batch(connection, mailbox.name, source, batch, now)
            counts["seen"] += len(batch.mails)
            counts["refused"] += batch.refused_count
    return counts


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

    Chunk and rows are quoted: Prefect would walk through every text of it looking for futures.
    """
    chunk = interpret_mail(desk, ids)
    rows = list(chunk.gate_rows)
    verdict = gate_batch("mail", quote(rows), "mail", return_state=False) if rows else GateResult()
    return settle_mail(desk, quote(chunk), quote(verdict), now, return_state=False)


@task(name="interpret-mail", task_run_name="interpret-mail", cache_policy=NO_CACHE)
def interpret_mail(desk: Desk, ids: list[int]) -> MailReading:
    """Parse a chunk and decide what each mail is; keeps attachments, writes nothing to the store."""
    return read_chunk(desk, ids)


@task(name="settle-mail", task_run_name="settle-mail", cache_policy=NO_CACHE)
def settle_mail(desk: Desk, chunk: MailReading, gate: GateResult, now: datetime) -> dict[str, int]:
    """Write what became of a chunk in one transaction; items that another run settled are left alone."""
    with writing(desk.engine) as connection:
        return settle_mails(connection, refuse_bad(chunk, gate), now)
