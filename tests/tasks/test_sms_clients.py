"""A client who has only a mobile telephone counts as reachable while SMS is on, and is told; also after a merge."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.staff import reachable_contacts
from tasks.notifications import reachable
from tasks.rules.notify.channel_settings import Channels, SmsGateway
from tests.tasks.outbox_at_work import NOW

ON = Channels(sms=SmsGateway("smsc", login="office", secret="sms-key"))


def _contact(connection: sa.Connection, *points: tuple[str, str], canonical_id: int | None = None) -> str:
    new = sa.insert(schema.contact).values(name="Анна", created_at=NOW, canonical_id=canonical_id)
    contact_id = connection.execute(new.returning(schema.contact.c.id)).scalar_one()
    for kind, value in points:
        point = {"contact_id": contact_id, "kind": kind, "value": value, "raw": value}
        connection.execute(sa.insert(schema.contact_point).values(point))
    return f"contact:{contact_id}"


def test_the_engine_and_the_ladder_agree_on_who_can_be_reached(desk: Desk) -> None:
    with writing(desk.engine) as connection:
        mailed = _contact(connection, ("mail", "anna@example.com"))
        mobile = _contact(connection, ("phone", "+79000000301"))
        landline = _contact(connection, ("phone", "+74950000001"))
        merged = _contact(connection, canonical_id=2)
    refs = [mailed, mobile, landline, merged]
    with reading(desk.engine) as connection:
        for channels, expected in ((Channels(), {mailed}), (ON, {mailed, mobile, merged})):
            office = replace(desk.office, channels=channels)
            assert reachable(connection, office, refs) == expected
            assert reachable_contacts(connection, refs, by_sms=channels.sms.is_on) == expected
