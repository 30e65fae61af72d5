"""What mail systems and forgers say about our mail, as events: bounces, complaints, unproven claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.contacts import find_contacts, mark_undeliverable
from tasks.gateways.store.events import NewEvent, record_events
from tasks.rules.mail.settlement import Settlement
from tasks.rules.mail.surroundings import NamedItem
from tasks.rules.mail.undeliverable import ReportedAddress, SentMessage

_IN_CHUNK = 500


def find_sent(connection: sa.Connection, addresses: Iterable[str], since: datetime) -> list[SentMessage]:
    """Our messages handed over since then to any of these addresses (lower case), in order."""
    table = schema.outbox
    wanted = sorted(set(addresses))
    found: list[SentMessage] = []
    for start in range(0, len(wanted), _IN_CHUNK):
        query = sa.select(table.c.id, table.c.recipient, table.c.sent_at).where(
            table.c.sent_at >= since, sa.func.lower(table.c.recipient).in_(wanted[start : start + _IN_CHUNK])
        )
        found += [SentMessage(row.id, row.recipient, row.sent_at) for row in connection.execute(query)]
    return sorted(found, key=lambda message: message.outbox_id)


def find_numbered(connection: sa.Connection, numbers: Iterable[str]) -> dict[str, NamedItem]:
    """Our leads and deals with these public numbers."""
    wanted = sorted(set(numbers))
    found: dict[str, NamedItem] = {}
    for start in range(0, len(wanted), _IN_CHUNK):
        chunk = wanted[start : start + _IN_CHUNK]
        for row in connection.execute(
            sa.select(schema.lead.c.id, schema.lead.c.number).where(schema.lead.c.number.in_(chunk))
        ):
            found[row.number] = NamedItem("lead", row.id, row.number)
        for row in connection.execute(
            sa.select(schema.deal.c.id, schema.deal.c.number).where(schema.deal.c.number.in_(chunk))
        ):
            found[row.number] = NamedItem("deal", row.id, row.number)
    return found


def record_reports(connection: sa.Connection, mine: Sequence[Settlement], activities: dict[str, int]) -> None:
    """Events for what was reported; an address that is proven to be dead is marked undeliverable."""
    proven = {reported.address for s in mine for reported in (*s.bounced, *s.complained) if reported.is_proven}
    known = {address: found.contact_id for address, found in find_contacts(connection, "mail", proven).items()}
    events: list[NewEvent] = []
    for settlement in mine:
        for number, reported in enumerate(settlement.bounced):
            if reported.address in known:
                mark_undeliverable(connection, [reported.address], settlement.received_at)
            events.append(_report("bounce", settlement, number, reported, known.get(reported.address)))
        for number, reported in enumerate(settlement.complained):
            events.append(_report("complaint", settlement, number, reported, known.get(reported.address)))
        events += _claims(settlement, activities)
    record_events(connection, events)


def _report(
    kind: str, settlement: Settlement, number: int, reported: ReportedAddress, contact_id: int | None
) -> NewEvent:
    """About the contact whose address it is; about the mail itself when it proves nothing."""
    ids = list(reported.outbox_ids)
    return NewEvent(
        key=f"{kind}:{settlement.intake_id}:{number}",
        at=settlement.received_at,
        entity="intake_item" if contact_id is None else "contact",
        entity_id=settlement.intake_id if contact_id is None else contact_id,
        kind=kind,
        actor="channel:mail",
        data={"intake_id": settlement.intake_id, "outbox_id": ids[0] if ids else None, "outbox_ids": ids},
    )


def _claims(settlement: Settlement, activities: dict[str, int]) -> list[NewEvent]:
    """On the item that an unproven mail says to be about: shown in its history, never for the process engine."""
    if settlement.claims is None:
        return []
    entity, entity_id = settlement.claims
    return [
        NewEvent(
            key=f"claim:{settlement.intake_id}",
            at=settlement.received_at,
            entity=entity,
            entity_id=entity_id,
            kind="claim",
            actor="channel:mail",
            data={"intake_id": settlement.intake_id, "activity_id": activities.get(f"mail:{settlement.intake_id}")},
        )
    ]
