"""Making leads: once per origin, numbered, with their event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.events import NewEvent, record_events
from tasks.gateways.store.numerators import next_numbers


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead to make. `origin_key` ('mail:ID', 'call:ID') makes it repeatable; phone is E.164."""

    origin_key: str
    channel: str
    title: str
    person_name: str
    mail: str | None
    phone: str | None
    language: str
    responsible_id: int | None
    created_at: datetime
    take_due_at: datetime


def create_leads(connection: sa.Connection, leads: Sequence[NewLead], *, for_process: bool = True) -> dict[str, int]:
    """Make the leads that are not there yet; returns origin key → lead id of all that were given.

    Each new lead records one event `lead.created`, which the process engine takes unless not `for_process`.
    The caller holds the write transaction.
    """
    known = _ids_of(connection, [lead.origin_key for lead in leads])
    fresh = {lead.origin_key: lead for lead in leads if lead.origin_key not in known}
    if not fresh:
        return known
    numbers = next_numbers(connection, "lead", "L", len(fresh))
    rows = [_row(lead, number) for lead, number in zip(fresh.values(), numbers, strict=True)]
    connection.execute(sa.insert(schema.lead), rows)
    made = _ids_of(connection, list(fresh))
    record_events(connection, [_created(lead, made[lead.origin_key], for_process) for lead in fresh.values()])
    return known | made


def _row(lead: NewLead, number: str) -> dict[str, object]:
    return {
        "number": number,
        "origin_key": lead.origin_key,
        "channel": lead.channel,
        "title": lead.title,
        "person_name": lead.person_name,
        "mail": lead.mail,
        "phone": lead.phone,
        "language": lead.language,
        "responsible_id": lead.responsible_id,
        "created_at": lead.created_at,
        "take_due_at": lead.take_due_at,
    }


def _created(lead: NewLead, lead_id: int, for_process: bool) -> NewEvent:
    return NewEvent(
        key=f"lead.created:{lead.origin_key}",
        at=lead.created_at,
        entity="lead",
        entity_id=lead_id,
        kind="lead.created",
        actor=f"channel:{lead.channel}",
        data={"origin": lead.origin_key},
        for_process=for_process,
    )


_IDS = sa.select(schema.lead.c.origin_key, schema.lead.c.id).where(
    schema.lead.c.origin_key.in_(sa.bindparam("keys", expanding=True))
)
_NUMBERS = sa.select(schema.lead.c.id, schema.lead.c.number).where(
    schema.lead.c.id.in_(sa.bindparam("ids", expanding=True))
)


def _ids_of(connection: sa.Connection, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(keys), 500):
        rows = connection.execute(_IDS, {"keys": keys[start : start + 500]})
        found.update((row.origin_key, row.id) for row in rows)
    return found


def numbers_of(connection: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    """The public numbers of a few leads, by row id."""
    return {row.id: row.number for row in connection.execute(_NUMBERS, {"ids": ids})}
