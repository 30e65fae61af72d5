"""A qualified lead becomes contact, company and deal in one transaction; nothing is made twice for a known person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.contacts import company_name, create_contact
from tasks.gateways.store.deals import NewDeal, open_deal
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.item_subject import contact_names
from tasks.gateways.store.lead_course import (
    Lead,
    create_company,
    hand_over_history,
    place_contact,
    save_lead,
)
from tasks.gateways.store.process_items import StoredItem, load_item
from tasks.gateways.store.qualifications import keep_answers
from tasks.gateways.store.staff import read_recipients
from tasks.gateways.store.work import WaitingEvent
from tasks.letters import answer
from tasks.likely_clients import client_of_lead, keep_lead_apart
from tasks.office_round import SERVICE, OfficeRound
from tasks.process_beginning import Beginning
from tasks.process_steps import begin_stored, take_event
from tasks.rules.lead_progress import lead_answer
from tasks.rules.mail_address import canonical_mail
from tasks.rules.outgoing import Notice
from tasks.rules.phones import to_e164
from tasks.rules.process.state import Event

Point = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Conversion:
    """The lead, the event that qualified it, its answers, the order's values, and whether the order starts at once."""

    lead: Lead
    event: WaitingEvent
    answers: tuple[tuple[str, str], ...]
    values: Mapping[str, Any]
    is_started: bool


@dataclass(frozen=True, slots=True)
class Converted:
    """What a lead has become."""

    deal_id: int
    contact_id: int
    counts: Counter[str]


def convert_lead(connection: sa.Connection, run: OfficeRound, conversion: Conversion) -> Converted:
    """Make (or find) the contact and company, open the deal and start it, or ask for the start by hand.

    Raises ConflictError when the lead has changed meanwhile.
    """
    lead, event = conversion.lead, conversion.event
    contact_id, company_id = _client(connection, run, conversion)
    deal_id, number = _open(connection, run, conversion, contact_id, company_id)
    save_lead(
        connection,
        lead,
        status="converted",
        taken_at=lead.taken_at or event.at,
        qualified_at=event.at,
        ended_at=event.at,
        contact_id=contact_id,
    )
    keep_answers(connection, lead.lead_id, dict(conversion.answers), run.office.qualification.version, event.at)
    hand_over_history(connection, lead.lead_id, contact_id, deal_id)
    opened = NewEvent(
        f"{event.key}:deal.opened", event.at, "deal", deal_id, "deal.opened", event.actor, {}, event.event_id
    )
    cause_id = record_event(connection, opened)
    counts, stored = _begin(connection, run, conversion, deal_id, number, contact_id, cause_id)
    counts["notices"] += _confirm(connection, run, conversion, stored, contact_id)
    return Converted(deal_id, contact_id, counts)


def _client(connection: sa.Connection, run: OfficeRound, conversion: Conversion) -> tuple[int, int | None]:
    lead, at = conversion.lead, conversion.event.at
    points = _points(run, conversion)
    name = lead_answer(conversion.answers, "name", lead.person_name)
    known = client_of_lead(connection, lead.lead_id, name, [(kind, value) for kind, value, _ in points], at)
    company = lead_answer(conversion.answers, "company")
    company_id = known.company_id if known else None
    if company and company_id is None:
        company_id = create_company(connection, company, at)
    if known:
        if company_id and known.company_id is None:
            place_contact(connection, known.contact_id, company_id)
        return known.contact_id, company_id
    contact_id = create_contact(
        connection,
        name=name or lead.mail or lead.phone,
        points=points,
        company_id=company_id,
        language=lead.language,
        at=at,
    )
    keep_lead_apart(connection, lead.lead_id, contact_id, conversion.event.actor, at)
    return contact_id, company_id


def _points(run: OfficeRound, conversion: Conversion) -> list[Point]:
    """The lead's own address and number, and those of the answers that can be read."""
    lead, answers = conversion.lead, conversion.answers
    mail, phone = lead_answer(answers, "mail"), lead_answer(answers, "phone")
    found: list[tuple[str, str | None, str]] = [
        ("mail", lead.mail or None, lead.mail),
        ("mail", canonical_mail(mail), mail),
        ("phone", lead.phone or None, lead.phone),
        ("phone", to_e164(phone, run.office.hours.country), phone),
    ]
    points = {(kind, value): (kind, value, raw) for kind, value, raw in found if value}
    return list(points.values())


def _open(
    connection: sa.Connection, run: OfficeRound, conversion: Conversion, contact_id: int, company_id: int | None
) -> tuple[int, str]:
    definition, lead = run.newest(SERVICE), conversion.lead
    deal = NewDeal(
        process=definition.name,
        stage=definition.first_stage,
        title=_title(conversion),
        lead_id=lead.lead_id,
        contact_id=contact_id,
        company_id=company_id,
        currency=run.office.currency,
        at=conversion.event.at,
    )
    return open_deal(connection, deal)


def _title(conversion: Conversion) -> str:
    return lead_answer(conversion.answers, "title", conversion.lead.title)


def _begin(
    connection: sa.Connection,
    run: OfficeRound,
    conversion: Conversion,
    deal_id: int,
    number: str,
    contact_id: int,
    cause_id: int,
) -> tuple[Counter[str], StoredItem]:
    """The order's item begins; then it starts by hand, or its manager is asked to start it."""
    event, lead = conversion.event, conversion.lead
    people = {"manager": lead.responsible} | _operator(run, event.actor)
    fields = {"number": number, "client": f"contact:{contact_id}", **people, **conversion.values}
    starting = Beginning(
        process=SERVICE,
        key=f"deal:{deal_id}",
        event_key=f"{event.key}:begin",
        at=event.at,
        actor=event.actor,
        fields={name: value for name, value in fields.items() if value},
        entity_id=deal_id,
        title=_title(conversion),
        number=number,
        cause_id=cause_id,
    )
    counts, item_id = begin_stored(connection, run, starting)
    stored = load_item(connection, item_id or 0)
    name = "start" if conversion.is_started else "opened"
    begin = Event(f"{event.key}:{name}", event.at, name, event.actor, is_command=conversion.is_started)
    stepped = take_event(connection, run, stored, begin, channel="mail", cause_id=cause_id)
    return counts + stepped.counts, stepped.stored


def _operator(run: OfficeRound, actor: str) -> dict[str, str]:
    """The operator of the order is who qualified it, when that is one."""
    member = run.staff.get(actor)
    return {"operator": actor} if member and "operator" in member.roles else {}


def _confirm(
    connection: sa.Connection, run: OfficeRound, conversion: Conversion, stored: StoredItem, contact_id: int
) -> int:
    """The one who qualified the lead is told the deal's number."""
    event = conversion.event
    recipients = read_recipients(connection, [event.actor])
    data = {
        "number": stored.number,
        "lead_number": conversion.lead.number,
        "client": contact_names(connection, [f"contact:{contact_id}"]).get(f"contact:{contact_id}", ""),
        "company": lead_answer(conversion.answers, "company") or company_name(connection, contact_id),
        "status": stored.status_text,
    }
    notices = [
        Notice(
            key=f"converted:{event.key}",
            kind="confirmation",
            to=to,
            wording="lead_converted",
            data=data,
            entity="deal",
            entity_id=stored.entity_id,
            not_before=event.at,
            cause_event_id=event.event_id,
            item_id=stored.item_id,
        )
        for to in recipients.values()
    ]
    return answer(connection, run, event, notices)
