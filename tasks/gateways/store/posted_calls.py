"""A record that was told to us: its text in the ledger and the leg, event or refused row, in one transaction."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.call_corrections import correct_legs, known_legs
from tasks.gateways.store.call_lines import keep_line
from tasks.gateways.store.connection import insert, writing
from tasks.gateways.store.live_twins import has_twin
from tasks.gateways.store.packed_bytes import packed
from tasks.gateways.store.quarantine import BadRow, quarantine_rows
from tasks.rules.calls.records import Leg, QueueEvent

SOURCE = "telephony:"
Kept = Literal["new", "repeated", "corrected", "refused"]


def keep_posted(engine: sa.Engine, body: bytes, record: Leg | QueueEvent | BadRow, now: datetime) -> Kept:
    """Keep one record; a body that came before changes nothing. `body` holds no token any more.

    A queue event that the queue's own log has told already is `repeated`.
    """
    with writing(engine) as connection:
        _keep_raw(connection, body, record, now)
        if isinstance(record, BadRow):
            quarantine_rows(connection, [record], now)
            return "refused"
        if isinstance(record, QueueEvent):
            return "new" if not has_twin(connection, record) and keep_line(connection, record) else "repeated"
        if keep_line(connection, record):
            return "new"
        known = known_legs(connection, record.source, [record.natural_key])
        return "corrected" if correct_legs(connection, known, [record], now) else "repeated"


def _keep_raw(connection: sa.Connection, body: bytes, record: Leg | QueueEvent | BadRow, now: datetime) -> None:
    digest = hashlib.sha256(body).hexdigest()
    is_refused = isinstance(record, BadRow)
    row = {
        "source": f"{SOURCE}{record.source}",
        "natural_key": f"body:{digest}",
        "meaning_key": f"{SOURCE}{record.source}:{digest}",
        "sha256": digest,
        "raw": packed(body),
        "size_bytes": len(body),
        "received_at": now,
        "fetched_at": now,
        "state": "ignored" if is_refused else "settled",
        "reason": record.reason if isinstance(record, BadRow) else None,
        "verdict": "call",
        "settled_at": now,
    }
    connection.execute(insert(connection, schema.intake_item).on_conflict_do_nothing(), [row])
