"""Takes new mail from an IMAP folder without changing it, in batches, each with the position to remember.

The position passes only over mail that is stored or gone: what is skipped (received after the moment asked for, or
refused by the server) stays in it as `waiting` and is looked at again.
"""

from __future__ import annotations

import hashlib
import imaplib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tasks.gateways.imap_connection import Folder, open_folder
from tasks.rules.mail.header_block import read_raw
from tasks.rules.mail.identity import message_id_of
from tasks.rules.office import Mailbox

MAX_MESSAGE_BYTES = 50 * 1024 * 1024
_BATCH_IDS = 100
_BATCH_BYTES = 32 * 1024 * 1024
# An answer to UID SEARCH over 1,000,000 bytes is refused by imaplib; a UID takes up to 11.
_SEARCH_UIDS = 50_000
_IDENTITY_IDS = 500
# For a server that tells no time: such mail is not passed over, the batch's gate refuses it in the open.
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder was read: every UID up to `uid` is stored or gone, but for those `waiting`. 0, 0: never read."""

    uid_validity: int = 0
    uid: int = 0
    waiting: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One message as the server holds it. `size_bytes` is the server's word; `remark`: why `raw` is not the whole."""

    natural_key: str
    raw: bytes
    size_bytes: int
    received_at: datetime
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class FetchedBatch:
    """Messages to store together with the position; `refused_count` more could not be read this time."""

    mails: tuple[FetchedMail, ...]
    position: Position
    refused_count: int = 0


@dataclass(frozen=True, slots=True)
class MailIdentity:
    """How a message is known again after the server renumbered: `key` is its Message-ID, or its content's hash."""

    uid: int
    key: str
    size_bytes: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class _Envelope:
    uid: int
    size_bytes: int
    received_at: datetime


AlreadyStored = Callable[[Sequence[MailIdentity]], set[int]]
"""Which of these messages (their UIDs) are stored already, each stored one accounting for one of them."""


def fetch_new(
    mailbox: Mailbox, password: str, position: Position, until: datetime, already_stored: AlreadyStored
) -> Generator[FetchedBatch, None, None]:
    """New messages with INTERNALDATE up to `until`, oldest UID first; store each batch before asking for the next.

    When UIDVALIDITY changed (RFC 9051 2.3.1.1), or UIDs went backwards, what is stored is first matched by Message-ID,
    size and INTERNALDATE, and the first batch only says so. Raises OutsideError and CredentialError.
    """
    with open_folder(mailbox, password) as folder:
        known = position
        if _is_renumbered(folder, position):
            known = _renumbered(folder, already_stored)
            yield FetchedBatch((), known)
        fresh = _search(folder, known.uid + 1)
        candidates = sorted({*known.waiting, *fresh})
        for start in range(0, len(candidates), _BATCH_IDS):
            uids = candidates[start : start + _BATCH_IDS]
            envelopes = _envelopes(folder, uids)
            for group in _groups(uids, envelopes):
                batch = _fetch_group(folder, mailbox, known, group, envelopes, until)
                if batch.mails or batch.position != known or batch.refused_count:
                    known = batch.position
                    yield batch


def _is_renumbered(folder: Folder, position: Position) -> bool:
    if position == Position():
        return False
    went_back = folder.uid_next is not None and folder.uid_next <= position.uid
    return folder.uid_validity != position.uid_validity or went_back


def _renumbered(folder: Folder, already_stored: AlreadyStored) -> Position:
    """Everything in the folder is waiting, but for what is stored under its old number."""
    uids = _search(folder, 1)
    stored: set[int] = already_stored([i for part in _parts(uids, _IDENTITY_IDS) for i in _identities(folder, part)])
    highest = max(uids, default=0)
    return Position(folder.uid_validity, highest, tuple(uid for uid in uids if uid not in stored))


def _search(folder: Folder, first: int) -> list[int]:
    """UIDs from `first` on; `n:*` names the last message even when it is older, so the bound is kept here."""
    if folder.message_count == 0 or (folder.uid_next is not None and first >= folder.uid_next):
        return []
    if folder.uid_next is None or folder.message_count <= _SEARCH_UIDS:
        return sorted(uid for uid in folder.client.search(["UID", f"{first}:*"]) if uid >= first)
    found: list[int] = []
    for start in range(first, folder.uid_next, _SEARCH_UIDS):
        last = min(start + _SEARCH_UIDS, folder.uid_next) - 1
        found += (uid for uid in folder.client.search(["UID", f"{start}:{last}"]) if start <= uid <= last)
    return sorted(found)


def _envelopes(folder: Folder, uids: Sequence[int]) -> dict[int, _Envelope]:
    answer = folder.client.fetch(list(uids), ["INTERNALDATE", "RFC822.SIZE"])
    return {
        uid: _Envelope(uid, int(data.get(b"RFC822.SIZE") or 0), data.get(b"INTERNALDATE") or _NO_TIME)
        for uid, data in answer.items()
    }


def _groups(uids: Sequence[int], envelopes: dict[int, _Envelope]) -> Iterator[list[int]]:
    """Runs of UIDs that fit into memory together."""
    group: list[int] = []
    size = 0
    for uid in uids:
        own_size = min(envelopes[uid].size_bytes, MAX_MESSAGE_BYTES) if uid in envelopes else 0
        if group and size + own_size > _BATCH_BYTES:
            yield group
            group, size = [], 0
        group.append(uid)
        size += own_size
    if group:
        yield group


def _fetch_group(
    folder: Folder,
    mailbox: Mailbox,
    known: Position,
    uids: Sequence[int],
    envelopes: dict[int, _Envelope],
    until: datetime,
) -> FetchedBatch:
    wanted = [envelopes[uid] for uid in uids if uid in envelopes and envelopes[uid].received_at <= until]
    contents = _contents(folder, wanted)
    refused = {envelope.uid for envelope in wanted if contents.get(envelope.uid, b"") is None}
    later = {uid for uid in uids if uid in envelopes and envelopes[uid].received_at > until}
    waiting = (set(known.waiting) - set(uids)) | later | refused
    position = Position(folder.uid_validity, max(known.uid, uids[-1]), tuple(sorted(waiting)))
    mails = (_mail(folder, mailbox, envelope, contents.get(envelope.uid)) for envelope in wanted)
    return FetchedBatch(tuple(mail for mail in mails if mail is not None), position, len(refused))


def _mail(folder: Folder, mailbox: Mailbox, envelope: _Envelope, raw: bytes | None) -> FetchedMail | None:
    if raw is None:
        return None
    key = f"{mailbox.folder}:{folder.uid_validity}:{envelope.uid}"
    mail = FetchedMail(key, raw, envelope.size_bytes, envelope.received_at)
    if envelope.size_bytes <= MAX_MESSAGE_BYTES:
        return mail
    return replace(mail, remark=f"kept with its headers only: {envelope.size_bytes // 1024**2} MB is over the limit")


def _contents(folder: Folder, envelopes: Sequence[_Envelope]) -> dict[int, bytes | None]:
    """Bytes by UID; None for one the server refuses to give, nothing for one that is gone meanwhile."""
    whole = [e.uid for e in envelopes if e.size_bytes <= MAX_MESSAGE_BYTES]
    large = [e.uid for e in envelopes if e.size_bytes > MAX_MESSAGE_BYTES]
    return _download(folder, whole, "BODY.PEEK[]") | _download(folder, large, "BODY.PEEK[HEADER]")


def _download(folder: Folder, uids: Sequence[int], section: str) -> dict[int, bytes | None]:
    if not uids:
        return {}
    answer_key = section.replace(".PEEK", "").encode()
    try:
        answer = folder.client.fetch(list(uids), [section])
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        if len(uids) == 1:
            return {uids[0]: None}
        return {uid: raw for one in uids for uid, raw in _download(folder, [one], section).items()}
    return {uid: _bytes_or_none(data.get(answer_key)) for uid, data in answer.items()}


def _bytes_or_none(value: Any) -> bytes | None:
    return value if isinstance(value, bytes) else None


def _identities(folder: Folder, uids: Sequence[int]) -> Iterator[MailIdentity]:
    envelopes = _envelopes(folder, uids)
    section = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
    heads = folder.client.fetch(list(envelopes), [section])
    nameless: list[_Envelope] = []
    for uid, data in heads.items():
        head = next((v for k, v in data.items() if k.startswith(b"BODY[") and isinstance(v, bytes)), b"")
        message_id = message_id_of(read_raw(head))
        if message_id is None:
            nameless.append(envelopes[uid])
        else:
            yield MailIdentity(uid, message_id, envelopes[uid].size_bytes, envelopes[uid].received_at)
    for envelope in nameless:
        raw = _contents(folder, [envelope]).get(envelope.uid)
        if raw is not None:
            yield MailIdentity(envelope.uid, hashlib.sha256(raw).hexdigest(), envelope.size_bytes, envelope.received_at)


def _parts(uids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (uids[start : start + size] for start in range(0, len(uids), size))
