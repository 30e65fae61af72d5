"""The tables of the office: what came in, who it is about, what is owed, and what went out.

Times are aware UTC, money is exact, phones are E.164 with the raw text beside. The prose of each column is its comment;
a nullable column says what its NULL means.
"""

from __future__ import annotations

from sql.table_parts import metadata
from sql.tables.call_facts import (
    fact_agent_day,
    fact_agent_hour,
    fact_call_hour,
    fact_day,
    fact_line_hour,
    fact_touch,
)
from sql.tables.door import door_act, door_draft, door_rate, door_session, door_sign_in, form_post
from sql.tables.matching import (
    contact_merge,
    identity,
    match_key,
    merge_change,
    not_the_same,
    search_text,
    search_token,
)
from sql.tables.notify import notice, notification, presence
from sql.tables.people import absence, client_group, company, contact, contact_point, person, role_member
from sql.tables.post import activity, document, outbox, outbox_attempt, register_entry, reminder
from sql.tables.process import calendar_entry, issued_paper, process_definition, process_item
from sql.tables.process_tools import (
    answer_revocation,
    kept_answer,
    office_snapshot,
    process_course,
    shadow_act,
    shadow_run,
)
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
from sql.tables.recordings import recording, recording_grant
from sql.tables.telephony import call, call_leg, call_route, line_ending, missed_call, queue_event
from sql.tables.work import (
    approval,
    deal,
    deal_line,
    incident,
    invoice,
    lead,
    price_item,
    qualification,
    qualification_form,
    work_task,
)

__all__ = [
    "absence",
    "activity",
    "answer_revocation",
    "approval",
    "calendar_entry",
    "call",
    "call_leg",
    "call_route",
    "client_group",
    "company",
    "contact",
    "contact_merge",
    "contact_point",
    "deal",
    "deal_line",
    "document",
    "door_act",
    "door_draft",
    "door_rate",
    "door_session",
    "door_sign_in",
    "event",
    "fact_agent_day",
    "fact_agent_hour",
    "fact_call_hour",
    "fact_day",
    "fact_line_hour",
    "fact_touch",
    "flow_ledger",
    "form_post",
    "identity",
    "incident",
    "intake_item",
    "invoice",
    "issued_paper",
    "kept_answer",
    "lead",
    "line_ending",
    "match_key",
    "merge_change",
    "metadata",
    "missed_call",
    "not_the_same",
    "notice",
    "notification",
    "numerator",
    "office_snapshot",
    "outbox",
    "outbox_attempt",
    "person",
    "presence",
    "price_item",
    "process_course",
    "process_definition",
    "process_inbox",
    "process_item",
    "qualification",
    "qualification_form",
    "quarantine_row",
    "queue_event",
    "recording",
    "recording_grant",
    "register_entry",
    "reminder",
    "role_member",
    "search_text",
    "search_token",
    "shadow_act",
    "shadow_run",
    "source_cursor",
    "source_health",
    "spam_label",
    "work_task",
]
