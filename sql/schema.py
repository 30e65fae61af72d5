"""The tables of the office: what came in, who it is about, what is owed, and what went out.

Times are aware UTC, money is exact, phones are E.164 with the raw text beside. The prose of each
column is its comment; a nullable column says what its NULL means.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sql.column_types import Json, Money, RowId, UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> sa.Column[int]:
    return sa.Column("id", RowId, primary_key=True, autoincrement=True)


def _link(name: str, target: str, null_means: str | None = None, *, index: bool = True) -> sa.Column[int]:
    return sa.Column(
        name, RowId, sa.ForeignKey(f"{target}.id"), nullable=null_means is not None, index=index, comment=null_means
    )


def _null(name: str, kind: sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]], means: str) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True, comment=f"NULL: {means}")


def _text(name: str, default: str | None = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


# ---------------------------------------------------------------- what came in

intake_item = sa.Table(
    "intake_item",
    metadata,
    _id(),
    sa.Column("source", sa.Text, nullable=False, comment="mailbox name of the office folder"),
    sa.Column("natural_key", sa.Text, nullable=False, comment="folder:uidvalidity:uid of the mailbox"),
    sa.Column(
        "meaning_key", sa.Text, nullable=False, comment="Message-ID + hash without trace headers: the same mail twice"
    ),
    sa.Column("sha256", sa.Text, nullable=False, comment="of the raw bytes"),
    sa.Column("raw", sa.LargeBinary, nullable=False, comment="raw bytes, zlib-compressed, never changed"),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    _null("message_id", sa.Text, "the mail has none"),
    sa.Column("received_at", UtcDateTime, nullable=False, comment="the server's INTERNALDATE, not the Date header"),
    sa.Column("fetched_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="new", comment="new, settled, quarantined, ignored"),
    _null("reason", sa.Text, "state new, or settled without remark"),
    _null("settled_at", UtcDateTime, "not interpreted yet"),
    _null("entity", sa.Text, "nothing was made from it"),
    _null("entity_id", RowId, "nothing was made from it"),
    _link("duplicate_of_id", "intake_item", "NULL: the first of its meaning"),
    sa.UniqueConstraint("source", "natural_key"),
    sa.CheckConstraint("state in ('new', 'settled', 'quarantined', 'ignored')", name="state"),
    sa.Index("ix_intake_item_state_id", "state", "id"),
    sa.Index("ix_intake_item_meaning_key", "meaning_key"),
    sa.Index("ix_intake_item_message_id", "message_id"),
)

source_cursor = sa.Table(
    "source_cursor",
    metadata,
    sa.Column("source", sa.Text, primary_key=True, comment="mail:NAME:FOLDER, calls:NAME:PATH, office"),
    sa.Column("position", Json, nullable=False, comment="uidvalidity and uid, or byte offset and file identity"),
    sa.Column(
        "seen_total", sa.BigInteger, nullable=False, server_default="0", comment="items ever seen at this source"
    ),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

quarantine_row = sa.Table(
    "quarantine_row",
    metadata,
    _id(),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("row_key", sa.Text, nullable=False, comment="intake:ID, or file:line"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column(
        "raw", sa.Text, nullable=False, comment="the row as it came; mail stays in intake_item and this is empty"
    ),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="held", comment="held, released, rejected"),
    sa.UniqueConstraint("source", "row_key"),
)

# ---------------------------------------------------------------- who

person = sa.Table(
    "person",
    metadata,
    _id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="short name in the office folder"),
    _text("name"),
    sa.Column("mail", sa.Text, nullable=False, unique=True, comment="canonical, lower case"),
    _null("phone", sa.Text, "no own number (E.164)"),
    _null("extension", sa.Text, "no telephone on the desk"),
    sa.Column("language", sa.Text, nullable=False, server_default="ru"),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
)

role_member = sa.Table(
    "role_member",
    metadata,
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("person_id", RowId, sa.ForeignKey("person.id"), primary_key=True),
)

absence = sa.Table(
    "absence",
    metadata,
    _id(),
    _link("person_id", "person"),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    _text("kind", "leave"),
    _link("substitute_id", "person", "NULL: nobody stands in"),
    sa.UniqueConstraint("person_id", "first_day"),
)

client_group = sa.Table(
    "client_group", metadata, _id(), sa.Column("key", sa.Text, nullable=False, unique=True), _text("name")
)

company = sa.Table(
    "company",
    metadata,
    _id(),
    _null("key", sa.Text, "made from a lead, not from the office folder"),
    _text("name"),
    _link("client_group_id", "client_group", "NULL: in no group"),
    _link("manager_id", "person", "NULL: no personal manager"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("key"),
)

contact = sa.Table(
    "contact",
    metadata,
    _id(),
    _null("key", sa.Text, "made from a lead, not from the office folder"),
    _text("name"),
    _link("company_id", "company", "NULL: a private person"),
    _link("manager_id", "person", "NULL: the company's manager, or none"),
    sa.Column("language", sa.Text, nullable=False, server_default="ru"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("key"),
)

contact_point = sa.Table(
    "contact_point",
    metadata,
    _id(),
    _link("contact_id", "contact"),
    sa.Column("kind", sa.Text, nullable=False, comment="mail, phone"),
    sa.Column("value", sa.Text, nullable=False, comment="canonical mail, or E.164"),
    sa.Column("raw", sa.Text, nullable=False, comment="as it was written"),
    _null("undeliverable_at", UtcDateTime, "no bounce came for it"),
    sa.UniqueConstraint("kind", "value"),
)

# ---------------------------------------------------------------- leads, deals, work

lead = sa.Table(
    "lead",
    metadata,
    _id(),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column(
        "origin_key",
        sa.Text,
        nullable=False,
        unique=True,
        comment="what made it: mail:ID, call:ID; makes creation repeatable",
    ),
    sa.Column(
        "status", sa.Text, nullable=False, server_default="new", comment="new, in_work, qualified, converted, junk"
    ),
    sa.Column("channel", sa.Text, nullable=False, comment="mail, call"),
    _text("title"),
    _text("person_name"),
    _null("mail", sa.Text, "came by telephone"),
    _null("phone", sa.Text, "no number known (E.164)"),
    sa.Column("language", sa.Text, nullable=False, server_default="ru"),
    _link("responsible_id", "person", "NULL: nobody could be assigned"),
    _link("contact_id", "contact", "NULL: not converted"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("take_due_at", UtcDateTime, nullable=False, comment="taken into work by then, else a task reminds"),
    _null("taken_at", UtcDateTime, "not taken into work"),
    _null("qualified_at", UtcDateTime, "not qualified"),
    _null("ended_at", UtcDateTime, "neither converted nor junk"),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("status in ('new', 'in_work', 'qualified', 'converted', 'junk')", name="status"),
)

qualification = sa.Table(
    "qualification",
    metadata,
    _id(),
    _link("lead_id", "lead"),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("form_version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("lead_id", "field"),
)

deal = sa.Table(
    "deal",
    metadata,
    _id(),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("pipeline", sa.Text, nullable=False),
    sa.Column("pipeline_version", sa.Integer, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column(
        "visit",
        sa.Integer,
        nullable=False,
        server_default="1",
        comment="which stay in a stage this is; clocks are keyed by it",
    ),
    sa.Column("stage_entered_at", UtcDateTime, nullable=False),
    _text("status_text"),
    _text("title"),
    _link("lead_id", "lead", "NULL: opened for a known client"),
    _link("contact_id", "contact"),
    _link("company_id", "company", "NULL: a private person"),
    _link("manager_id", "person", "NULL: nobody could be assigned"),
    _link("dispatcher_id", "person", "NULL: not chosen yet"),
    _link("executor_id", "person", "NULL: not chosen yet"),
    sa.Column(
        "fields", Json, nullable=False, comment="what the pipeline file declares: kind, work_at, documents, reason …"
    ),
    sa.Column("amount", Money, nullable=False, server_default="0"),
    sa.Column("currency", sa.Text, nullable=False, server_default="RUB"),
    _null("outcome", sa.Text, "open; else won, lost, cancelled"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    _null("ended_at", UtcDateTime, "open"),
    _null("next_due_at", UtcDateTime, "no clock runs"),
    sa.Column(
        "fired",
        Json,
        nullable=False,
        server_default=sa.text("'[]'"),
        comment="rules and clocks of the pipeline that already acted in this visit",
    ),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0", comment="compare-and-set"),
    sa.UniqueConstraint("lead_id"),
    sa.Index("ix_deal_next_due_at", "next_due_at"),
    sa.Index("ix_deal_pipeline_stage", "pipeline", "stage"),
)

price_item = sa.Table(
    "price_item",
    metadata,
    _id(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    _text("title"),
    sa.Column("price", Money, nullable=False),
    sa.Column("currency", sa.Text, nullable=False, server_default="RUB"),
    _text("unit"),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
)

deal_line = sa.Table(
    "deal_line",
    metadata,
    _id(),
    _link("deal_id", "deal"),
    sa.Column("position", sa.Integer, nullable=False),
    _link("price_item_id", "price_item", "NULL: a row added by hand, not in the price list"),
    _text("title"),
    sa.Column("quantity", sa.Numeric(12, 3), nullable=False),
    sa.Column("price", Money, nullable=False),
    sa.Column("amount", Money, nullable=False),
    sa.UniqueConstraint("deal_id", "position"),
)

work_task = sa.Table(
    "work_task",
    metadata,
    _id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="the event and decision that asked for it"),
    sa.Column("entity", sa.Text, nullable=False, comment="deal, lead, missed_call"),
    sa.Column("entity_id", RowId, nullable=False),
    sa.Column("name", sa.Text, nullable=False, comment="the work's name in the pipeline file"),
    sa.Column("kind", sa.Text, nullable=False, comment="task, approval, confirm"),
    _text("title"),
    _link("person_id", "person", "NULL: owed by a contact, not by staff"),
    _link("contact_id", "contact", "NULL: owed by staff"),
    sa.Column(
        "state", sa.Text, nullable=False, server_default="open", comment="open, done, approved, declined, withdrawn"
    ),
    sa.Column(
        "round",
        sa.Integer,
        nullable=False,
        server_default="1",
        comment="how often this work was asked for; votes belong to one round",
    ),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    _null("begun_at", UtcDateTime, "nobody said they have begun"),
    _null("due_at", UtcDateTime, "no deadline"),
    _null("overdue_at", UtcDateTime, "not overdue, or the clock was not looked at yet"),
    _null("closed_at", UtcDateTime, "open"),
    _null("closed_by", sa.Text, "open; else person:ID, contact:ID or process"),
    _text("result"),
    sa.Index("ix_work_task_entity", "entity", "entity_id"),
    sa.Index("ix_work_task_state_due", "state", "due_at"),
)

approval = sa.Table(
    "approval",
    metadata,
    _id(),
    _link("work_task_id", "work_task"),
    sa.Column("voter", sa.Text, nullable=False, comment="person:ID or contact:ID"),
    sa.Column("is_yes", sa.Boolean, nullable=False),
    _text("reason"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("work_task_id", "voter"),
)

incident = sa.Table(
    "incident",
    metadata,
    _id(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("entity_id", RowId, nullable=False),
    _link("person_id", "person", "NULL: nobody was responsible"),
    sa.Column("step", sa.Text, nullable=False),
    _text("what"),
    sa.Column("at", UtcDateTime, nullable=False),
)

invoice = sa.Table(
    "invoice",
    metadata,
    _id(),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    _link("deal_id", "deal"),
    sa.Column("amount", Money, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    _null("paid_at", UtcDateTime, "not paid"),
    sa.UniqueConstraint("deal_id"),
)

activity = sa.Table(
    "activity",
    metadata,
    _id(),
    sa.Column(
        "origin_key", sa.Text, nullable=False, unique=True, comment="mail:ID or call:ID; makes recording repeatable"
    ),
    sa.Column("kind", sa.Text, nullable=False, comment="mail, call"),
    sa.Column("direction", sa.Text, nullable=False, comment="in, out"),
    sa.Column("at", UtcDateTime, nullable=False),
    _link("contact_id", "contact", "NULL: the sender is not known"),
    _link("person_id", "person", "NULL: no member of staff took part"),
    _link("lead_id", "lead", "NULL: about no lead"),
    _link("deal_id", "deal", "NULL: about no deal"),
    _link("answers_id", "outbox", "NULL: answers no message of ours"),
    _text("subject"),
    _text("body_text"),
    _text("reply_text"),
    sa.Column(
        "is_reply_verified",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="answers our Message-ID and comes from its recipient",
    ),
)

document = sa.Table(
    "document",
    metadata,
    _id(),
    _link("activity_id", "activity"),
    _link("deal_id", "deal", "NULL: not about a deal"),
    sa.Column("sha256", sa.Text, nullable=False, comment="names the file in the home's files folder"),
    sa.Column("file_name", sa.Text, nullable=False, comment="generated, safe"),
    _text("original_name"),
    sa.Column("content_type", sa.Text, nullable=False, comment="by content, not by the sender's word"),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("activity_id", "file_name"),
)

# ---------------------------------------------------------------- telephony

call_leg = sa.Table(
    "call_leg",
    metadata,
    _id(),
    sa.Column("source", sa.Text, nullable=False, comment="call log name of the office folder"),
    sa.Column("natural_key", sa.Text, nullable=False, comment="uniqueid and sequence, or hash of the line"),
    sa.Column("linked_id", sa.Text, nullable=False, comment="what folds legs into one call"),
    sa.Column("started_at", UtcDateTime, nullable=False),
    _null("answered_at", UtcDateTime, "not answered"),
    sa.Column("ended_at", UtcDateTime, nullable=False),
    sa.Column("duration_seconds", sa.Integer, nullable=False),
    sa.Column("talk_seconds", sa.Integer, nullable=False),
    sa.Column("disposition", sa.Text, nullable=False, comment="answered, no_answer, busy, failed"),
    _text("caller_raw"),
    _null("caller_phone", sa.Text, "withheld or an extension (E.164)"),
    _text("callee_raw"),
    _null("callee_phone", sa.Text, "an extension or a queue (E.164)"),
    _null("extension", sa.Text, "no desk telephone took part"),
    _null("queue", sa.Text, "not through a queue"),
    _null("line", sa.Text, "the source cannot tell which of our numbers"),
    _text("direction"),
    sa.Column("raw_line", sa.Text, nullable=False),
    sa.Column("file_line", sa.Text, nullable=False, comment="file name:line number"),
    _link("call_id", "call", "NULL: not folded yet"),
    sa.UniqueConstraint("source", "natural_key"),
    sa.Index("ix_call_leg_linked_id", "source", "linked_id"),
)

queue_event = sa.Table(
    "queue_event",
    metadata,
    _id(),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("natural_key", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("call_key", sa.Text, nullable=False, comment="the uniqueid the queue knows the call by"),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="ENTERQUEUE, CONNECT, ABANDON, COMPLETEAGENT …"),
    sa.Column("data", Json, nullable=False),
    sa.Column("raw_line", sa.Text, nullable=False),
    sa.Column("file_line", sa.Text, nullable=False, comment="file name:line number"),
    sa.UniqueConstraint("source", "natural_key"),
    sa.Index("ix_queue_event_call_key", "source", "call_key"),
)

call = sa.Table(
    "call",
    metadata,
    _id(),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("linked_id", sa.Text, nullable=False),
    sa.Column("direction", sa.Text, nullable=False, comment="in, out, internal"),
    sa.Column("started_at", UtcDateTime, nullable=False),
    _null("answered_at", UtcDateTime, "nobody answered"),
    sa.Column("ended_at", UtcDateTime, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False, comment="answered, abandoned, no_answer, busy, failed"),
    _null("wait_seconds", sa.Integer, "the source cannot tell"),
    sa.Column("talk_seconds", sa.Integer, nullable=False),
    sa.Column("leg_count", sa.Integer, nullable=False),
    sa.Column("transfer_count", sa.Integer, nullable=False),
    _text("client_raw"),
    _null("client_phone", sa.Text, "withheld, or an internal call (E.164)"),
    _null("line", sa.Text, "the source cannot tell"),
    _null("queue", sa.Text, "not through a queue"),
    _link("person_id", "person", "NULL: no member of staff talked"),
    _link("contact_id", "contact", "NULL: number not known"),
    _link("lead_id", "lead", "NULL: no lead"),
    sa.Column("settled_at", UtcDateTime, nullable=True, comment="NULL: legs are stored, lead or activity not made yet"),
    sa.UniqueConstraint("source", "linked_id"),
    sa.Index("ix_call_started_at", "started_at"),
    sa.Index("ix_call_client_phone", "client_phone"),
)

missed_call = sa.Table(
    "missed_call",
    metadata,
    _id(),
    _link("call_id", "call"),
    sa.Column("client_phone", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="open", comment="open, returned, came_back"),
    _link("resolved_by_id", "call", "NULL: still open"),
    _null("resolved_at", UtcDateTime, "still open"),
    _link("person_id", "person", "NULL: nobody could be assigned"),
    sa.UniqueConstraint("call_id"),
    sa.Index("ix_missed_call_state", "state", "client_phone"),
)

# ---------------------------------------------------------------- registers and reminders

register_entry = sa.Table(
    "register_entry",
    metadata,
    _id(),
    sa.Column("register", sa.Text, nullable=False, comment="certificates, policies, licences …"),
    sa.Column("number", sa.Text, nullable=False),
    _text("title"),
    _link("contact_id", "contact", "NULL: the holder has no contact"),
    _link("company_id", "company", "NULL: held by a private person"),
    _link("responsible_id", "person", "NULL: the register's role answers for it"),
    sa.Column("issued_on", sa.Date, nullable=False),
    sa.Column("valid_until", sa.Date, nullable=False),
    sa.Column(
        "term_version",
        sa.Integer,
        nullable=False,
        server_default="1",
        comment="grows with every renewal; stops the old reminders",
    ),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.UniqueConstraint("register", "number"),
    sa.Index("ix_register_entry_valid_until", "valid_until"),
)

reminder = sa.Table(
    "reminder",
    metadata,
    _id(),
    _link("register_entry_id", "register_entry"),
    sa.Column("term_version", sa.Integer, nullable=False),
    sa.Column(
        "stage_days", sa.Integer, nullable=False, comment="the ladder's step: days before the end, negative after it"
    ),
    sa.Column("recipient", sa.Text, nullable=False, comment="person:ID or contact:ID"),
    sa.Column("planned_at", UtcDateTime, nullable=False),
    sa.Column("late_days", sa.Integer, nullable=False, server_default="0"),
    _link("outbox_id", "outbox", "NULL: overtaken by a more urgent step, nothing was sent"),
    sa.UniqueConstraint("register_entry_id", "term_version", "stage_days", "recipient"),
)

# ---------------------------------------------------------------- what leaves

outbox = sa.Table(
    "outbox",
    metadata,
    _id(),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="what was promised to whom, once"),
    sa.Column("kind", sa.Text, nullable=False, comment="notice, task, reminder, report, confirmation"),
    sa.Column("recipient", sa.Text, nullable=False, comment="mail address"),
    sa.Column("recipient_ref", sa.Text, nullable=False, comment="person:ID or contact:ID"),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column(
        "raw",
        sa.LargeBinary,
        nullable=False,
        comment="rendered RFC 5322 bytes, zlib-compressed; every attempt sends the same",
    ),
    sa.Column(
        "message_id", sa.Text, nullable=False, unique=True, comment="keyed hash of the key: stable and not guessable"
    ),
    sa.Column(
        "policy", sa.Text, nullable=False, comment="what to do when it is unknown whether it was accepted: retry, ask"
    ),
    sa.Column(
        "state",
        sa.Text,
        nullable=False,
        server_default="planned",
        comment="planned, claimed, in_doubt, sent, retry, refused, ambiguous",
    ),
    sa.Column("planned_at", UtcDateTime, nullable=False),
    sa.Column("not_before", UtcDateTime, nullable=False),
    _null("claimed_by", sa.Text, "no worker holds it"),
    _null("claimed_until", UtcDateTime, "no worker holds it"),
    sa.Column("attempt_count", sa.Integer, nullable=False, server_default="0"),
    _null("sent_at", UtcDateTime, "not accepted by a mail server"),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("entity_id", RowId, nullable=False),
    _link("work_task_id", "work_task", "NULL: asks nobody for an answer"),
    _link("cause_event_id", "event", "NULL: caused by a person's command line"),
    sa.CheckConstraint(
        "state in ('planned', 'claimed', 'in_doubt', 'sent', 'retry', 'refused', 'ambiguous')", name="state"
    ),
    sa.Index("ix_outbox_state_not_before", "state", "not_before"),
)

outbox_attempt = sa.Table(
    "outbox_attempt",
    metadata,
    _id(),
    _link("outbox_id", "outbox"),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    _null("ended_at", UtcDateTime, "the process died in it"),
    sa.Column("result", sa.Text, nullable=False, comment="in_doubt, sent, retry, refused"),
    _null("reply_code", sa.Integer, "the server did not answer"),
    _text("reply_text"),
    sa.UniqueConstraint("outbox_id", "number"),
)

# ---------------------------------------------------------------- the record

event = sa.Table(
    "event",
    metadata,
    _id(),
    sa.Column(
        "key", sa.Text, nullable=False, unique=True, comment="natural key of the fact; a repeated one is dropped"
    ),
    sa.Column("at", UtcDateTime, nullable=False, comment="effective time: when we received it"),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("entity_id", RowId, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False, comment="person:ID, contact:ID, clock, or the flow's name"),
    sa.Column("data", Json, nullable=False),
    _link("cause_id", "event", "NULL: came from outside"),
    sa.Index("ix_event_entity", "entity", "entity_id"),
)

process_inbox = sa.Table(
    "process_inbox",
    metadata,
    sa.Column(
        "event_id",
        RowId,
        sa.ForeignKey("event.id"),
        primary_key=True,
        comment="still to be taken by the process engine",
    ),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("entity_id", RowId, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_process_inbox_entity", "entity", "entity_id"),
)

numerator = sa.Table(
    "numerator",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("last_value", sa.BigInteger, nullable=False),
)

flow_ledger = sa.Table(
    "flow_ledger",
    metadata,
    _id(),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("as_of", UtcDateTime, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    _null("ended_at", UtcDateTime, "runs, or died"),
    _null("result", Json, "runs, or died"),
    sa.Index("ix_flow_ledger_flow_as_of", "flow", "as_of"),
)
