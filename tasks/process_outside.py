"""Decisions that reach beyond work, carried out: the item's course, messages, papers, calendar, incidents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tasks.gateways.store.process_items import StoredItem
from tasks.gateways.store.process_promises import (
    PlannedEntry,
    cancel_entries,
    cancel_papers,
    issue_invoice,
    issue_paper,
    plan_entry,
    settle_invoice,
)
from tasks.gateways.store.staff import id_of
from tasks.gateways.store.work import write_incidents
from tasks.process_chain import Chain, as_moment, computed, plain_values
from tasks.process_voice import Message
from tasks.rules.item_words import fill
from tasks.rules.process.decisions import (
    CalendarEvent,
    Incident,
    Late,
    MakeDocument,
    Move,
    Notify,
    SetField,
    ShowStatus,
    TakeBack,
    Untold,
)
from tasks.rules.process.reasons import HeldError, Reason

_INVOICE_WORKING_DAYS = 5
_PAID = "paid_at"


def move(chain: Chain, decision: Move, key: str) -> None:
    """The item goes to another stage."""
    said = {"from": decision.source, "to": decision.target, "outcome": decision.outcome, "visit": decision.visit}
    chain.record(key, "item.moved", said | {"rule": decision.rule})
    chain.counts["moved"] += decision.source != ""
    if decision.outcome and _is_order(chain.stored):
        chain.counts["won" if decision.outcome == "won" else "lost"] += 1


def _is_order(stored: StoredItem) -> bool:
    return stored.is_main


def show_status(chain: Chain, decision: ShowStatus, key: str) -> None:
    """The status within a stage: the item holds it, the record says when."""
    chain.record(key, "item.status", {"rule": decision.rule})


def notify(chain: Chain, decision: Notify, key: str) -> None:
    """Somebody is told, unless a later repeat of the same clock says it for this one."""
    if decision.is_collapsed:
        chain.record(key, "notice.collapsed", {"to": decision.to, "rule": decision.rule})
        return
    chain.messages.append(
        Message(
            key=f"{key}:{decision.to}",
            to=decision.to,
            wording=decision.wording,
            values=decision.values,
            text=decision.text,
            stage=decision.stage,
            work=decision.work,
            phone_for=decision.phone_for,
            sender=decision.sender,
            late_seconds=decision.late_seconds,
            missed=decision.missed,
        )
    )


def untold(chain: Chain, decision: Untold, key: str) -> None:
    """Nobody was in the slot of a notice: kept in the record."""
    chain.record(key, "notice.untold", {"slot": decision.slot, "wording": decision.wording, "rule": decision.rule})


def set_field(chain: Chain, decision: SetField, key: str) -> None:
    """A field has another value; what was promised for the time it held is taken back, until it is promised anew."""
    connection, item_id, at = chain.connection, chain.stored.item_id, chain.event.at
    before = chain.stored.item.fields.get(decision.field)
    part = chain.definition.fields[decision.field]
    if part.type in ("time", "date") and before:
        taken = cancel_entries(connection, item_id, at, chain.cause_id, at=_moment(chain, str(before)))
        chain.counts["calendar"] += taken
    if decision.field == _PAID and decision.value and chain.item.fields.get("invoice"):
        paid = settle_invoice(connection, str(chain.item.fields["invoice"]), as_moment(decision.value))
        chain.counts["paid"] += paid
    # who and how much stands in the item itself; the record names the field only
    chain.record(key, "item.set", {"field": decision.field, "rule": decision.rule})


def _moment(chain: Chain, value: str) -> datetime:
    """A time, or the beginning of a day in the office's zone."""
    found = as_moment(value)
    return found if found.tzinfo else found.replace(tzinfo=chain.run.office.zone).astimezone(UTC)


def put_in_calendar(chain: Chain, decision: CalendarEvent, key: str) -> None:
    """An entry for each of them; whom the promise no longer means is told off."""
    connection, at, language = chain.connection, chain.event.at, chain.run.office.language
    title = fill(decision.title, language, chain.voice().words(computed(chain, decision.values), language))
    for who in decision.who:
        entry = PlannedEntry(chain.stored.item_id, decision.uid, who, _moment(chain, decision.at), title)
        plan_entry(connection, entry, at, chain.cause_id)
    others = frozenset(decision.who)
    cancel_entries(connection, chain.stored.item_id, at, chain.cause_id, uid=decision.uid, kept=others)
    chain.record(key, "calendar.planned", {"uid": decision.uid, "who": list(decision.who), "at": decision.at})
    chain.counts["calendar"] += len(decision.who)


def make_document(chain: Chain, decision: MakeDocument, key: str) -> None:
    """A numbered paper; its number goes into the item's field. Raises HeldError for an invoice over nothing."""
    stored, at = chain.stored, chain.event.at
    values = computed(chain, decision.values)
    amount = values.get("cost") or values.get("amount")
    if decision.make == "invoice" and (not isinstance(amount, Decimal) or amount <= 0):
        raise HeldError(Reason("empty", "cost" if "cost" in values else "amount"))
    if decision.make == "invoice" and stored.entity == "deal" and isinstance(amount, Decimal):
        due_on = chain.run.day(decision.due_at or _usual_due(chain))
        number = issue_invoice(
            chain.connection,
            stored.entity_id,
            decision.uid,
            amount=amount,
            currency=chain.subject.currency,
            at=at,
            due_on=due_on,
        )
        chain.forget_subject()
        chain.counts["invoices"] += 1
    else:
        facts = plain_values(values)
        number = issue_paper(chain.connection, stored.item_id, decision.make, decision.uid, key, facts, at)
        chain.counts["papers"] += 1
    chain.made[decision.field] = number
    chain.record(key, f"{decision.make}.issued", {"number": number, "uid": decision.uid})


def _usual_due(chain: Chain) -> datetime:
    hours = chain.run.office.hours
    day = timedelta(hours=hours.closes.hour - hours.opens.hour, minutes=hours.closes.minute - hours.opens.minute)
    return chain.run.calendar.add(chain.event.at, _INVOICE_WORKING_DAYS * int(day.total_seconds()))


def take_back(chain: Chain, decision: TakeBack, key: str) -> None:
    """What was promised under the uid holds no more."""
    at = chain.event.at
    cancelled = cancel_papers(chain.connection, decision.uid, at)
    entries = cancel_entries(chain.connection, chain.stored.item_id, at, chain.cause_id, uid=decision.uid)
    chain.record(key, "promise.taken_back", {"uid": decision.uid, "papers": cancelled, "entries": entries})
    chain.counts["taken_back"] += cancelled + entries


def write_incident(chain: Chain, decision: Incident, key: str) -> None:
    """A breach against a person, or against nobody."""
    row = {
        "key": f"{key}:{decision.person}",
        "entity": chain.stored.entity,
        "entity_id": chain.stored.entity_id,
        "person_id": id_of(decision.person),
        "step": decision.step,
        "what": decision.what,
        "at": chain.event.at,
    }
    if chain.run.batch:
        chain.run.batch.incidents.append(row)
    else:
        write_incidents(chain.connection, [row])
    said = {"step": decision.step, "what": decision.what, "person": decision.person, "rule": decision.rule}
    chain.record(key, "incident", said)
    chain.counts["incidents"] += 1


def note_late(chain: Chain, decision: Late, key: str) -> None:
    """The event came behind a clock that had fired: kept in the record."""
    chain.record(key, "event.late", {"at": decision.at.isoformat(), "fired_at": decision.fired_at.isoformat()})
