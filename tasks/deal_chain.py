"""Carrying out a chain of decisions about one deal: rows, record, and messages in the caller's one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from tasks.deal_notices import DealVoice, Message, Speaker
from tasks.gateways.store.deals import Deal, issue_invoice, save_deal, settle_invoice
from tasks.gateways.store.events import NewEvent, record_events
from tasks.gateways.store.staff import id_of
from tasks.gateways.store.work import NewTask, close_task, mark_task, open_task, record_vote, write_incidents
from tasks.office_round import OfficeRound
from tasks.rules.deal_words import explain, fill
from tasks.rules.pipeline_parts import Pipeline, Text
from tasks.rules.pipeline_state import (
    AskWork,
    BeginWork,
    CloseWork,
    Decision,
    Event,
    Incident,
    IssueInvoice,
    Item,
    MarkOverdue,
    Move,
    Notify,
    Owed,
    Refuse,
    SetField,
    ShowStatus,
    Withdraw,
)
from tasks.rules.pipeline_view import next_clock, value_of


@dataclass(slots=True)
class _Work:
    """One chain while it is carried out."""

    connection: sa.Connection
    run: OfficeRound
    pipeline: Pipeline
    deal: Deal
    item: Item
    event: Event
    cause_id: int
    status: Text | None = None
    invoice_due_on: date | None = None
    records: list[NewEvent] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def carry_out(
    connection: sa.Connection,
    run: OfficeRound,
    pipeline: Pipeline,
    deal: Deal,
    item: Item,
    decisions: tuple[Decision, ...],
    event: Event,
    cause_id: int,
) -> Counter[str]:
    """Store what a chain has decided and plan what is to be said; counts by kind. `event` has the ledger id `cause_id`.

    Raises ConflictError when another worker has changed the deal: the transaction must be given up.
    """
    work = _Work(connection, run, pipeline, deal, item, event, cause_id, invoice_due_on=deal.invoice_due_on)
    for number, decision in enumerate(decisions):
        _carry(work, decision, f"{event.key}:{number}")
    voice = _voice(work)
    clock = next_clock(pipeline, run.calendar, work.item)
    save_deal(
        connection,
        deal,
        work.item,
        cost=value_of(pipeline, work.item, "cost") or Decimal(0),
        next_due_at=clock.due if clock else None,
        status_text=voice.status,
    )
    record_events(connection, work.records)
    told = [m.to for m in work.messages if not m.wording.endswith("_withdrawn")]
    messages = [m for m in work.messages if not (m.wording.endswith("_withdrawn") and m.to in told)]
    work.counts["notices"] += voice.plan(connection, messages, Speaker(event.actor, cause_id, event.at))
    return work.counts


def _voice(work: _Work) -> DealVoice:
    invoice = str(work.item.fields.get("invoice") or "")
    voice = DealVoice(work.run, work.pipeline, work.deal, work.deal.status_text, invoice, work.invoice_due_on)
    language = work.run.office.language
    if work.status is None:
        return voice
    return replace(voice, status=fill(work.status, language, voice.shown(work.item, language)))


def _carry(work: _Work, decision: Decision, key: str) -> None:
    match decision:
        case AskWork():
            _ask(work, decision, key)
        case CloseWork():
            _close(work, decision, key)
        case Withdraw() | BeginWork() | MarkOverdue():
            _note(work, decision, key)
        case Move() | ShowStatus():
            _move(work, decision, key)
        case Notify():
            work.messages.append(_message(decision, key))
        case SetField(name, value):
            _set(work, name, value, key)
        case Refuse():
            _refuse(work, decision, key)
        case Incident():
            _write_incident(work, decision, key)
        case IssueInvoice():
            _invoice(work, decision, key)


def task_key(item: Item, owed: Owed) -> str:
    """The natural key of what somebody owes a deal."""
    return f"deal:{item.entity_id}:{owed.name}:{owed.round}:{owed.owner}"


def _ask(work: _Work, decision: AskWork, key: str) -> None:
    item, run = work.item, work.run
    owed = Owed(decision.name, decision.round, decision.owner, "open", decision.due_at)
    language = run.office.language
    title = fill(decision.title, language, _voice(work).shown(item, language))
    task = NewTask(
        key=task_key(item, owed),
        entity="deal",
        entity_id=item.entity_id,
        name=decision.name,
        kind=decision.kind,
        title=title,
        owner=decision.owner,
        opened_at=work.event.at,
        due_at=decision.due_at,
        round=decision.round,
    )
    task_id = open_task(work.connection, task)
    work.messages.append(
        Message(
            key=f"work:{task.key}",
            to=decision.owner,
            wording=f"work_{decision.name}",
            seen=item,
            work=decision.name,
            due_at=decision.due_at,
            phone_for=decision.on_behalf_of,
            task_id=task_id,
        )
    )
    data = {"name": decision.name, "round": decision.round, "owner": decision.owner, "work_task_id": task_id}
    _record(work, key, "work.asked", data)
    work.counts["tasks_opened"] += 1


def _note(work: _Work, decision: Withdraw | BeginWork | MarkOverdue, key: str) -> None:
    """Begun, overdue or withdrawn: noted on the task, and in the record."""
    owed, at = decision.owed, work.event.at
    task = task_key(work.item, owed)
    if isinstance(decision, Withdraw):
        kind = "work.withdrawn"
        close_task(work.connection, task, "withdrawn", "process", at)
        wording = "client_withdrawn" if owed.owner.startswith("contact:") else "work_withdrawn"
        work.messages.append(Message(f"{key}:{owed.owner}", owed.owner, wording, work.item, work=owed.name))
        work.counts["tasks_closed"] += owed.state == "open"
    else:
        kind = "work.begun" if isinstance(decision, BeginWork) else "work.overdue"
        column = "begun_at" if isinstance(decision, BeginWork) else "overdue_at"
        mark_task(work.connection, task, {column: at})
    _record(work, key, kind, {"name": owed.name, "round": owed.round, "owner": owed.owner})


def _close(work: _Work, decision: CloseWork, key: str) -> None:
    owed, at = decision.owed, work.event.at
    task = task_key(work.item, owed)
    close_task(work.connection, task, decision.state, decision.by, at, decision.result)
    if decision.is_vote:
        record_vote(work.connection, task, decision.by, decision.state == "approved", decision.result, at)
    data = {"name": owed.name, "round": owed.round, "owner": owed.owner, "state": decision.state}
    _record(work, key, "work.closed", data)
    work.counts["tasks_closed"] += 1
    work.counts["declined"] += decision.state == "declined"


def _move(work: _Work, decision: Move | ShowStatus, key: str) -> None:
    if isinstance(decision, ShowStatus):
        work.status = decision.text
        return
    work.status = decision.status
    had_ended = work.deal.item.outcome is not None or work.counts["won"] > 0
    work.counts["moved"] += 1
    work.counts["won"] += decision.outcome == "won" and not had_ended
    work.counts["lost"] += decision.outcome in ("lost", "cancelled")
    data = {"from": decision.source, "to": decision.target, "outcome": decision.outcome}
    _record(work, key, "deal.moved", data)


def _message(decision: Notify, key: str) -> Message:
    return Message(
        key=f"{key}:{decision.to}",
        to=decision.to,
        wording=decision.wording,
        seen=decision.seen,
        text=decision.text,
        work=decision.work,
        phone_for=decision.phone_for,
    )


def _set(work: _Work, name: str, value: Any, key: str) -> None:
    if name == "paid_at" and value:
        settle_invoice(work.connection, work.item.entity_id, datetime.fromisoformat(value))
        work.counts["paid"] += 1
    # who and how much stands in the deal itself; the record names the field only
    _record(work, key, "deal.set", {"field": name})


def _refuse(work: _Work, decision: Refuse, key: str) -> None:
    _record(work, key, "refused", {"command": work.event.name, "reasons": explain(decision.reasons, "en")})
    work.counts["refused"] += 1


def _write_incident(work: _Work, decision: Incident, key: str) -> None:
    row = {
        "key": f"{key}:{decision.person}",
        "entity": "deal",
        "entity_id": work.item.entity_id,
        "person_id": id_of(decision.person),
        "step": decision.step,
        "what": decision.what,
        "at": work.event.at,
    }
    write_incidents(work.connection, [row])
    _record(work, key, "incident", {"step": decision.step, "what": decision.what, "person": decision.person})
    work.counts["incidents"] += 1


def _invoice(work: _Work, decision: IssueInvoice, key: str) -> None:
    work.invoice_due_on = work.run.day(decision.due_at)
    number = issue_invoice(
        work.connection,
        work.item.entity_id,
        amount=decision.amount,
        currency=work.deal.currency,
        at=work.event.at,
        due_on=work.invoice_due_on,
    )
    work.item = replace(work.item, fields={**work.item.fields, decision.field: number})
    _record(work, key, "invoice.issued", {"number": number, "amount": str(decision.amount)})
    work.counts["invoices"] += 1


def _record(work: _Work, key: str, kind: str, data: dict[str, Any]) -> None:
    event, item = work.event, work.item
    work.records.append(NewEvent(key, event.at, "deal", item.entity_id, kind, event.actor, data, work.cause_id))
