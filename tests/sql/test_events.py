"""A fact is recorded once per key, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.events import NewEvent, record_events
from tasks.gateways.store.leads import NewLead, create_leads

NOON = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)


def _lead(origin: str) -> NewLead:
    return NewLead(origin, "mail", "Ремонт", "Иван", "ivan@example.com", None, "ru", None, NOON, NOON)


def test_a_repeated_fact_keeps_its_first_row(engine: sa.Engine) -> None:
    fact = NewEvent("k1", NOON, "deal", 7, "reply", "contact:1", {"n": 1}, for_process=True)
    with writing(engine) as connection:
        first = record_events(connection, [fact])
    with writing(engine) as connection:
        again = record_events(connection, [fact, NewEvent("k2", NOON, "deal", 7, "reply", "contact:1")])
    assert again["k1"] == first["k1"]
    with reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.process_inbox)) == 1
        assert connection.scalar(sa.select(schema.event.c.at).where(schema.event.c.key == "k1")) == NOON


def test_leads_are_made_once_and_numbered_without_gaps(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        first = create_leads(connection, [_lead("mail:1"), _lead("mail:2")])
    with writing(engine) as connection:
        assert create_leads(connection, [_lead("mail:2"), _lead("mail:3")])["mail:2"] == first["mail:2"]
    with reading(engine) as connection:
        numbers = connection.scalars(sa.select(schema.lead.c.number).order_by(schema.lead.c.id)).all()
    assert numbers == ["L-000001", "L-000002", "L-000003"]
