"""A client whom the office knows asks by a form that says so: an order begins at once, as from an operator's lead (B2).

The lead is made all the same, so that the record is whole; it is converted in the same transaction.
"""

from __future__ import annotations

import logging
from datetime import datetime

import sqlalchemy as sa

from tasks.gateways.store.contacts import KnownContact, find_contacts
from tasks.gateways.store.deals import number_of
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.lead_course import load_lead, save_lead
from tasks.gateways.store.process_items import ConflictError
from tasks.gateways.store.staff import id_of, open_loads, person_ref
from tasks.gateways.store.work import WaitingEvent
from tasks.lead_conversion import Conversion, convert_lead
from tasks.matching import known_client
from tasks.office_round import OfficeRound
from tasks.process_acts import BeginRefusedError
from tasks.rules.assignment import least_loaded, stand_in
from tasks.rules.errors import CalloutError
from tasks.rules.forms.posts import Inquiry

_log = logging.getLogger("callout.door")
_ACTOR = "form"
_ROLE = "manager"


def begin_order(
    connection: sa.Connection, run: OfficeRound, lead_id: int, inquiry: Inquiry, at: datetime
) -> tuple[int, str] | None:
    """The deal's row id and number; None when the sender is nobody we know for sure, or no order can begin: the lead
    stays a lead then, and nothing else has happened.
    """
    savepoint = connection.begin_nested()
    try:
        made = _begin(connection, run, lead_id, inquiry, at)
    except (CalloutError, BeginRefusedError, ConflictError) as error:
        savepoint.rollback()
        _log.warning("lead %s stays a lead, no order could begin: %s", lead_id, error)
        return None
    if made is None:
        savepoint.rollback()
    else:
        savepoint.commit()
    return made


def _begin(
    connection: sa.Connection, run: OfficeRound, lead_id: int, inquiry: Inquiry, at: datetime
) -> tuple[int, str] | None:
    points = [(kind, value) for kind, value in (("mail", inquiry.mail), ("phone", inquiry.phone)) if value]
    if not any(value in find_contacts(connection, kind, [value]) for kind, value in points):
        return None
    known = known_client(connection, inquiry.name, points, at)
    if known is None:
        return None
    lead = load_lead(connection, lead_id)
    manager = _manager(connection, run, known, at)
    save_lead(connection, lead, responsible_id=id_of(manager), contact_id=known.contact_id)
    event = NewEvent(f"form.order:{lead_id}", at, "lead", lead_id, "lead.act", _ACTOR, {"verb": "qualified"})
    event_id = record_event(connection, event)
    cause = WaitingEvent(event_id, event.key, at, "lead", lead_id, event.kind, _ACTOR, event.data)
    conversion = Conversion(load_lead(connection, lead_id), cause, (), {}, is_started=False)
    converted = convert_lead(connection, run, conversion)
    return converted.deal_id, number_of(connection, converted.deal_id)


def _manager(connection: sa.Connection, run: OfficeRound, known: KnownContact, at: datetime) -> str:
    """The client's own manager or who stands in, else the least loaded one; '' when there is none."""
    day = run.day(at)
    if known.manager_id is not None:
        return stand_in(run.staff, person_ref(known.manager_id), day)
    return least_loaded(run.staff, _ROLE, open_loads(connection), day) or ""
