"""A colleague acts on a lead from a form or a page, or writes down what a client asked for by word of mouth.

Both go the way of an answer by mail: the same rule decides, the record says who acted and through which channel.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import KnownContact, find_contacts
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.lead_course import Lead, load_lead
from tasks.gateways.store.leads import NewLead, create_leads
from tasks.gateways.store.quarantine_decisions import find_person
from tasks.gateways.store.staff import id_of, language_of, person_ref
from tasks.gateways.store.work import WaitingEvent
from tasks.lead_spam import LeadCause, record_step
from tasks.leads import act_on_lead
from tasks.office_round import OfficeRound, begin_round
from tasks.rules.assignment import stand_in
from tasks.rules.errors import UsageError
from tasks.rules.lead_times import take_due_at
from tasks.rules.leads.lead_order import LeadOrder, Request, command_of, points_of
from tasks.rules.process.words import explain
from tasks.rules.reply_command import ReplyCommand

_KEY_CHARS = 24


@dataclass(frozen=True, slots=True)
class LeadActed:
    """What came of it: counts, why it was refused (in the language of who acts), and the numbers made or found."""

    counts: dict[str, int]
    refused: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@task(name="act-on-lead", task_run_name="act-on-lead", cache_policy=NO_CACHE)
def order_lead(desk: Desk, order: LeadOrder, channel: str, now: datetime) -> LeadActed:
    """Do what `order` wants of a lead, as the person it names. Raises UsageError for an unknown lead or person."""
    with reading(desk.engine) as connection:
        run = begin_round(connection, desk.office, now)
        actor, lead_id = _person(connection, order.who), _lead_id(connection, order.lead)
    with writing(desk.engine) as connection:
        lead = load_lead(connection, lead_id)
        return act(connection, run, lead, command_of(order), actor, channel)


def act(
    connection: sa.Connection, run: OfficeRound, lead: Lead, command: ReplyCommand, actor: str, channel: str
) -> LeadActed:
    """Act on a lead inside the caller's transaction; a refusal changes nothing and says why.

    Raises ConflictError when the lead has changed meanwhile.
    """
    key = f"lead:{lead.lead_id}:{lead.revision}:{command.verb or 'answers'}:{_digest(asdict(command))}"
    data = {"verb": command.verb or "answers", "channel": channel}
    event = _recorded(connection, NewEvent(key, run.now, "lead", lead.lead_id, "lead.act", actor, data))
    counts, reasons = act_on_lead(connection, run, lead, command, event)
    if reasons:
        told = {"reasons": explain(reasons, "en"), "channel": channel}
        cause = LeadCause(event.key, event.at, event.actor, event.event_id)
        record_step(connection, lead, cause, "refused", told)
    language = language_of(connection, actor, run.office.language)
    return LeadActed(dict(counts), tuple(explain(reasons, language)), (lead.number,))


@task(name="register-request", task_run_name="register-request", cache_policy=NO_CACHE)
def register_request(desk: Desk, request: Request, now: datetime) -> LeadActed:
    """What a client asked of a colleague: an order at once for a known client, else a lead. Once per day and wording.

    Raises UsageError for an unknown person, or a request that names neither mail nor telephone.
    """
    with reading(desk.engine) as connection:
        run = begin_round(connection, desk.office, now)
        actor = _person(connection, request.who)
    points = points_of(request, run.office.hours.country)
    with writing(desk.engine) as connection:
        known = _known(connection, points)
        made = _make_lead(connection, run, request, points, known)
        if known is None or made.status != "new":
            return LeadActed({"leads_created": int(made.revision == 0)}, (), (made.number,))
        return act(connection, run, made, command_of(request.order(made.number)), actor, "desk")


def _make_lead(
    connection: sa.Connection,
    run: OfficeRound,
    request: Request,
    points: Sequence[tuple[str, str]],
    known: KnownContact | None,
) -> Lead:
    """The lead of this request, made when it is not there yet."""
    origin = f"desk:{run.day(run.now)}:{_digest(asdict(request))}"
    values = dict(points)
    new = NewLead(
        origin_key=origin,
        channel="desk",
        title=request.title,
        person_name=request.name or (known.name if known else ""),
        mail=values.get("mail"),
        phone=values.get("phone"),
        language=known.language if known else run.office.language,
        responsible_id=_personal_manager(run, known),
        created_at=run.now,
        take_due_at=take_due_at(run.office, run.now),
    )
    return load_lead(connection, create_leads(connection, [new])[origin])


def _personal_manager(run: OfficeRound, known: KnownContact | None) -> int | None:
    """The known client's manager, or who stands in; None leaves the choice to the assignment by load."""
    if known is None or known.manager_id is None:
        return None
    return id_of(stand_in(run.staff, person_ref(known.manager_id), run.day(run.now)))


def _known(connection: sa.Connection, points: Sequence[tuple[str, str]]) -> KnownContact | None:
    for kind, value in points:
        found = find_contacts(connection, kind, [value])
        if value in found:
            return found[value]
    return None


def _person(connection: sa.Connection, word: str) -> str:
    person_id = find_person(connection, word) if word.strip() else None
    if person_id is None:
        raise UsageError(f"who? {word!r} is no key or mail address of a member of staff")
    return person_ref(person_id)


def _lead_id(connection: sa.Connection, number: str) -> int:
    table = schema.lead
    lead_id = connection.scalar(sa.select(table.c.id).where(table.c.number == number.strip().upper()))
    if lead_id is None:
        raise UsageError(f"there is no lead {number!r}; numbers look like L-000001")
    return int(lead_id)


def _recorded(connection: sa.Connection, event: NewEvent) -> WaitingEvent:
    event_id = record_event(connection, event)
    return WaitingEvent(
        event_id, event.key, event.at, event.entity, event.entity_id, event.kind, event.actor, event.data
    )


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:_KEY_CHARS]
