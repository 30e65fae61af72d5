"""A desk with stored mail, no mail server needed: items are put in raw, interpreted and settled as the flow does."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.intake import unsettled_ids
from tasks.gateways.store.intake_settling import settle_mails
from tasks.mail_interpreting import read_chunk, refuse_bad
from tasks.rules.gate import GateResult
from tasks.rules.mail.header_block import read_raw
from tasks.rules.mail.identity import meaning_key, message_id_of
from tasks.rules.office import Office
from tests.samples.small_office import small_office

SPAM = "Authentication-Results: mx.north-service.example; spf=fail\nX-Spam-Flag: YES\n"


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A desk, and how tests put mail on it."""

    desk: Desk

    def put(self, raw: bytes, at: datetime) -> int:
        """Store one mail as fetched at `at`; its item's id."""
        parted = read_raw(raw)
        row = {
            "source": "office",
            "natural_key": f"INBOX:1:{hashlib.sha256(raw).hexdigest()[:8]}",
            "meaning_key": meaning_key(raw, parted),
            "sha256": hashlib.sha256(raw).hexdigest(),
            "raw": zlib.compress(raw),
            "size_bytes": len(raw),
            "message_id": message_id_of(parted),
            "received_at": at,
            "fetched_at": at,
        }
        return self.add(schema.intake_item, **row)

    def add(self, table: sa.Table, **row: Any) -> int:
        """Insert a row; its id."""
        with writing(self.desk.engine) as connection:
            return int(connection.execute(sa.insert(table).values(row).returning(table.c.id)).scalar_one())

    def settle(self, now: datetime, refused: dict[int, tuple[str, ...]] | None = None) -> None:
        """Interpret and settle everything; the gate refuses the rows of `refused` (by position) with these reasons."""
        with reading(self.desk.engine) as connection:
            ids = unsettled_ids(connection, 0, now, 1000)
        settlements = refuse_bad(read_chunk(self.desk, ids), GateResult(bad=refused or {}))
        with writing(self.desk.engine) as connection:
            settle_mails(connection, settlements, now)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with reading(self.desk.engine) as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]


def stored_mail(engine: sa.Engine, home: Path, office: Office | None = None) -> StoredMail:
    """Olga works here, with key and mail address."""
    desk = Desk(office or small_office(home), engine, SecretSource(home), home / "files", home / "reports")
    mail = StoredMail(desk)
    mail.add(schema.person, key="olga", name="Ольга", mail="olga@north-service.example")
    return mail
