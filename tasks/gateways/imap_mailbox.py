"""Takes new mail from an IMAP folder without changing it, in batches, each with the position to remember.

The position passes only over mail that is stored or gone: what is skipped (received after the moment asked for, or
refused by the server) stays in it as `waiting` and is looked at again.
"""

from __future__ import annotations

import hashlib
import imaplib
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from tasks.gateways.imap_bodies import HEADER, WHOLE, fetch_bodies
from tasks.gateways.imap_connection import Folder, open_folder
from tasks.gateways.imap_envelopes import Envelope, fetch_envelopes
from tasks.gateways.imap_taken import AfterTaking, natural_key
from tasks.rules.mail.fetched import (
    MAX_MESSAGE_BYTES,
    AlreadyStored,
    FetchedBatch,
    FetchedMail,
    FirstRun,
    Ledger,
    MailIdentity,
    Position,
    Visit,
    over_limit_remark,
)
from tasks.rules.mail.header_block import read_raw
from tasks.rules.mail.identity import message_id_of
from tasks.rules.mail.uid_ranges import UidRanges

_BATCH_IDS = 100
_BATCH_BYTES = 32 * 1024 * 1024
# An answer to UID SEARCH over 1,000,000 bytes is refused by imaplib; a UID takes up to 11.
_SEARCH_UIDS = 50_000
_IDENTITY_IDS = 500


def fetch_new(visit: Visit, position: Position, ledger: Ledger) -> Generator[FetchedBatch, None, None]:
    """New messages with INTERNALDATE up to `visit.until`, oldest UID first.

    Commit each batch before asking for the next: only then is it treated as `after_taking` says. When UIDVALIDITY
    changed (RFC 9051 2.3.1.1), or UIDs went backwards, what is stored is first matched by Message-ID, size and
    INTERNALDATE, and the first batch only says so. Raises OutsideError and CredentialError.
    """
    is_changing = visit.mailbox.after_taking != "leave"
    with open_folder(visit.mailbox, visit.secret, visit.folder, is_changing=is_changing) as folder:
        taken = AfterTaking(folder, visit, ledger.stored_keys)
        known = _starting_point(folder, visit, position, ledger.already_stored)
        if known != position:
            yield FetchedBatch((), known)
        taken.catch_up(known.uid)
        for uids in _candidates(folder, known):
            envelopes = fetch_envelopes(folder, uids)
            for group in _groups(uids, envelopes):
                batch = _fetch_group(folder, visit, known, group, envelopes)
                if batch.mails or batch.position != known or batch.refused_count:
                    known = batch.position
                    yield batch
                    taken.treat(batch.mails)


def _starting_point(folder: Folder, visit: Visit, position: Position, already_stored: AlreadyStored) -> Position:
    """Where to read on from; different from `position` on a limited first run, and after a renumbering."""
    if position != Position():
        return _renumbered(folder, position, already_stored) if _is_renumbered(folder, position) else position
    if visit.since is None:
        return position
    last_uid = folder.uid_next - 1 if folder.uid_next is not None else max(_search(folder, 1), default=0)
    return Position(folder.uid_validity, first_run=FirstRun(visit.since, last_uid))


def _is_renumbered(folder: Folder, position: Position) -> bool:
    went_back = folder.uid_next is not None and folder.uid_next <= position.uid
    return folder.uid_validity != position.uid_validity or went_back


def _renumbered(folder: Folder, position: Position, already_stored: AlreadyStored) -> Position:
    """Everything in the folder is waiting, but for what is stored under its old number."""
    waiting, highest = UidRanges(), 0
    for uids in _parts(_search(folder, 1), _IDENTITY_IDS):
        stored = already_stored(list(_identities(folder, uids)))
        waiting |= UidRanges.of(set(uids) - stored)
        highest = uids[-1]
    first_run = replace(position.first_run, last_uid=highest) if position.first_run else None
    return Position(folder.uid_validity, highest, waiting, first_run)


def _candidates(folder: Folder, known: Position) -> Iterator[list[int]]:
    """What was left waiting, then what is new, in numbers that are fetched together."""
    yield from _parts(known.waiting, _BATCH_IDS)
    yield from _parts(_search(folder, known.uid + 1), _BATCH_IDS)


def _search(folder: Folder, first: int) -> Iterator[int]:
    """UIDs from `first` on; `n:*` names the last message even when it is older, so the bound is kept here."""
    if folder.message_count == 0 or (folder.uid_next is not None and first >= folder.uid_next):
        return
    if folder.uid_next is None or folder.message_count <= _SEARCH_UIDS:
        yield from sorted(uid for uid in folder.client.search(["UID", f"{first}:*"]) if uid >= first)
        return
    for start in range(first, folder.uid_next, _SEARCH_UIDS):
        last = min(start + _SEARCH_UIDS, folder.uid_next) - 1
        found = folder.client.search(["UID", f"{start}:{last}"])
        yield from sorted(uid for uid in found if start <= uid <= last)


def _groups(uids: Sequence[int], envelopes: dict[int, Envelope]) -> Iterator[list[int]]:
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
    folder: Folder, visit: Visit, known: Position, uids: Sequence[int], envelopes: dict[int, Envelope]
) -> FetchedBatch:
    there = [envelopes[uid] for uid in uids if uid in envelopes]
    too_old = {one.uid for one in there if known.first_run and known.first_run.passes_over(one.uid, one.received_at)}
    later = {one.uid for one in there if one.received_at > visit.until} - too_old
    wanted = [one for one in there if one.uid not in too_old | later]
    contents = _contents(folder, wanted)
    refused = {one.uid for one in wanted if contents.get(one.uid, b"") is None}
    waiting = (known.waiting - UidRanges.of(uids)) | UidRanges.of(later | refused)
    position = replace(known, uid_validity=folder.uid_validity, uid=max(known.uid, uids[-1]), waiting=waiting)
    mails = (_mail(folder, visit, one, contents.get(one.uid)) for one in wanted)
    return FetchedBatch(tuple(mail for mail in mails if mail is not None), position, len(refused), len(too_old))


def _mail(folder: Folder, visit: Visit, envelope: Envelope, raw: bytes | None) -> FetchedMail | None:
    if raw is None:
        return None
    key = natural_key(visit.folder, folder.uid_validity, envelope.uid)
    mail = FetchedMail(key, raw, envelope.size_bytes, envelope.received_at)
    is_whole = envelope.size_bytes <= MAX_MESSAGE_BYTES
    return mail if is_whole else replace(mail, remark=over_limit_remark(envelope.size_bytes))


def _contents(folder: Folder, envelopes: Sequence[Envelope]) -> dict[int, bytes | None]:
    """Bytes by UID; None for one the server refuses to give, nothing for one that is gone meanwhile."""
    whole = [e.uid for e in envelopes if e.size_bytes <= MAX_MESSAGE_BYTES]
    large = [e.uid for e in envelopes if e.size_bytes > MAX_MESSAGE_BYTES]
    return _download(folder, whole, WHOLE) | _download(folder, large, HEADER)


def _download(folder: Folder, uids: Sequence[int], section: str) -> dict[int, bytes | None]:
    if not uids:
        return {}
    try:
        return fetch_bodies(folder, uids, section)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        if len(uids) == 1:
            return {uids[0]: None}
        return {uid: raw for one in uids for uid, raw in _download(folder, [one], section).items()}


def _identities(folder: Folder, uids: Sequence[int]) -> Iterator[MailIdentity]:
    envelopes = fetch_envelopes(folder, uids)
    section = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
    heads = folder.client.fetch(list(envelopes), [section])
    nameless: list[Envelope] = []
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


def _parts(uids: Iterable[int], size: int) -> Iterator[list[int]]:
    rest = iter(uids)
    while part := list(islice(rest, size)):
        yield part
