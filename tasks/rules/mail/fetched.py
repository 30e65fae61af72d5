"""What fetching hands to the store, the same for every protocol: messages, how far a source was read, identities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tasks.rules.mail.uid_ranges import NO_UIDS, UidRanges
from tasks.rules.office import Mailbox

MAX_MESSAGE_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The limit of the very first run: what is in the folder up to `last_uid` and came before `since` is not taken."""

    since: datetime
    last_uid: int

    def passes_over(self, uid: int, received_at: datetime) -> bool:
        """Whether this message is left where it is."""
        return uid <= self.last_uid and received_at < self.since


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder was read: every UID up to `uid` is stored, gone or passed over by `first_run`, but `waiting`.

    0, 0: never read. POP3 has no such order: there every message is looked up by its key, and `passed_over` marks those
    that the first run left where they are.
    """

    uid_validity: int = 0
    uid: int = 0
    waiting: UidRanges = NO_UIDS
    first_run: FirstRun | None = None
    passed_over: frozenset[str] = frozenset()


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
    """Messages to store together with the position.

    `refused_count` more could not be read this time, `passed_over_count` are too old for the first run. `shown_keys` is
    all that the server shows now, where it may have given stored messages new ids; empty where that cannot matter.
    """

    mails: tuple[FetchedMail, ...]
    position: Position
    refused_count: int = 0
    passed_over_count: int = 0
    shown_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MailIdentity:
    """How a message is known again after the server renumbered: `key` is its Message-ID, or its content's hash."""

    uid: int
    key: str
    size_bytes: int
    received_at: datetime


AlreadyStored = Callable[[Sequence[MailIdentity]], set[int]]
"""Which of these messages (their UIDs) are stored already; over all calls each stored one accounts for one."""

StoredKeys = Callable[[Sequence[str]], set[str]]
"""Those of these natural keys that are stored."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a fetcher asks the store about its mailbox; made anew for each visit."""

    already_stored: AlreadyStored
    stored_keys: StoredKeys


@dataclass(frozen=True, slots=True)
class Visit:
    """One look into one folder of a mailbox, for mail received up to `until`.

    `secret` is the password or what OAuth2 needs; `since` limits the very first look.
    """

    mailbox: Mailbox
    secret: str
    folder: str
    until: datetime
    since: datetime | None = None


def over_limit_remark(size_bytes: int) -> str:
    """Why only the headers of a message are kept."""
    return f"kept with its headers only: {size_bytes // 1024**2} MB is over the limit"
