"""A process about a deal that is started from something else (a good lead): contact, company and deal are made first.

All in the transaction of the start, so that there is never a deal without its client or the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.contacts import company_of, create_contact
from tasks.gateways.store.deals import NewDeal, open_deal
from tasks.gateways.store.lead_course import create_company
from tasks.gateways.store.process_items import load_item
from tasks.gateways.store.staff import id_of
from tasks.matching import known_client
from tasks.office_round import OfficeRound
from tasks.process_beginning import Beginning
from tasks.rules.mail_address import canonical_mail
from tasks.rules.phones import to_e164
from tasks.rules.process.definition import Definition
from tasks.rules.process.reasons import HeldError, Reason


def with_deal(connection: sa.Connection, run: OfficeRound, definition: Definition, starting: Beginning) -> Beginning:
    """The beginning with its deal. The client is the contact in `client`, else made from what the starter knows:
    its fields name, mail, phone and company. Raises HeldError when there is neither.
    """
    fields = dict(starting.fields)
    if not str(fields.get("client") or "").startswith("contact:"):
        fields["client"] = f"contact:{_client(connection, run, starting)}"
    contact_id = id_of(fields["client"]) or 0
    deal = NewDeal(
        process=definition.name,
        stage=definition.first_stage,
        title=starting.title or definition.title.get(run.office.language, definition.name),
        lead_id=None,
        contact_id=contact_id,
        company_id=company_of(connection, contact_id),
        currency=run.office.currency,
        at=starting.at,
    )
    deal_id, number = open_deal(connection, deal)
    if "number" in definition.fields:
        fields["number"] = number
    return replace(starting, key=f"deal:{deal_id}", entity_id=deal_id, number=number, fields=fields)


def _client(connection: sa.Connection, run: OfficeRound, starting: Beginning) -> int:
    known: Mapping[str, Any] = load_item(connection, starting.parent_id).item.fields if starting.parent_id else {}
    name, company = str(known.get("name") or ""), str(known.get("company") or "")
    mail, phone = str(known.get("mail") or ""), str(known.get("phone") or "")
    found = (("mail", canonical_mail(mail), mail), ("phone", to_e164(phone, run.office.hours.country), phone))
    points = [(kind, value, raw) for kind, value, raw in found if value]
    if not points:
        raise HeldError(Reason("empty", "client"))
    there = known_client(connection, name, [(kind, value) for kind, value, _ in points], starting.at)
    if there:
        return there.contact_id
    return create_contact(
        connection,
        name=name or mail or phone,
        points=points,
        company_id=create_company(connection, company, starting.at) if company else None,
        language=run.office.language,
        at=starting.at,
    )
