"""Asks a mail server again, at night, which mails its folder holds: the other side of the balance.

Independent of how the mail was fetched, so that a mistake there is found here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from tasks.gateways.imap_connection import Folder, open_folder
from tasks.rules.balance import Arrival, FolderCensus
from tasks.rules.office import Mailbox

_WINDOW_UIDS = 50_000  # a longer answer to UID SEARCH than 1,000,000 bytes is refused by imaplib
_FETCHED_TOGETHER = 500
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def take_census(
    mailbox: Mailbox, secret: str, stored_uids: Callable[[int], set[int]], folder_name: str = ""
) -> FolderCensus:
    """List a folder's UIDs, and the arrivals of those that `stored_uids(uidvalidity)` does not name.

    Without a name it is the mailbox's first folder.

    Raises OutsideError and CredentialError, as `open_folder`.
    """
    with open_folder(mailbox, secret, folder_name) as folder:
        uids = _list_uids(folder)
        next_uid = folder.uid_next if folder.uid_next is not None else max(uids, default=0) + 1
        unknown = sorted(uids - stored_uids(folder.uid_validity))
        return FolderCensus(folder.uid_validity, next_uid, frozenset(uids), _arrivals(folder, unknown))


def _list_uids(folder: Folder) -> set[int]:
    if folder.message_count == 0:
        return set()
    if folder.message_count <= _WINDOW_UIDS or folder.uid_next is None:
        return set(folder.client.search("ALL"))
    found: set[int] = set()
    for first in range(1, folder.uid_next, _WINDOW_UIDS):
        last = min(first + _WINDOW_UIDS, folder.uid_next) - 1
        found.update(uid for uid in folder.client.search(["UID", f"{first}:{last}"]) if first <= uid <= last)
    return found


def _arrivals(folder: Folder, uids: Sequence[int]) -> dict[int, Arrival]:
    """A mail deleted since it was listed has no arrival, and is not missing; one without a date is long there."""
    found: dict[int, Arrival] = {}
    for start in range(0, len(uids), _FETCHED_TOGETHER):
        answer = folder.client.fetch(list(uids[start : start + _FETCHED_TOGETHER]), ["INTERNALDATE", "RFC822.SIZE"])
        for uid, data in answer.items():
            received_at = data.get(b"INTERNALDATE")
            is_dated = isinstance(received_at, datetime)
            found[uid] = Arrival(received_at if is_dated else _LONG_AGO, int(data.get(b"RFC822.SIZE", 0)))
    return found
