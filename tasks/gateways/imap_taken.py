"""What the office wants done on the server to mail that is stored: nothing, marked as seen, or moved (RFC 6851).

Nothing is done before the store has committed. What a killed run left undone is found by asking the server what is
still unmarked and the store what it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tasks.gateways.imap_connection import Folder
from tasks.rules.errors import OutsideError
from tasks.rules.mail.fetched import FetchedMail, StoredKeys, Visit

_TOGETHER = 500
_SEARCH_UIDS = 50_000


class AfterTaking:
    """Treats taken mail of one opened folder as `after_taking` says. Raises OutsideError for a server without MOVE."""

    def __init__(self, folder: Folder, visit: Visit, stored_keys: StoredKeys) -> None:
        self._folder = folder
        self._visit = visit
        self._stored_keys = stored_keys
        self._way = visit.mailbox.after_taking
        if self._way == "move" and not folder.client.has_capability("MOVE"):
            raise OutsideError(
                f"mailbox {visit.mailbox.name}: the server cannot MOVE; use `after_taking: mark_seen` or leave",
                is_permanent=True,
            )

    def treat(self, mails: Sequence[FetchedMail]) -> None:
        """Mark or move messages that have just been committed."""
        self._apply([int(mail.natural_key.rpartition(":")[2]) for mail in mails])

    def catch_up(self, last_uid: int) -> None:
        """Mark or move what is stored and, up to `last_uid`, still untreated."""
        if self._way == "leave":
            return
        for uids in self._untreated(last_uid):
            keys = {natural_key(self._visit.folder, self._folder.uid_validity, uid): uid for uid in uids}
            self._apply([keys[key] for key in self._stored_keys(list(keys))])

    def _untreated(self, last_uid: int) -> Iterator[list[int]]:
        criteria = ["UNSEEN"] if self._way == "mark_seen" else []
        for first in range(1, last_uid + 1, _SEARCH_UIDS):
            last = min(first + _SEARCH_UIDS - 1, last_uid)
            found = self._folder.client.search([*criteria, "UID", f"{first}:{last}"])
            uids = sorted(uid for uid in found if first <= uid <= last)
            yield from (uids[start : start + _TOGETHER] for start in range(0, len(uids), _TOGETHER))

    def _apply(self, uids: list[int]) -> None:
        if not uids or self._way == "leave":
            return
        if self._way == "move":
            self._folder.client.move(sorted(uids), self._visit.mailbox.move_to)
        else:
            self._folder.client.add_flags(sorted(uids), [b"\\Seen"], silent=True)


def natural_key(folder: str, uid_validity: int, uid: int) -> str:
    """How the store names a message of an IMAP folder."""
    return f"{folder}:{uid_validity}:{uid}"
