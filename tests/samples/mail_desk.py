"""A desk with a small office, known people and a message of ours, and the mail intake run over it step by step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import create_contact
from tasks.mail import settle_mail, unsettled_chunks
from tasks.mail_interpreting import read_chunk
from tasks.mailbox_visits import take_mailbox
from tasks.quality import gate_batch
from tasks.rules.gate import GateResult
from tests.samples.drop_room import DropFolder
from tests.samples.mail_room import MORNING, PASSWORD, MailRoom
from tests.samples.small_office import small_office

OUR_ID = "<0123456789abcdef0123456789abcdef@north-service.example>"


@dataclass(frozen=True, slots=True)
class Known:
    """Row ids of what `open_mail_desk` put into the store."""

    contact_id: int
    person_id: int
    outbox_id: int


def open_mail_desk(engine: sa.Engine, room: MailRoom | DropFolder, home: Path) -> tuple[Desk, Known]:
    """Olga on the staff, Anna a client, and one message of ours to Anna about lead L-1."""
    (home / "secrets").mkdir(parents=True, exist_ok=True)
    (home / "secrets" / "office-mailbox").write_text(PASSWORD, encoding="utf-8")
    office = replace(small_office(home), mailboxes=(room.mailbox,))
    desk = Desk(office, engine, SecretSource(home / "secrets"), home / "files", home / "reports")
    with writing(engine) as connection:
        points = [("mail", "anna@client.example", "Anna@client.example")]
        contact_id = create_contact(connection, name="Анна", points=points, company_id=None, language="ru", at=MORNING)
        person_id = _add(connection, schema.person, key="olga", name="Ольга", mail="olga@north-service.example")
        lead = {"number": "L-0", "origin_key": "call:1", "channel": "call", "mail": None}
        lead_id = _add(connection, schema.lead, **lead, created_at=MORNING, take_due_at=MORNING)
        outbox = {"key": "k", "kind": "notice", "recipient": "anna@client.example", "subject": "s", "raw": b""}
        about = {"entity": "lead", "entity_id": lead_id, "recipient_ref": f"contact:{contact_id}"}
        times = {"planned_at": MORNING, "not_before": MORNING, "policy": "retry", "message_id": OUR_ID}
        outbox_id = _add(connection, schema.outbox, **outbox, **about, **times)
    return desk, Known(contact_id, person_id, outbox_id)


def _add(connection: sa.Connection, table: sa.Table, **row: Any) -> int:
    return int(connection.execute(sa.insert(table).values(row).returning(table.c.id)).scalar_one())


def fetch(desk: Desk, now: datetime) -> dict[str, int]:
    """Fetch the desk's mailbox."""
    counts = take_mailbox(desk, desk.office.mailboxes[0], now)
    return {name: counts[name] for name in ("seen", "fetched", "refused")}


def take_in(desk: Desk, now: datetime, *, with_gate: bool = False) -> dict[str, int]:
    """Interpret and settle everything that is stored, as the flow does; returns the counts."""
    total: dict[str, int] = {}
    for ids in unsettled_chunks(desk, now):
        chunk = read_chunk(desk, ids)
        verdict = gate_batch.fn("mail", list(chunk.gate_rows), "mail") if with_gate else GateResult()
        for name, count in settle_mail.fn(desk, chunk, verdict, now).items():
            total[name] = total.get(name, 0) + count
    return total


def rows(engine: sa.Engine, query: str) -> list[tuple[Any, ...]]:
    """What a query finds."""
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def picture(engine: sa.Engine) -> dict[str, list[tuple[Any, ...]]]:
    """The end state in terms of meaning: row ids, which depend on the order of arrival, are left out."""
    found = {
        "items": rows(engine, "select natural_key, state, reason is null, entity from intake_item"),
        "seen": rows(engine, "select source, seen_total from source_cursor"),
        "leads": rows(engine, "select number, mail, phone, title from lead"),
        "activities": rows(engine, "select kind, subject, is_reply_verified from activity"),
        "documents": rows(engine, "select sha256, content_type from document"),
        "events": rows(engine, "select kind, entity from event"),
        "inbox": rows(engine, "select entity, count(*) from process_inbox group by entity"),
        "quarantine": rows(engine, "select source, reason from quarantine_row"),
        "numbers": rows(engine, "select name, last_value from numerator"),
    }
    return {name: sorted((tuple(map(_plain, row)) for row in part), key=str) for name, part in found.items()}


def _plain(value: Any) -> Any:
    """Truth values are numbers on SQLite."""
    return int(value) if isinstance(value, bool) else value
