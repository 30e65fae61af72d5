"""What a batch must look like before its rows go on to interpretation: the gate's suites, as code."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
from great_expectations.expectations.row_conditions import Column

from tasks.gateways.quality_expectations import (
    MAIL_SHAPE,
    Kind,
    Suite,
    at_least,
    filled,
    matching,
    not_below,
    one_of,
    shorter,
    since_2000,
    within,
    zero,
)

DAY_SECONDS = 86_400
DISPOSITIONS = ("answered", "no_answer", "busy", "failed")
DIRECTIONS = ("in", "out", "internal")
VERDICTS = (
    "own",
    "duplicate",
    "complaint",
    "bounce",
    "automatic",
    "list",
    "spam",
    "staff",
    "claimed_staff",
    "forwarded",
    "verified_reply",
    "claimed_reply",
    "known_sender",
    "unknown_sender",
    "broken",
)
_LINE_LIMIT_CHARS = 998  # RFC 5322 2.1.1


def _latest_arrival(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(latest_at=frame["fetched_at"] + timedelta(days=1))


def _longest_talk(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(longest_talk_seconds=frame["duration_seconds"] + 1)


MAIL = Suite(
    "mail",
    {
        "intake_id": Kind.NUMBER,
        "received_at": Kind.MOMENT,
        "fetched_at": Kind.MOMENT,
        "verdict": Kind.TEXT,
        "from_address": Kind.TEXT,
        "subject": Kind.TEXT,
        "text_chars": Kind.NUMBER,
        "size_bytes": Kind.NUMBER,
    },
    (
        since_2000("received_at"),
        not_below("latest_at", "received_at", "be no later than a day after fetching", about="received_at"),
        matching(
            "from_address",
            MAIL_SHAPE,
            "be one mail address",
            where=Column("verdict") != "bounce",  # its author is a program, which may sign without a domain
            when="unless the mail is a bounce",
        ),
        one_of("verdict", VERDICTS),
        shorter("subject", _LINE_LIMIT_CHARS),
        at_least("text_chars", 0),
        at_least("size_bytes", 1),
    ),
    _latest_arrival,
)

CALL_LEGS = Suite(
    "call_legs",
    {
        "file_line": Kind.TEXT,
        "linked_id": Kind.TEXT,
        "started_at": Kind.MOMENT,
        "ended_at": Kind.MOMENT,
        "duration_seconds": Kind.NUMBER,
        "talk_seconds": Kind.NUMBER,
        "disposition": Kind.TEXT,
        "direction": Kind.TEXT,
    },
    (
        filled("linked_id"),
        since_2000("started_at"),
        not_below("ended_at", "started_at"),
        within("duration_seconds", 0, DAY_SECONDS, "be between 0 and 24 hours"),
        within("talk_seconds", 0, DAY_SECONDS, "be between 0 and 24 hours"),
        not_below(
            "longest_talk_seconds", "talk_seconds", "be no longer than duration_seconds and one", about="talk_seconds"
        ),
        one_of("disposition", DISPOSITIONS),
        zero("talk_seconds", Column("disposition") != "answered", "when the call was not answered"),
        one_of("direction", DIRECTIONS),
    ),
    _longest_talk,
)

GATES = {suite.name: suite for suite in (MAIL, CALL_LEGS)}
