"""What the nightly balance reads from the store: counts and keys, never what a mail or call was about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.rules.balance import SETTLING, Arrival, Difference, LogCount, StoredFolder, StoredMail, Wrong

_LISTED = 100
_LATE = timedelta(hours=24)


def stored_folder(connection: sa.Connection, source: str, folder: str, uidvalidity: int, now: datetime) -> StoredFolder:
    """Everything stored of one folder of a mailbox, and what is still new longer than SETTLING after fetching."""
    table = schema.intake_item
    query = sa.select(
        table.c.id, table.c.natural_key, table.c.state, table.c.fetched_at, table.c.received_at, table.c.size_bytes
    ).where(table.c.source == source, table.c.natural_key.startswith(f"{folder}:", autoescape=True))
    by_uid: dict[int, StoredMail] = {}
    renumbered: list[StoredMail] = []
    unsettled: list[str] = []
    for row in connection.execute(query.order_by(table.c.id)):
        mail = StoredMail(row.state, row.fetched_at, Arrival(row.received_at, row.size_bytes))
        _, validity, uid = row.natural_key.rsplit(":", 2)
        if int(validity) == uidvalidity and uid.isdigit():
            by_uid[int(uid)] = mail
        else:
            renumbered.append(mail)
        if row.state == "new" and row.fetched_at <= now - SETTLING:
            unsettled.append(f"intake:{row.id}")
    return StoredFolder(by_uid, renumbered, unsettled)


def stored_uids(connection: sa.Connection, source: str, folder: str, uidvalidity: int) -> set[int]:
    """The UIDs stored of one folder under one UIDVALIDITY."""
    table = schema.intake_item
    prefix = f"{folder}:{uidvalidity}:"
    query = sa.select(table.c.natural_key).where(
        table.c.source == source, table.c.natural_key.startswith(prefix, autoescape=True)
    )
    # behind a #: the hash of other bytes that came under the same number
    return {int(key.removeprefix(prefix).partition("#")[0]) for key in connection.scalars(query)}


def count_logs(connection: sa.Connection, logs: Collection[str]) -> list[LogCount]:
    """Every file of these call logs that was ever read: its cursor's count beside the rows that came of it."""
    table = schema.source_cursor
    query = sa.select(table.c.source, table.c.position, table.c.seen_total).order_by(table.c.source)
    cursors = connection.execute(query.where(table.c.source.startswith("calls:"))).all()
    return [
        _count_log(connection, row.source, row.position, row.seen_total)
        for row in cursors
        if row.source.split(":")[1] in logs
    ]


def _count_log(connection: sa.Connection, source: str, position: Mapping[str, Any], seen: int) -> LogCount:
    _, log, name = source.split(":", 2)
    rows = schema.queue_event if name == "queue_log" else schema.call_leg
    stored = _lines(connection, rows.c.file_line, rows.c.source == log, name)
    held = schema.quarantine_row
    is_refused = (held.c.source == log) & (held.c.state != "released")  # a released line has its row among the stored
    refused = _lines(connection, held.c.row_key, is_refused, name)
    is_even = seen == len(stored) + len(refused)
    rowless = () if is_even else tuple(_rowless(name, position, {*stored, *refused}))
    return LogCount(source, seen, len(stored), len(refused), rowless)


def _lines(
    connection: sa.Connection, column: sa.Column[str], is_of_log: sa.ColumnElement[bool], name: str
) -> list[str]:
    """Places like 'Master.csv:17', and 'Master.csv~2:17' of the second file of that name."""
    is_of_file = column.startswith(f"{name}:", autoescape=True) | column.startswith(f"{name}~", autoescape=True)
    return list(connection.scalars(sa.select(column).where(is_of_log, is_of_file)))


def _rowless(name: str, position: Mapping[str, Any], known: Collection[str]) -> list[str]:
    """The first lines of the file read last that have no row."""
    generation, last = position.get("generation", 1), position.get("line", 0)
    prefix = f"{name}~{generation}" if generation > 1 else name
    lines = (f"{prefix}:{line}" for line in range(1, last + 1))
    return [line for line in lines if line not in known][:_LISTED]


def stuck_rows(connection: sa.Connection, now: datetime, clock: datetime) -> list[Difference]:
    """Mail that a dead sender holds, that a person must decide on, or that is late; events and recordings nobody took.

    Claims are leased by the real clock (`clock`); all else is judged by the moment of the run (`now`).
    """
    return [*_stuck_mail(connection, now, clock), *_left_events(connection, now), *_left_recordings(connection, now)]


def _stuck_mail(connection: sa.Connection, now: datetime, clock: datetime) -> Iterator[Difference]:
    table = schema.outbox
    is_held = table.c.state.in_(("claimed", "in_doubt")) & (
        table.c.claimed_until.is_(None) | (table.c.claimed_until <= clock - SETTLING)
    )
    is_late = table.c.state.in_(("planned", "retry")) & (table.c.not_before <= now - _LATE)
    # a chat message that nobody receipted is settled by the next step of its ladder, which tells the person again
    is_doubtful = (table.c.state == "ambiguous") & (table.c.channel != "xmpp")
    query = sa.select(table.c.id, table.c.state).where(is_held | is_late | is_doubtful)
    wrong: dict[str, Wrong] = {"claimed": "sender_gone", "in_doubt": "sender_gone", "ambiguous": "perhaps_sent"}
    for row in connection.execute(query.where(table.c.planned_at <= now).order_by(table.c.id)):
        yield Difference("outbox", f"outbox:{row.id}", wrong.get(row.state, "not_sent"))


def _left_events(connection: sa.Connection, now: datetime) -> Iterator[Difference]:
    table = schema.process_inbox
    query = sa.select(table.c.event_id).where(table.c.at <= now - SETTLING).order_by(table.c.event_id)
    for event_id in connection.scalars(query):
        yield Difference("process_inbox", f"event:{event_id}", "not_taken")


def _left_recordings(connection: sa.Connection, now: datetime) -> Iterator[Difference]:
    """Recordings that were to be asked for a day ago and still are: their source is never reached, or nobody asks."""
    table = schema.recording
    query = sa.select(table.c.id).where(table.c.state == "waiting", table.c.next_try_at <= now - _LATE)
    for recording_id in connection.scalars(query.order_by(table.c.id).limit(_LISTED)):
        yield Difference("recordings", f"recording:{recording_id}", "not_fetched")


def last_ended_runs(connection: sa.Connection, now: datetime) -> dict[str, datetime]:
    """By flow: the latest moment, up to `now`, of a run that ended well."""
    table = schema.flow_ledger
    query = (
        sa.select(table.c.flow, sa.func.max(table.c.as_of).label("as_of"))
        .where(table.c.ended_at.is_not(None), table.c.as_of <= now)
        .group_by(table.c.flow)
    )
    return {row.flow: row.as_of for row in connection.execute(query)}


def count_held(connection: sa.Connection) -> int:
    """Rows in quarantine that wait for a person: refused rows, and mails kept aside that nobody has rejected."""
    held, item = schema.quarantine_row, schema.intake_item
    is_rejected = sa.exists().where(
        held.c.source == "mail", held.c.row_key == "intake:" + sa.cast(item.c.id, sa.Text), held.c.state == "rejected"
    )
    rows = (
        sa.select(sa.func.count())
        .select_from(held)
        .where(held.c.state == "held", ~held.c.row_key.startswith("intake:"))
    )
    mails = sa.select(sa.func.count()).select_from(item).where(item.c.state == "quarantined", ~is_rejected)
    return int(connection.scalar(rows) or 0) + int(connection.scalar(mails) or 0)
