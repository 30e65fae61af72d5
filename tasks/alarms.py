"""Telling the administrators that something needs a person, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.contacts import find_staff
from tasks.outbox import plan_notices
from tasks.rules.office import Office, Person
from tasks.rules.outgoing import Notice, Recipient


def raise_alarm(
    connection: sa.Connection, office: Office, key: str, wording: str, data: Mapping[str, Any], now: datetime
) -> int:
    """Plan one notice to every active administrator (the chiefs where there is none), once per `key`.

    Inside the caller's write transaction; returns how many were new. `wording` names a template of the office folder.
    """
    staff = find_staff(connection)
    told = [
        Recipient(f"person:{staff[one.mail]}", one.name, one.mail, one.language)
        for one in _administrators(office)
        if one.mail in staff
    ]
    notices = [
        Notice(
            key=f"alarm:{key}:{to.ref}",
            kind="notice",
            to=to,
            wording=wording,
            data={"at": now, **data},
            entity="alarm",
            entity_id=0,
            not_before=now,
        )
        for to in told
    ]
    return plan_notices(connection, office, notices, now)


def _administrators(office: Office) -> list[Person]:
    administrators = [one for one in office.people if "administrator" in one.roles]
    return administrators or [one for one in office.people if "chief" in one.roles]
