"""Signs of life of the mailboxes, as the listener hears them, and when each one's mail came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.source_health import mailbox_source, manager_source
from tasks.gateways.store.upserts import upsert

_SILENT = "mailbox-silent"
_HEARD_AGAIN = "mailbox-heard-again"
_KINDS = (_SILENT, _HEARD_AGAIN)
_LOOKED_AT = 40_000  # newest items; an office with more of them within the weeks has history enough


@dataclass(frozen=True, slots=True)
class Signs:
    """A mailbox's last signs of life. `beat_at` None: no listener has ever been there."""

    beat_at: datetime | None
    last_success_at: datetime | None


@dataclass(frozen=True, slots=True)
class SilenceRecord:
    """A silence that was told: no mail since the last one came, or no beat since the listener's last."""

    mailbox: str
    cause: Literal["mail", "beat"]
    since: datetime

    @property
    def key(self) -> str:
        """The silence's natural key."""
        return f"{self.mailbox}:{self.cause}:{self.since.isoformat()}"


def write_beats(connection: sa.Connection, mailboxes: Sequence[str], now: datetime) -> None:
    """The line to these mailboxes is good at `now`."""
    rows = [{"source": mailbox_source(mailbox), "beat_at": now} for mailbox in mailboxes]
    upsert(connection, schema.source_health, ("source",), rows)


def write_line_beat(connection: sa.Connection, log_name: str, now: datetime) -> None:
    """The line to the manager interface of this call log is good at `now`."""
    row = {"source": manager_source(log_name), "beat_at": now, "failure_count": 0, "last_error": ""}
    upsert(connection, schema.source_health, ("source",), [row])


def read_signs(connection: sa.Connection, mailboxes: Iterable[str]) -> dict[str, Signs]:
    """Signs of life by mailbox; one that is not known yet has none."""
    table = schema.source_health
    columns = (table.c.source, table.c.beat_at, table.c.last_success_at)
    found = {row.source: Signs(row.beat_at, row.last_success_at) for row in connection.execute(sa.select(*columns))}
    return {mailbox: found.get(mailbox_source(mailbox), Signs(None, None)) for mailbox in mailboxes}


def read_arrivals(connection: sa.Connection, since: datetime, until: datetime) -> dict[str, list[datetime]]:
    """When mail came after `since` and up to `until`, by mailbox, of the newest items."""
    table = schema.intake_item
    newest_id = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
    query = sa.select(table.c.source, table.c.received_at).where(
        table.c.id > newest_id - _LOOKED_AT, table.c.received_at > since, table.c.received_at <= until
    )
    arrivals: dict[str, list[datetime]] = {}
    for row in connection.execute(query):
        arrivals.setdefault(row.source, []).append(row.received_at)
    return arrivals


def open_silences(connection: sa.Connection) -> dict[str, SilenceRecord]:
    """Silences that were told and have not ended, by mailbox."""
    table = schema.event
    query = sa.select(table.c.kind, table.c.data).where(table.c.entity == "mailbox", table.c.kind.in_(_KINDS))
    found: dict[str, SilenceRecord] = {}
    for row in connection.execute(query.order_by(table.c.id)):
        mailbox = row.data["mailbox"]
        if row.kind == _SILENT:
            found[mailbox] = SilenceRecord(mailbox, row.data["cause"], datetime.fromisoformat(row.data["since"]))
        else:
            found.pop(mailbox, None)
    return found


def record_silence(connection: sa.Connection, silence: SilenceRecord, now: datetime) -> bool:
    """Record that this silence has become unusual; False when that is recorded already."""
    return _record(connection, _SILENT, silence, now)


def record_heard_again(connection: sa.Connection, silence: SilenceRecord, now: datetime) -> bool:
    """Record that this silence has ended; False when that is recorded already."""
    return _record(connection, _HEARD_AGAIN, silence, now)


def _record(connection: sa.Connection, kind: str, silence: SilenceRecord, now: datetime) -> bool:
    key = f"{kind}:{silence.key}"
    if connection.scalar(sa.select(schema.event.c.id).where(schema.event.c.key == key)) is not None:
        return False
    data = {"mailbox": silence.mailbox, "cause": silence.cause, "since": silence.since.isoformat()}
    record_event(connection, NewEvent(key, now, "mailbox", 0, kind, "clock", data))
    return True
