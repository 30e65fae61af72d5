"""What the nightly audit expects of the tables: the promises that no constraint of the database can hold alone."""

from __future__ import annotations

import pandas as pd
from great_expectations.expectations.row_conditions import Column

from tasks.gateways.quality_expectations import (
    E164_SHAPE,
    MAIL_SHAPE,
    Kind,
    Suite,
    at_least,
    filled,
    matching,
    not_below,
    one_of,
    present,
    since_2000,
    within,
    zero,
)
from tasks.gateways.quality_suites import DAY_SECONDS, DIRECTIONS

_LANGUAGES = ("ru", "en")
_NUMBER_SHAPE = r"^[A-Z]+-[0-9]{6,}$"
_MESSAGE_ID_SHAPE = r"^<[^<>@\s]+@[^<>@\s]+>$"
_SHA256_SHAPE = r"^[0-9a-f]{64}$"


def _owed_by(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(owner_id=frame["person_id"].fillna(frame["contact_id"]))


INTAKE_ITEM = Suite(
    "intake_item",
    {
        "natural_key": Kind.TEXT,
        "sha256": Kind.TEXT,
        "size_bytes": Kind.NUMBER,
        "received_at": Kind.MOMENT,
        "fetched_at": Kind.MOMENT,
        "state": Kind.TEXT,
        "reason": Kind.MAYBE_TEXT,
        "settled_at": Kind.MAYBE_MOMENT,
    },
    (
        matching("natural_key", r"^(.+:[0-9]+:[0-9]+|key:.+)$", "be folder:uidvalidity:uid, or a form's key"),
        matching("sha256", _SHA256_SHAPE, "be a SHA-256"),
        at_least("size_bytes", 1),
        since_2000("received_at"),
        since_2000("fetched_at"),
        present("settled_at", Column("state") != "new", "when the state is not new"),
        present("reason", Column("state").is_in(["quarantined", "ignored"]), "when quarantined or ignored"),
    ),
)

LEAD = Suite(
    "lead",
    {
        "number": Kind.TEXT,
        "origin_key": Kind.TEXT,
        "channel": Kind.TEXT,
        "status": Kind.TEXT,
        "mail": Kind.MAYBE_TEXT,
        "phone": Kind.MAYBE_TEXT,
        "language": Kind.TEXT,
        "created_at": Kind.MOMENT,
        "take_due_at": Kind.MOMENT,
        "taken_at": Kind.MAYBE_MOMENT,
        "ended_at": Kind.MAYBE_MOMENT,
    },
    (
        matching("number", _NUMBER_SHAPE, "be a public number"),
        matching(
            "origin_key",
            r"^(mail:[0-9]+|form:[0-9]+|call:\+[0-9]+:[0-9]{4}-[0-9]{2}-[0-9]{2}|desk:[0-9-]{10}:[0-9a-f]+)$",
            "be mail:ID, form:ID, call:NUMBER:DAY or desk:DAY:HASH",
        ),
        one_of("channel", ("mail", "call", "form", "desk")),
        present("mail", Column("channel") == "mail", "when the lead came by mail"),
        matching("mail", MAIL_SHAPE, "be one mail address"),
        matching("phone", E164_SHAPE, "be E.164"),
        one_of("language", _LANGUAGES),
        since_2000("created_at"),
        not_below("take_due_at", "created_at"),
        not_below("taken_at", "created_at"),
        present("ended_at", Column("status").is_in(["converted", "junk"]), "when converted or junk"),
    ),
)

DEAL = Suite(
    "deal",
    {
        "number": Kind.TEXT,
        "pipeline": Kind.TEXT,
        "stage": Kind.TEXT,
        "amount": Kind.NUMBER,
        "currency": Kind.TEXT,
        "outcome": Kind.MAYBE_TEXT,
        "created_at": Kind.MOMENT,
        "stage_entered_at": Kind.MOMENT,
        "ended_at": Kind.MAYBE_MOMENT,
    },
    (
        matching("number", _NUMBER_SHAPE, "be a public number"),
        filled("pipeline"),
        filled("stage"),
        at_least("amount", 0),
        matching("currency", r"^[A-Z]{3}$", "be an ISO 4217 code"),
        one_of("outcome", ("won", "lost", "cancelled")),
        since_2000("created_at"),
        not_below("stage_entered_at", "created_at"),
        not_below("ended_at", "created_at"),
        present("ended_at", Column("outcome").is_not_null(), "when there is an outcome"),
    ),
)

PROCESS_ITEM = Suite(
    "process_item",
    {
        "key": Kind.TEXT,
        "process": Kind.TEXT,
        "stage": Kind.TEXT,
        "visit": Kind.NUMBER,
        "version": Kind.NUMBER,
        "outcome": Kind.MAYBE_TEXT,
        "created_at": Kind.MOMENT,
        "stage_entered_at": Kind.MOMENT,
        "ended_at": Kind.MAYBE_MOMENT,
    },
    (
        filled("key"),
        filled("process"),
        filled("stage"),
        at_least("visit", 1),
        at_least("version", 1),
        one_of("outcome", ("won", "lost", "cancelled")),
        since_2000("created_at"),
        not_below("ended_at", "created_at"),
        present("ended_at", Column("outcome").is_not_null(), "when there is an outcome"),
    ),
)

OUTBOX = Suite(
    "outbox",
    {
        "key": Kind.TEXT,
        "recipient": Kind.TEXT,
        "recipient_ref": Kind.TEXT,
        "message_id": Kind.TEXT,
        "policy": Kind.TEXT,
        "state": Kind.TEXT,
        "planned_at": Kind.MOMENT,
        "attempt_count": Kind.NUMBER,
        "sent_at": Kind.MAYBE_MOMENT,
    },
    (
        filled("key"),
        matching("recipient", MAIL_SHAPE, "be one mail address"),
        matching("recipient_ref", r"^(?:person|contact):[0-9]+$", "be person:ID or contact:ID"),
        matching("message_id", _MESSAGE_ID_SHAPE, "be a Message-ID"),
        one_of("policy", ("retry", "ask")),
        since_2000("planned_at"),
        at_least("attempt_count", 0),
        present("sent_at", Column("state") == "sent", "when sent"),
        not_below("sent_at", "planned_at"),
    ),
)

CALL = Suite(
    "call",
    {
        "linked_id": Kind.TEXT,
        "direction": Kind.TEXT,
        "started_at": Kind.MOMENT,
        "answered_at": Kind.MAYBE_MOMENT,
        "ended_at": Kind.MOMENT,
        "outcome": Kind.TEXT,
        "wait_seconds": Kind.MAYBE_NUMBER,
        "talk_seconds": Kind.NUMBER,
        "leg_count": Kind.NUMBER,
        "client_phone": Kind.MAYBE_TEXT,
    },
    (
        filled("linked_id"),
        one_of("direction", DIRECTIONS),
        since_2000("started_at"),
        not_below("ended_at", "started_at"),
        not_below("answered_at", "started_at"),
        one_of("outcome", ("answered", "abandoned", "no_answer", "busy", "failed")),
        at_least("wait_seconds", 0),
        within("talk_seconds", 0, DAY_SECONDS, "be between 0 and 24 hours"),
        zero("talk_seconds", Column("outcome") != "answered", "when the call was not answered"),
        at_least("leg_count", 1),
        matching("client_phone", E164_SHAPE, "be E.164"),
    ),
)

REGISTER_ENTRY = Suite(
    "register_entry",
    {
        "register": Kind.TEXT,
        "number": Kind.TEXT,
        "issued_on": Kind.MOMENT,
        "valid_until": Kind.MOMENT,
        "term_version": Kind.NUMBER,
    },
    (
        filled("register"),
        filled("number"),
        since_2000("valid_until"),
        not_below("valid_until", "issued_on"),
        at_least("term_version", 1),
    ),
)

CONTACT_POINT = Suite(
    "contact_point",
    {"kind": Kind.TEXT, "value": Kind.TEXT},
    (
        one_of("kind", ("mail", "phone")),
        matching("value", MAIL_SHAPE, "be one mail address", where=Column("kind") == "mail", when="when kind is mail"),
        matching("value", E164_SHAPE, "be E.164", where=Column("kind") == "phone", when="when kind is phone"),
    ),
)

WORK_TASK = Suite(
    "work_task",
    {
        "kind": Kind.TEXT,
        "name": Kind.TEXT,
        "state": Kind.TEXT,
        "person_id": Kind.MAYBE_NUMBER,
        "contact_id": Kind.MAYBE_NUMBER,
        "opened_at": Kind.MOMENT,
        "closed_at": Kind.MAYBE_MOMENT,
        "closed_by": Kind.MAYBE_TEXT,
    },
    (
        one_of("kind", ("task", "approval", "confirm")),
        filled("name"),
        one_of("state", ("open", "done", "approved", "declined", "withdrawn")),
        present("owner_id", None, "as a person or a contact"),
        since_2000("opened_at"),
        not_below("closed_at", "opened_at"),
        present("closed_at", Column("state") != "open", "when not open"),
        present("closed_by", Column("state") != "open", "when not open"),
    ),
    _owed_by,
)

ACTIVITY = Suite(
    "activity",
    {
        "origin_key": Kind.TEXT,
        "kind": Kind.TEXT,
        "direction": Kind.TEXT,
        "at": Kind.MOMENT,
        "is_reply_verified": Kind.NUMBER,
        "answers_id": Kind.MAYBE_NUMBER,
    },
    (
        matching("origin_key", r"^[a-z]+:[0-9]+$", "be channel:ID"),
        one_of("kind", ("mail", "call", "form", "door", "chat")),
        one_of("direction", DIRECTIONS),
        since_2000("at"),
        present("answers_id", Column("is_reply_verified") == 1, "when the reply is verified"),
    ),
)

TABLES = (INTAKE_ITEM, LEAD, DEAL, PROCESS_ITEM, OUTBOX, CALL, REGISTER_ENTRY, CONTACT_POINT, WORK_TASK, ACTIVITY)
