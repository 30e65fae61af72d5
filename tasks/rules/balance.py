"""The nightly balance: what each source has shown is settled, quarantined or ignored, and nothing is left over.

Seen on the server = settled + quarantined + ignored. Whatever breaks this is a difference, listed by its key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

SETTLING = timedelta(minutes=30)
"""What came in so short before the audit may still be on its way: the intake runs every few minutes."""
NIGHT = timedelta(hours=24)


Wrong = Literal[
    "not_stored", "never_there", "not_settled", "not_checked", "uneven",
    "sender_gone", "perhaps_sent", "not_sent", "not_taken", "not_fetched", "no_run", "broken",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not add up: where, which (an id, never a person's data), and what is wrong with it."""

    source: str
    key: str
    wrong: Wrong
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SourceBalance:
    """One source's count. `gone` items were stored and then moved or deleted on the server by somebody: no loss.

    `waiting` ones are stored and not interpreted yet, `passed_over` ones were left by the first run
    (`take_from`) and are not among the seen.
    """

    source: str
    seen: int = 0
    settled: int = 0
    quarantined: int = 0
    ignored: int = 0
    gone: int = 0
    differences: tuple[Difference, ...] = ()
    waiting: int = 0
    passed_over: int = 0

    @property
    def is_balanced(self) -> bool:
        """Whether nothing is left over."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a mail is known again after its server renumbered the folder: INTERNALDATE and RFC822.SIZE."""

    received_at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FolderCensus:
    """A mail folder as its server shows it now: its UIDs, and the arrivals of those that are not stored.

    `next_uid` is the UID the next mail will get: no mail with it or a higher one was ever there.
    """

    uidvalidity: int
    next_uid: int
    uids: frozenset[int]
    unknown: Mapping[int, Arrival]


@dataclass(frozen=True, slots=True)
class StoredMail:
    """What we hold of one mail."""

    state: str
    fetched_at: datetime
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class StoredFolder:
    """What we hold of one folder: by UID of the UIDVALIDITY asked for, and what came under other ones.

    `unsettled` are the keys of items that nobody has interpreted for longer than SETTLING.
    """

    by_uid: Mapping[int, StoredMail]
    renumbered: Sequence[StoredMail] = ()
    unsettled: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class LogCount:
    """One file of a call log: lines its cursor counted, rows stored and refused, and lines that have no row."""

    source: str
    seen: int
    stored: int
    refused: int
    rowless: tuple[str, ...] = ()


def balance_mail(
    source: str, census: FolderCensus, stored: StoredFolder, now: datetime, passed_over: Collection[int] = ()
) -> SourceBalance:
    """Compare a folder with what was stored of it.

    What arrived within SETTLING before `now`, or after it, is not missing yet, and neither are the UIDs `passed_over`,
    which the first run left. A mail that was stored under an earlier UIDVALIDITY (RFC 9051 2.3.1.1) is known again by
    its arrival, each stored one accounting for one.
    """
    latest = now - SETTLING
    known_again, missing = _find_again(census.unknown, stored.renumbered)
    left = [uid for uid in missing if uid in passed_over]
    missing = [uid for uid in missing if uid not in passed_over and census.unknown[uid].received_at <= latest]
    absent = sorted(stored.by_uid.keys() - census.uids)
    strange = [uid for uid in absent if uid >= census.next_uid and stored.by_uid[uid].fetched_at <= latest]
    states = Counter(known_again) + Counter(stored.by_uid[uid].state for uid in stored.by_uid.keys() & census.uids)
    prefix = f"uid {census.uidvalidity}:"
    differences = (
        *(Difference(source, f"{prefix}{uid}", "not_stored") for uid in missing),
        *(Difference(source, f"{prefix}{uid}", "never_there") for uid in strange),
        *(Difference(source, key, "not_settled") for key in stored.unsettled),
    )
    return SourceBalance(
        source,
        seen=states.total() + len(missing),
        settled=states["settled"],
        quarantined=states["quarantined"],
        ignored=states["ignored"],
        gone=len(absent) - len(strange),
        differences=differences,
        waiting=states["new"],
        passed_over=len(left),
    )


def _find_again(unknown: Mapping[int, Arrival], renumbered: Sequence[StoredMail]) -> tuple[list[str], list[int]]:
    """The states of the mails known again, and the UIDs of those that are not."""
    held: dict[Arrival, list[str]] = {}
    for mail in renumbered:
        held.setdefault(mail.arrival, []).append(mail.state)
    states: list[str] = []
    missing: list[int] = []
    for uid, arrival in sorted(unknown.items()):
        if held.get(arrival):
            states.append(held[arrival].pop())
        else:
            missing.append(uid)
    return states, missing


def not_checked(source: str, reason: str) -> SourceBalance:
    """A source that could not be asked: that too is a difference, never silence."""
    return SourceBalance(source, differences=(Difference(source, source, "not_checked", reason),))


def balance_log(count: LogCount) -> SourceBalance:
    """Lines seen = rows stored + rows refused."""
    differences: tuple[Difference, ...] = ()
    if count.seen != count.stored + count.refused:
        found = f"{count.seen} ≠ {count.stored} + {count.refused}"
        keys = count.rowless or (count.source,)
        differences = tuple(Difference(count.source, key, "uneven", found) for key in keys)
    return SourceBalance(
        count.source, count.seen, settled=count.stored, quarantined=count.refused, differences=differences
    )


def missed_runs(expected: Collection[str], last_ended: Mapping[str, datetime], now: datetime) -> tuple[Difference, ...]:
    """The flows that should have run to their end within NIGHT before `now` and have not."""
    return tuple(
        Difference(
            "flow_ledger", flow, "no_run", f"{last_ended[flow]:%Y-%m-%d %H:%M} UTC" if flow in last_ended else ""
        )
        for flow in sorted(expected)
        if flow not in last_ended or not now - NIGHT < last_ended[flow] <= now
    )
