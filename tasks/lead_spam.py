"""Leads that are no clients: closed as junk, their mail kept as a sample of spam; taken back when that was wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.lead_course import Lead, save_lead
from tasks.gateways.store.spam_labels import mail_of_lead, score_of_lead, write_label
from tasks.gateways.store.work import close_task, reopen_task
from tasks.rules.mail.spam_decision import outcome_of
from tasks.rules.mail.spam_trust import SpamLabel


@dataclass(frozen=True, slots=True)
class LeadCause:
    """What a change of a lead comes from; `actor` is person:ID, clock or the channel."""

    key: str
    at: datetime
    actor: str
    event_id: int


def task_key(lead: Lead) -> str:
    """The key of the task that a lead's responsible person owes."""
    return f"lead:{lead.lead_id}:qualify:1"


def record_step(connection: sa.Connection, lead: Lead, cause: LeadCause, kind: str, data: dict[str, Any]) -> None:
    """Write one step of a lead into the record."""
    key = f"{cause.key}:{kind}"
    record_event(connection, NewEvent(key, cause.at, "lead", lead.lead_id, kind, cause.actor, data, cause.event_id))


def drop_lead(connection: sa.Connection, lead: Lead, cause: LeadCause, reason: str) -> Counter[str]:
    """Close a lead as junk, with its task."""
    save_lead(connection, lead, status="junk", ended_at=cause.at)
    close_task(connection, task_key(lead), "done", cause.actor, cause.at, "junk")
    record_step(connection, lead, cause, "lead.junk", {"reason": reason})
    return Counter(leads_junk=1, tasks_closed=1)


def take_back(connection: sa.Connection, lead: Lead, cause: LeadCause, due_at: datetime) -> Counter[str]:
    """A lead that was junk is open again, as it was before, with a new deadline; any other stays as it is."""
    if lead.status != "junk":
        return Counter()
    status = "in_work" if lead.taken_at else "new"
    save_lead(connection, lead, status=status, ended_at=None, take_due_at=due_at)
    reopen_task(connection, task_key(lead), due_at)
    record_step(connection, lead, cause, "lead.reopened", {"by": cause.actor})
    return Counter(leads_reopened=1)


def label_lead_mail(connection: sa.Connection, lead: Lead, cause: LeadCause, *, is_spam: bool) -> bool:
    """Keep a person's word on the mail that made the lead; False when no mail made it."""
    intake_id = mail_of_lead(connection, lead.lead_id)
    if intake_id is None:
        return False
    write_label(connection, SpamLabel(intake_id, is_spam, cause.actor, cause.at))
    return True


def spam_percent(connection: sa.Connection, lead: Lead) -> int:
    """How much the lead's mail looks like spam, in percent; 0 when it does not, or was not judged."""
    score = score_of_lead(connection, lead.lead_id)
    return int(score * 100) if score is not None and outcome_of(score) != "good" else 0
