"""A qualified lead becomes contact, company and deal in one transaction; nothing is made twice for a known person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tasks.deals import take_step
from tasks.gateways.store.contacts import KnownContact, create_contact, find_contacts
from tasks.gateways.store.deals import NewDeal, load_deal, open_deal
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.lead_course import (
    Lead,
    create_company,
    hand_over_history,
    keep_answers,
    place_contact,
    save_lead,
)
from tasks.gateways.store.staff import read_recipients
from tasks.gateways.store.work import WaitingEvent
from tasks.office_round import SERVICE, OfficeRound
from tasks.outbox import plan_notices
from tasks.rules.deal_words import fill
from tasks.rules.lead_progress import lead_answer
from tasks.rules.mail_address import canonical_mail
from tasks.rules.outgoing import Notice
from tasks.rules.phones import to_e164
from tasks.rules.pipeline_state import Event

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
    deal_id = _open(connection, run, conversion, contact_id, company_id)
    save_lead(
        connection,
        lead,
        status="converted",
        taken_at=lead.taken_at or event.at,
        qualified_at=event.at,
        ended_at=event.at,
        contact_id=contact_id,
    )
    keep_answers(connection, lead.lead_id, conversion.answers, event.at)
    hand_over_history(connection, lead.lead_id, contact_id, deal_id)
    opened = NewEvent(
        f"{event.key}:deal.opened", event.at, "deal", deal_id, "deal.opened", event.actor, {}, event.event_id
    )
    cause_id = record_event(connection, opened)
    counts = _begin(connection, run, conversion, deal_id, cause_id)
    counts["notices"] += _confirm(connection, run, conversion, deal_id)
    return Converted(deal_id, contact_id, counts)


def _client(connection: sa.Connection, run: OfficeRound, conversion: Conversion) -> tuple[int, int | None]:
    lead, at = conversion.lead, conversion.event.at
    points = _points(run, conversion)
    known = _known(connection, points)
    company = lead_answer(conversion.answers, "company")
    company_id = known.company_id if known else None
    if company and company_id is None:
        company_id = create_company(connection, company, at)
    if known:
        if company_id and known.company_id is None:
            place_contact(connection, known.contact_id, company_id)
        return known.contact_id, company_id
    name = lead_answer(conversion.answers, "name", lead.person_name) or lead.mail or lead.phone
    contact_id = create_contact(
        connection, name=name, points=points, company_id=company_id, language=lead.language, at=at
    )
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


def _known(connection: sa.Connection, points: list[Point]) -> KnownContact | None:
    """The contact that owns one of the points already (another lead of the same person was converted first)."""
    for kind in ("mail", "phone"):
        values = [value for point, value, _ in points if point == kind]
        found = find_contacts(connection, kind, values)
        for value in values:
            if value in found:
                return found[value]
    return None


def _open(
    connection: sa.Connection, run: OfficeRound, conversion: Conversion, contact_id: int, company_id: int | None
) -> int:
    pipeline, lead = run.pipelines[SERVICE], conversion.lead
    language = run.office.language
    status = fill(pipeline.stages[pipeline.first_stage].status, language, {})
    deal = NewDeal(
        pipeline=pipeline.name,
        version=pipeline.version,
        stage=pipeline.first_stage,
        status_text=status,
        title=lead_answer(conversion.answers, "title", lead.title),
        lead_id=lead.lead_id,
        contact_id=contact_id,
        company_id=company_id,
        currency=run.office.currency,
        fields={"manager": lead.responsible, **conversion.values},
        at=conversion.event.at,
    )
    return open_deal(connection, deal)


def _begin(
    connection: sa.Connection, run: OfficeRound, conversion: Conversion, deal_id: int, cause_id: int
) -> Counter[str]:
    event = conversion.event
    name = "start" if conversion.is_started else "opened"
    begin = Event(f"{event.key}:{name}", event.at, name, event.actor, is_command=conversion.is_started)
    return take_step(connection, run, begin, deal_id, cause_id)


def _confirm(connection: sa.Connection, run: OfficeRound, conversion: Conversion, deal_id: int) -> int:
    """The one who qualified the lead is told the deal's number."""
    event, deal = conversion.event, load_deal(connection, deal_id)
    recipients = read_recipients(connection, [event.actor])
    data = {
        "number": deal.number,
        "lead_number": conversion.lead.number,
        "client": deal.client_name,
        "company": deal.company_name,
        "status": deal.status_text,
    }
    notices = [
        Notice(
            key=f"converted:{event.key}",
            kind="confirmation",
            to=to,
            wording="lead_converted",
            data=data,
            entity="deal",
            entity_id=deal_id,
            not_before=event.at,
            cause_event_id=event.event_id,
        )
        for to in recipients.values()
    ]
    return plan_notices(connection, run.office, notices, run.now)
