"""The tables of the office: what came in, who it is about, what is owed, and what went out.

Times are aware UTC, money is exact, phones are E.164 with the raw text beside. The prose of each column is its comment;
a nullable column says what its NULL means.
"""

from __future__ import annotations

from sql.table_parts import metadata
from sql.tables.people import absence, client_group, company, contact, contact_point, person, role_member
from sql.tables.post import activity, document, outbox, outbox_attempt, register_entry, reminder
from sql.tables.record import (
    event,
    flow_ledger,
    intake_item,
    numerator,
    process_inbox,
    quarantine_row,
    source_cursor,
    source_health,
    spam_label,
)
from sql.tables.telephony import call, call_leg, missed_call, queue_event
from sql.tables.work import approval, deal, deal_line, incident, invoice, lead, price_item, qualification, work_task

__all__ = [
    "absence",
    "activity",
    "approval",
    "call",
    "call_leg",
    "client_group",
    "company",
    "contact",
    "contact_point",
    "deal",
    "deal_line",
    "document",
    "event",
    "flow_ledger",
    "incident",
    "intake_item",
    "invoice",
    "lead",
    "metadata",
    "missed_call",
    "numerator",
    "outbox",
    "outbox_attempt",
    "person",
    "price_item",
    "process_inbox",
    "qualification",
    "quarantine_row",
    "queue_event",
    "register_entry",
    "reminder",
    "role_member",
    "source_cursor",
    "source_health",
    "spam_label",
    "work_task",
]
