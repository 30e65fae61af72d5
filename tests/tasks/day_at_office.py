"""A day at the sample office for tests: leads come in, people answer the mails they were sent, rounds are run."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from sql import schema
from tasks.advance import advance_items
from tasks.desk import Desk
from tasks.gateways.office_folder import load_office
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.leads import NewLead, create_leads
from tasks.gateways.store.office_sync import sync_office
from tasks.rules.office import Office

OFFICE = Path(__file__).resolve().parents[2] / "deployments" / "office"


@cache
def sample_office() -> Office:
    """The sample company, read once."""
    return load_office(OFFICE)


@dataclass
class DayAtOffice:
    """The sample office over one store."""

    engine: sa.Engine
    folder: Path
    morning: datetime
    language: Literal["ru", "en"] = "ru"
    desk: Desk = field(init=False)
    counter: int = 0

    def __post_init__(self) -> None:
        office = sample_office()
        people = tuple(replace(person, language=self.language) for person in office.people)
        digest = office.digest + self.language
        office = replace(office, people=people, language=self.language, digest=digest)
        self.desk = Desk(office, self.engine, SecretSource(self.folder), self.folder, self.folder)
        with writing(self.engine) as connection:
            sync_office(connection, office, self.morning)

    def lead(self, at: datetime, *, mail: str | None = "ivan@client-new.example", phone: str | None = None) -> int:
        """An unknown sender has written or called; the row id of the lead."""
        self.counter += 1
        origin = f"{'mail' if mail else 'call'}:{self.counter}"
        new = NewLead(
            origin, origin[:4], "Ремонт котла", "Иван Петров", mail, phone, self.language, None, at, self.due(at)
        )
        with writing(self.engine) as connection:
            return create_leads(connection, [new])[origin]

    def due(self, at: datetime) -> datetime:
        """Two hours later; the tests stay within the opening hours."""
        return at.replace(hour=at.hour + 2)

    def advance(self, now: datetime) -> dict[str, int]:
        """One round, without Prefect."""
        return {name: count for name, count in advance_items.fn(self.desk, now).items() if count}

    def letters(self, wording: str = "", to: str = "") -> list[Any]:
        """Planned mails, the newest last, by wording and recipient's address."""
        with reading(self.engine) as connection:
            rows = connection.execute(sa.select(schema.outbox).order_by(schema.outbox.c.id)).all()
        found = [(row, message_from_bytes(zlib.decompress(row.raw), policy=policy.default)) for row in rows]
        return [
            row
            for row, mail in found
            if wording in ("", mail["X-Callout-Wording"]) and (not to or row.recipient.startswith(to))
        ]

    def text(self, letter: Any) -> str:
        """What a planned mail says."""
        mail = message_from_bytes(zlib.decompress(letter.raw), policy=policy.default)
        return str(mail.get_body(("plain",)).get_content())

    def answer(self, at: datetime, wording: str, to: str, text: str, *files: str) -> None:
        """Somebody answers the newest mail of a wording they got; it arrives at `at`."""
        letter = self.letters(wording, to)[-1]
        self.counter += 1
        with writing(self.engine) as connection:
            activity = connection.execute(
                sa.insert(schema.activity)
                .values(
                    origin_key=f"mail:a{self.counter}",
                    kind="mail",
                    direction="in",
                    at=at,
                    answers_id=letter.id,
                    subject=f"Re: {letter.subject}",
                    body_text=text,
                    reply_text=text,
                    is_reply_verified=True,
                )
                .returning(schema.activity.c.id)
            ).scalar_one()
            for name in files:
                connection.execute(
                    sa.insert(schema.document).values(
                        activity_id=activity,
                        sha256="0" * 64,
                        file_name=name,
                        original_name=name,
                        content_type="application/pdf",
                        size_bytes=1,
                        at=at,
                    )
                )
            data = {"activity_id": activity, "outbox_id": letter.id, "work_task_id": letter.work_task_id}
            key = f"reply:a{self.counter}"
            entity, number = letter.entity, letter.entity_id
            record_event(connection, NewEvent(key, at, entity, number, "reply", letter.recipient_ref, data, None, True))

    def rows(self, table: sa.Table) -> list[Any]:
        """A table's rows in their order."""
        with reading(self.engine) as connection:
            return list(connection.execute(sa.select(table).order_by(*table.primary_key.columns)).all())

    def everything(self) -> dict[str, list[Any]]:
        """The whole store, to compare before and after."""
        return {table.name: self.rows(table) for table in schema.metadata.sorted_tables}
