"""What became of the calls: leads, activities, missed calls; each with its event, in the calls' own transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert, writing
from tasks.gateways.store.contacts import KnownContact, find_contacts
from tasks.gateways.store.events import NewEvent, record_events
from tasks.gateways.store.identity_index import see_identities
from tasks.gateways.store.leads import NewLead, create_leads
from tasks.gateways.store.missed_calls import MissedDesk, lose_missed, settle_missed
from tasks.rules.calls.missed import is_missed
from tasks.rules.calls.settling import Result, call_subject, decide_result, lead_key, lead_title
from tasks.rules.lead_times import take_due_at
from tasks.rules.office import Office
from tasks.rules.working_time import WorkingCalendar, working_calendar

_CHUNK = 500
_OPEN_LEAD = ("new", "in_work", "qualified")
ACTOR = "intake-calls"


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known about the numbers of a chunk of calls."""

    contacts: Mapping[str, KnownContact]
    deals: Mapping[int, int]
    leads: Mapping[str, int]
    ours: frozenset[str]


def settle_waiting(engine: sa.Engine, office: Office, now: datetime) -> dict[str, int]:
    """Settle every folded call that ended by `now`, in the order the calls ended; then give up what is too old.

    Counts what was made.
    """
    calendar = working_calendar(office.hours, office.zone)
    totals = dict.fromkeys(("settled", "leads", "activities", "missed", "returned", "came_back", "lost"), 0)
    while True:
        with writing(engine) as connection:
            calls = _waiting(connection, now)
            if not calls:
                totals["lost"] = lose_missed(connection, office.telephony.lost_after_days, now)
                return totals
            counts = _settle(connection, office, calendar, calls, now)
        for name, count in counts.items():
            totals[name] += count


def _waiting(connection: sa.Connection, now: datetime) -> Sequence[Any]:
    table = schema.call
    query = sa.select(table).where(table.c.settled_at.is_(None), table.c.ended_at <= now)
    return connection.execute(query.order_by(table.c.ended_at, table.c.id).limit(_CHUNK).with_for_update()).all()


def _settle(
    connection: sa.Connection, office: Office, calendar: WorkingCalendar, calls: Sequence[Any], now: datetime
) -> dict[str, int]:
    around = _look_around(connection, office, calls)
    short_seconds = office.telephony.service_level.short_abandon_seconds
    missed = [call for call in calls if _is_missed(call, short_seconds) and call.client_phone not in around.ours]
    results = _decide(office, calls, around, short_seconds)
    made = _make_leads(connection, office, [call for call in calls if results[call.id] == "lead"])
    leads = _lead_of_each(calls, results, around, made)
    kept = [call for call in calls if results[call.id] != "nothing"]
    activities = _record_activities(connection, [_activity(call, around, leads, office.language) for call in kept])
    connection.execute(_SETTLE, [_settled(call, around, leads, now) for call in calls])
    see_identities(
        connection,
        (
            (around.contacts[call.client_phone].contact_id, ("phone", call.client_phone), call.started_at)
            for call in kept
            if call.client_phone in around.contacts
        ),
    )
    record_events(connection, [_event(call, results[call.id]) for call in calls])
    desk = MissedDesk(office, calendar, {phone: known.manager_id for phone, known in around.contacts.items()})
    counts = settle_missed(connection, desk, missed, {call.client_phone for call in calls if call.client_phone}, now)
    return {"settled": len(calls), "leads": len(made), "activities": activities} | counts


def _look_around(connection: sa.Connection, office: Office, calls: Sequence[Any]) -> _Around:
    phones = sorted({call.client_phone for call in calls if call.client_phone})
    contacts = find_contacts(connection, "phone", phones)
    person, deal, lead = schema.person, schema.deal, schema.lead
    staff = connection.scalars(sa.select(person.c.phone).where(person.c.phone.in_(phones)))
    ours = frozenset(staff) | {line.number for line in office.telephony.lines}
    owners = sorted({known.contact_id for known in contacts.values()})
    deals = connection.execute(
        sa.select(deal.c.contact_id, deal.c.id)
        .where(deal.c.contact_id.in_(owners), deal.c.outcome.is_(None))
        .order_by(deal.c.id)
    )
    is_open = sa.case((lead.c.status.in_(_OPEN_LEAD), 1), else_=0)
    leads = connection.execute(
        sa.select(lead.c.phone, lead.c.id).where(lead.c.phone.in_(phones)).order_by(is_open, lead.c.id)
    )
    # Of several the last wins: the newest open one.
    return _Around(contacts, {d.contact_id: d.id for d in deals}, {one.phone: one.id for one in leads}, ours)


def _is_missed(call: Any, short_seconds: int) -> bool:
    """Whether somebody is owed a call back; a withheld number cannot be."""
    length = int((call.ended_at - call.started_at).total_seconds())
    return call.client_phone is not None and is_missed(
        call.direction, call.outcome, call.wait_seconds, length, short_seconds
    )


def _decide(office: Office, calls: Sequence[Any], around: _Around, short_seconds: int) -> dict[int, Result]:
    with_lead = set(around.leads)
    checked = {line.number for line in office.telephony.lines if line.check_outgoing}
    results: dict[int, Result] = {}
    for call in calls:
        phone = call.client_phone
        results[call.id] = decide_result(
            call.direction,
            phone,
            is_ours=phone in around.ours,
            is_known=phone in around.contacts,
            has_lead=phone in with_lead,
            is_short=call.outcome != "answered" and not _is_missed(call, short_seconds),
            is_checked=call.direction == "out" and call.outcome == "answered" and call.line in checked,
        )
        if results[call.id] == "lead":
            with_lead.add(phone)
    return results


def _make_leads(connection: sa.Connection, office: Office, calls: Sequence[Any]) -> dict[str, int]:
    """Phone → lead, for the calls that make one."""
    keys = {
        call.client_phone: lead_key(call.client_phone, call.started_at.astimezone(office.zone).date()) for call in calls
    }
    new = [
        NewLead(
            origin_key=keys[call.client_phone],
            channel="call",
            title=lead_title(call.direction, call.client_phone, office.language),
            person_name="",
            mail=None,
            phone=call.client_phone,
            language=office.language,
            responsible_id=call.person_id if call.direction == "out" else None,
            created_at=call.ended_at,
            take_due_at=take_due_at(office, call.ended_at),
        )
        for call in calls
    ]
    ids = create_leads(connection, new)
    return {phone: ids[key] for phone, key in keys.items()}


def _lead_of_each(
    calls: Sequence[Any], results: Mapping[int, Result], around: _Around, made: Mapping[str, int]
) -> dict[int, int]:
    """Call → lead, for calls of unknown numbers: the lead there was when the call came, or that it made."""
    leads = dict(around.leads)
    found: dict[int, int] = {}
    for call in calls:
        phone = call.client_phone
        if results[call.id] == "lead":
            leads[phone] = made[phone]
        if results[call.id] != "nothing" and phone in leads and phone not in around.contacts:
            found[call.id] = leads[phone]
    return found


def _activity(call: Any, around: _Around, leads: Mapping[int, int], language: str) -> dict[str, Any]:
    known = around.contacts.get(call.client_phone)
    return {
        "origin_key": f"call:{call.id}",
        "kind": "call",
        "direction": call.direction,
        "at": call.started_at,
        "contact_id": known.contact_id if known else None,
        "person_id": call.person_id,
        "lead_id": leads.get(call.id),
        "deal_id": around.deals.get(known.contact_id) if known else None,
        "subject": call_subject(call.direction, call.outcome, call.talk_seconds, language),
    }


def _record_activities(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Record one activity per call; a call that was folded again only rewords its own. Returns how many are new."""
    if not rows:
        return 0
    table = schema.activity
    keys = [row["origin_key"] for row in rows]
    known = len(connection.scalars(sa.select(table.c.id).where(table.c.origin_key.in_(keys))).all())
    statement = insert(connection, table)
    changes = {name: statement.excluded[name] for name in ("person_id", "subject")}
    connection.execute(statement.on_conflict_do_update(index_elements=["origin_key"], set_=changes), rows)
    return len(rows) - known


_SETTLE = (
    sa.update(schema.call)
    .where(schema.call.c.id == sa.bindparam("call"))
    .values(contact_id=sa.bindparam("contact"), lead_id=sa.bindparam("lead"), settled_at=sa.bindparam("at"))
)


def _settled(call: Any, around: _Around, leads: Mapping[int, int], now: datetime) -> dict[str, Any]:
    known = around.contacts.get(call.client_phone)
    return {"call": call.id, "contact": known.contact_id if known else None, "lead": leads.get(call.id), "at": now}


def _event(call: Any, result: Result) -> NewEvent:
    """The fact that a call was settled; one that was folded again into another outcome is another fact."""
    return NewEvent(
        key=f"call.settled:{call.id}:{call.outcome}:{call.leg_count}",
        at=call.ended_at,
        entity="call",
        entity_id=call.id,
        kind="call.settled",
        actor=ACTOR,
        data={"direction": call.direction, "outcome": call.outcome, "result": result},
    )
