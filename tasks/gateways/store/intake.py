"""Mail as it came: raw bytes and the source's cursor in one transaction, before anyone interprets them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert_new
from tasks.gateways.store.packed_bytes import packed
from tasks.rules.mail.fetched import FetchedBatch, FetchedMail, FirstRun, MailIdentity, Position
from tasks.rules.mail.header_block import read_raw
from tasks.rules.mail.identity import meaning_key, message_id_of
from tasks.rules.mail.uid_ranges import UidRanges

_IN_CHUNK = 500
_CHUNK_BYTES = 64 * 1024 * 1024
_Value = TypeVar("_Value", str, int)


@dataclass(frozen=True, slots=True)
class UnsettledMail:
    """One stored mail that waits to be interpreted; `remark` is what fetching had to say about it."""

    intake_id: int
    source: str
    meaning_key: str
    message_id: str | None
    size_bytes: int
    received_at: datetime
    fetched_at: datetime
    remark: str | None


StoredMail = tuple[UnsettledMail, bytes]
"""A mail with its bytes, which are held no longer than it takes to parse them."""


def cursor_name(mailbox: str, folder: str) -> str:
    """The mailbox folder's name among the sources."""
    return f"mail:{mailbox}:{folder}"


def read_position(connection: sa.Connection, source: str) -> Position:
    """How far this source was read; the zero position when never."""
    table = schema.source_cursor
    found = connection.scalar(sa.select(table.c.position).where(table.c.source == source))
    if not found:
        return Position()
    first_run, waiting = found.get("first_run"), found["waiting"]
    return Position(
        found["uid_validity"],
        found["uid"],
        # a list: written before positions kept runs
        UidRanges.of(waiting) if isinstance(waiting, list) else UidRanges.parse(waiting),
        FirstRun(datetime.fromisoformat(first_run["since"]), first_run["last_uid"]) if first_run else None,
        frozenset(found.get("passed_over", "").split()),
    )


def _as_json(position: Position) -> dict[str, Any]:
    first_run = position.first_run
    limit = {"first_run": {"since": first_run.since.isoformat(), "last_uid": first_run.last_uid}} if first_run else {}
    passed_over = {"passed_over": " ".join(sorted(position.passed_over))} if position.passed_over else {}
    read_to = {"uid_validity": position.uid_validity, "uid": position.uid, "waiting": str(position.waiting)}
    return read_to | limit | passed_over


def store_batch(connection: sa.Connection, mailbox: str, source: str, batch: FetchedBatch, now: datetime) -> int:
    """Store what is new of the batch and move the cursor; returns how many were new. The caller's one transaction.

    A number that the server gave twice, with other bytes, is stored beside the first: nothing is ever overwritten. The
    very bytes of a stored message whose id is gone are that message under a new id.
    """
    _lock_cursor(connection, source, now)
    in_order = sorted(batch.mails, key=lambda mail: mail.received_at)  # numbers of a mailbox need not follow time
    rows = _new_rows(connection, mailbox, in_order, now)
    if batch.shown_keys:
        rows = _without_renamed(connection, mailbox, rows, batch.shown_keys)
    insert_new(connection, schema.intake_item, rows)
    table = schema.source_cursor
    connection.execute(
        sa.update(table)
        .where(table.c.source == source)
        .values(
            position=_as_json(batch.position),
            seen_total=table.c.seen_total + len(rows),
            updated_at=now,
        )
    )
    return len(rows)


def _lock_cursor(connection: sa.Connection, source: str, now: datetime) -> None:
    """Two fetchers of one source wait for each other, so that the count of what was seen is exact."""
    table = schema.source_cursor
    row = {"source": source, "position": {}, "updated_at": now}
    insert_new(connection, table, [row])
    connection.execute(sa.select(table.c.source).where(table.c.source == source).with_for_update())


def _new_rows(
    connection: sa.Connection, mailbox: str, mails: Sequence[FetchedMail], now: datetime
) -> list[dict[str, Any]]:
    table = schema.intake_item
    rows = {row["natural_key"]: row for row in (_row(mailbox, mail, now) for mail in mails)}
    known: dict[str, str] = {}
    for keys in _parts(rows):
        query = sa.select(table.c.natural_key, table.c.sha256).where(
            table.c.source == mailbox, table.c.natural_key.in_([*keys, *(_other(rows[key]) for key in keys)])
        )
        known.update({row.natural_key: row.sha256 for row in connection.execute(query)})
    fresh = [row for key, row in rows.items() if key not in known]
    renumbered = [row for key, row in rows.items() if known.get(key, row["sha256"]) != row["sha256"]]
    return fresh + [row | {"natural_key": _other(row)} for row in renumbered if _other(row) not in known]


def _without_renamed(
    connection: sa.Connection, mailbox: str, rows: Sequence[dict[str, Any]], shown_keys: Collection[str]
) -> list[dict[str, Any]]:
    """Give stored messages the ids under which the server shows them now; returns the rows that are new."""
    table = schema.intake_item
    gone: dict[str, list[int]] = {}
    for keys in _parts({row["meaning_key"] for row in rows}):
        query = sa.select(table.c.id, table.c.natural_key, table.c.sha256).where(
            table.c.source == mailbox, table.c.meaning_key.in_(keys)
        )
        for row in connection.execute(query.order_by(table.c.id.desc())):
            if row.natural_key not in shown_keys:
                gone.setdefault(row.sha256, []).append(row.id)
    renamed = {row["natural_key"]: gone[row["sha256"]].pop() for row in rows if gone.get(row["sha256"])}
    for natural_key, row_id in renamed.items():
        connection.execute(sa.update(table).where(table.c.id == row_id).values(natural_key=natural_key))
    return [row for row in rows if row["natural_key"] not in renamed]


def _other(row: dict[str, Any]) -> str:
    return f"{row['natural_key']}#{row['sha256'][:16]}"


def _row(mailbox: str, mail: FetchedMail, now: datetime) -> dict[str, Any]:
    parted = read_raw(mail.raw)
    return {
        "source": mailbox,
        "natural_key": mail.natural_key,
        "meaning_key": meaning_key(mail.raw, parted),
        "sha256": hashlib.sha256(mail.raw).hexdigest(),
        "raw": packed(mail.raw),
        "size_bytes": mail.size_bytes,
        "message_id": message_id_of(parted),
        "received_at": mail.received_at,
        "fetched_at": now,
        "reason": mail.remark,
    }


class StoredMatcher:
    """Knows stored messages again under other numbers; over all calls each stored one accounts for one."""

    def __init__(self, mailbox: str) -> None:
        self._mailbox = mailbox
        self._used: set[int] = set()

    def match(self, connection: sa.Connection, identities: Sequence[MailIdentity]) -> set[int]:
        """UIDs of the messages that are stored under another number."""
        stored = self._stored(connection, {identity.key for identity in identities})
        found: set[int] = set()
        for identity in identities:
            row_ids = stored.get((identity.key, identity.size_bytes, identity.received_at))
            if row_ids:
                self._used.add(row_ids.pop())
                found.add(identity.uid)
        return found

    def _stored(self, connection: sa.Connection, keys: set[str]) -> dict[tuple[str, int, datetime], list[int]]:
        """Row ids, not used yet, by what a message is known by."""
        table = schema.intake_item
        found: dict[tuple[str, int, datetime], list[int]] = {}
        columns = (table.c.id, table.c.message_id, table.c.sha256, table.c.size_bytes, table.c.received_at)
        for part in _parts(keys):
            named = sa.and_(table.c.message_id.is_(None), table.c.sha256.in_(part))
            query = sa.select(*columns).where(table.c.source == self._mailbox, table.c.message_id.in_(part) | named)
            for row in connection.execute(query):
                if row.id not in self._used:
                    key = (row.message_id or row.sha256, row.size_bytes, row.received_at)
                    found.setdefault(key, []).append(row.id)
        return found


def stored_keys(connection: sa.Connection, mailbox: str, natural_keys: Sequence[str]) -> set[str]:
    """Those of these natural keys that are stored."""
    table = schema.intake_item
    found: set[str] = set()
    for keys in _parts(natural_keys):
        query = sa.select(table.c.natural_key).where(table.c.source == mailbox, table.c.natural_key.in_(keys))
        found.update(connection.scalars(query))
    return found


def unsettled_ids(connection: sa.Connection, after_id: int, received_until: datetime, limit: int) -> list[int]:
    """The next items to interpret: at most `limit`, and no more than memory holds."""
    table = schema.intake_item
    query = (
        sa.select(table.c.id, table.c.size_bytes)
        .where(table.c.state == "new", table.c.id > after_id, table.c.received_at <= received_until)
        .order_by(table.c.id)
        .limit(limit)
    )
    ids: list[int] = []
    size = 0
    for row in connection.execute(query):
        size += row.size_bytes
        if ids and size > _CHUNK_BYTES:
            break
        ids.append(row.id)
    return ids


def read_unsettled(connection: sa.Connection, ids: Sequence[int]) -> Iterator[StoredMail]:
    """These items, those that are still new, in order."""
    table = schema.intake_item
    for part in _parts(ids):
        rows = connection.execute(
            sa.select(table).where(table.c.id.in_(part), table.c.state == "new").order_by(table.c.id)
        )
        for row in rows:
            yield stored_mail(row, row.reason)


def stored_mail(row: sa.Row[Any], remark: str | None) -> StoredMail:
    """A row of intake_item as a mail and its bytes."""
    item = UnsettledMail(
        row.id,
        row.source,
        row.meaning_key,
        row.message_id,
        row.size_bytes,
        row.received_at,
        row.fetched_at,
        remark,
    )
    return item, zlib.decompress(row.raw)


def first_of_meaning(connection: sa.Connection, meaning_keys: Iterable[str]) -> dict[str, int]:
    """The first item of each meaning: later ones are the same mail again."""
    table = schema.intake_item
    found: dict[str, int] = {}
    for keys in _parts(sorted(set(meaning_keys))):
        query = (
            sa.select(table.c.meaning_key, sa.func.min(table.c.id).label("first_id"))
            .where(table.c.meaning_key.in_(keys))
            .group_by(table.c.meaning_key)
        )
        found.update({row.meaning_key: row.first_id for row in connection.execute(query)})
    return found


def _parts(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    everything = list(values)
    return (everything[start : start + _IN_CHUNK] for start in range(0, len(everything), _IN_CHUNK))
