"""Signing in at the door: a link by mail, the same answer to every address, and nothing without a button."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import writing
from tasks.gateways.store.door_rates import is_within
from tasks.gateways.store.door_sessions import begin_sign_in
from tasks.gateways.store.staff import person_ref
from tasks.outbox import plan_notices
from tasks.rules.door.rates import SIGN_IN_BY_ADDRESS, SIGN_IN_BY_MAIL
from tasks.rules.door.visits import SIGN_IN_MINUTES
from tasks.rules.mail_address import canonical_mail
from tasks.rules.outgoing import Notice, Recipient


def send_sign_in(desk: Desk, mail: str, remote: str, base_url: str, now: datetime, place: str = "") -> bool:
    """Plan the mail with the link when the address is a member of staff's; False when nothing is sent, and nobody is
    told which it was. `remote` is the network address that asked, `place` the page the person came for.
    """
    address = canonical_mail(mail)
    with writing(desk.engine) as connection:
        is_calm = is_within(connection, SIGN_IN_BY_ADDRESS, remote, now)
        if not address or not (is_within(connection, SIGN_IN_BY_MAIL, address, now) and is_calm):
            return False
        person = schema.person
        found = connection.execute(sa.select(person).where(person.c.mail == address, person.c.is_active)).first()
        if found is None:
            return False
        row_id, token = begin_sign_in(connection, found.id, now)
        url = f"{base_url.rstrip('/')}/in/{token}" + (f"?to={quote(place, safe='')}" if place else "")
        notice = Notice(
            key=f"sign_in:{row_id}",
            kind="confirmation",
            to=Recipient(person_ref(found.id), found.name, found.mail, found.language),
            wording="sign_in",
            data={"url": url, "minutes": SIGN_IN_MINUTES},
            entity="person",
            entity_id=found.id,
            not_before=now,
        )
        return plan_notices(connection, desk.office, [notice], now) == 1
