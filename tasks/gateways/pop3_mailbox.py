"""Takes new mail from a POP3 maildrop, in batches. A message is known by its unique id (RFC 1939, UIDL).

Nothing is deleted unless the office says so, and then only what is stored; a session that breaks off deletes nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tasks.gateways.pop3_connection import Drop, open_drop
from tasks.rules.errors import OutsideError
from tasks.rules.mail.fetched import (
    MAX_MESSAGE_BYTES,
    FetchedBatch,
    FetchedMail,
    Ledger,
    Position,
    StoredKeys,
    Visit,
    over_limit_remark,
)
from tasks.rules.mail.header_block import read_raw
from tasks.rules.mail.received import received_at

_BATCH_MAILS = 100
_BATCH_BYTES = 32 * 1024 * 1024
_HEADER_BYTES = 1024 * 1024
_KEYS_TOGETHER = 5_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of the maildrop: its number in this session, and how the store names it."""

    number: int
    natural_key: str


def fetch_new_pop3(visit: Visit, position: Position, ledger: Ledger) -> Generator[FetchedBatch, None, None]:
    """Messages that are not stored and were received up to `visit.until`.

    Commit each batch before asking for the next: only then is it deleted, if the office wants that. Raises
    OutsideError and CredentialError.
    """
    is_deleting = visit.mailbox.after_taking == "delete"
    with open_drop(visit.mailbox, visit.secret) as drop:
        shown = list_messages(drop, visit.mailbox.name)
        stored, unknown = _parted(shown, ledger.stored_keys)
        for number in stored if is_deleting else ():
            drop.delete(number)
        known, passed_over_count = _starting_point(drop, visit, position, unknown)
        if known != position:
            yield FetchedBatch((), known, passed_over_count=passed_over_count)
        wanted = [one for one in unknown if passing_mark(one.natural_key) not in known.passed_over]
        # what we delete ourselves is gone for a reason that says nothing about the server's ids
        shown_keys = frozenset() if is_deleting else frozenset(one.natural_key for one in shown)
        for group in _groups(drop, wanted):
            numbers, batch = _fetch_group(drop, visit, known, group)
            if batch.mails or batch.refused_count:
                yield replace(batch, shown_keys=shown_keys)
            for number in numbers if is_deleting else ():
                drop.delete(number)


def list_messages(drop: Drop, mailbox_name: str) -> list[Shown]:
    """What the maildrop shows. A second message with the same id, an equal copy, is its id's number 2."""
    uidls = drop.uidls()
    if uidls is None:
        raise OutsideError(
            f"mailbox {mailbox_name}: the server has no UIDL, without which POP3 mail cannot be told apart; use IMAP",
            is_permanent=True,
        )
    seen: Counter[str] = Counter()
    shown: list[Shown] = []
    for number, uidl in uidls:
        seen[uidl] += 1
        shown.append(Shown(number, f"pop3:{uidl}" if seen[uidl] == 1 else f"pop3:{uidl} {seen[uidl]}"))
    return shown


def passing_mark(natural_key: str) -> str:
    """What is kept of a message that was passed over: there may be very many."""
    return hashlib.sha256(natural_key.encode()).hexdigest()[:16]


def _parted(shown: Sequence[Shown], stored_keys: StoredKeys) -> tuple[list[int], list[Shown]]:
    """The numbers of the stored ones, and the others."""
    stored: list[int] = []
    unknown: list[Shown] = []
    for start in range(0, len(shown), _KEYS_TOGETHER):
        part = shown[start : start + _KEYS_TOGETHER]
        known = stored_keys([one.natural_key for one in part])
        stored += (one.number for one in part if one.natural_key in known)
        unknown += (one for one in part if one.natural_key not in known)
    return stored, unknown


def _starting_point(drop: Drop, visit: Visit, position: Position, unknown: Sequence[Shown]) -> tuple[Position, int]:
    """The position with what is passed over: found on a limited first run, later what the server still shows of it."""
    if position == Position() and visit.since is not None:
        old = {passing_mark(one.natural_key) for one in unknown if _is_older(drop, one, visit)}
        return Position(uid_validity=1, passed_over=frozenset(old)), len(old)
    still_there = position.passed_over and position.passed_over & {passing_mark(one.natural_key) for one in unknown}
    return replace(position, uid_validity=1, passed_over=still_there), 0


def _is_older(drop: Drop, one: Shown, visit: Visit) -> bool:
    """Only a date says that a message is old: one without is taken."""
    header = drop.headers(one.number, _HEADER_BYTES)
    at = received_at(read_raw(header), _latest(visit)) if header else None
    return at is not None and visit.since is not None and at < visit.since


def _latest(visit: Visit) -> datetime:
    """No mail can have come later: the clock, or the moment asked for when that is still to come."""
    return max(datetime.now(UTC), visit.until)


def _groups(drop: Drop, wanted: Sequence[Shown]) -> Iterator[list[tuple[Shown, int]]]:
    """Messages with their sizes, as many as fit into memory together."""
    if not wanted:
        return
    numbers = {one.number for one in wanted}
    sizes = {number: size for number, size in drop.sizes() if number in numbers}
    group: list[tuple[Shown, int]] = []
    total = 0
    for one in wanted:
        size = sizes.get(one.number, 0)
        if group and (len(group) == _BATCH_MAILS or total + min(size, MAX_MESSAGE_BYTES) > _BATCH_BYTES):
            yield group
            group, total = [], 0
        group.append((one, size))
        total += min(size, MAX_MESSAGE_BYTES)
    yield group


def _fetch_group(
    drop: Drop, visit: Visit, known: Position, group: Sequence[tuple[Shown, int]]
) -> tuple[list[int], FetchedBatch]:
    """The batch, and the numbers of its messages in this session."""
    found = {one.number: _mail(drop, visit, one, size) for one, size in group}
    taken = {number: mail for number, mail in found.items() if mail is not None and mail.received_at <= visit.until}
    refused_count = sum(mail is None for mail in found.values())
    return list(taken), FetchedBatch(tuple(taken.values()), known, refused_count)


def _mail(drop: Drop, visit: Visit, one: Shown, size: int) -> FetchedMail | None:
    is_whole = size <= MAX_MESSAGE_BYTES
    raw = drop.retrieve(one.number, 2 * MAX_MESSAGE_BYTES) if is_whole else drop.headers(one.number, _HEADER_BYTES)
    if raw is None:
        return None
    arrived = received_at(read_raw(raw), _latest(visit)) or visit.until
    mail = FetchedMail(one.natural_key, raw, size or len(raw), arrived)
    return mail if is_whole else replace(mail, remark=over_limit_remark(size))
