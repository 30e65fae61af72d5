"""Asks a POP3 server again which mails its maildrop holds: the other side of the balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tasks.gateways.pop3_connection import open_drop
from tasks.gateways.pop3_mailbox import list_messages, passing_mark
from tasks.rules.balance import Arrival, FolderCensus
from tasks.rules.mail.fetched import StoredKeys
from tasks.rules.mail.header_block import read_raw
from tasks.rules.mail.received import received_at
from tasks.rules.office import Mailbox

_HEADER_BYTES = 1024 * 1024
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DropCensus:
    """A maildrop as its server shows it: UIDs are the message numbers of this session.

    `numbers` gives them by the store's key; those in `passed_over` the first run left where they are.
    """

    census: FolderCensus
    numbers: Mapping[str, int]
    passed_over: frozenset[int]


def take_drop_census(
    mailbox: Mailbox, secret: str, stored_keys: StoredKeys, passed_over_marks: frozenset[str]
) -> DropCensus:
    """List the maildrop, and the arrivals of those messages that are not stored; one without a date is long there.

    Raises OutsideError and CredentialError, as `open_drop`.
    """
    with open_drop(mailbox, secret) as drop:
        numbers = {one.natural_key: one.number for one in list_messages(drop, mailbox.name)}
        unknown = numbers.keys() - stored_keys(list(numbers))
        passed_over = {numbers[key] for key in unknown if passing_mark(key) in passed_over_marks}
        sizes = dict(drop.sizes()) if unknown else {}
        arrivals: dict[int, Arrival] = {}
        for number in sorted(numbers[key] for key in unknown):
            header = None if number in passed_over else drop.headers(number, _HEADER_BYTES)
            at = received_at(read_raw(header), datetime.now(UTC)) if header else None
            arrivals[number] = Arrival(at or _LONG_AGO, sizes.get(number, 0))
    census = FolderCensus(0, max(numbers.values(), default=0) + 1, frozenset(numbers.values()), arrivals)
    return DropCensus(census, numbers, frozenset(passed_over))
