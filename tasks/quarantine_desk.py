"""A person decides about rows in quarantine: released, fixed or rejected, each once, whatever else is going on.

A released mail is read again by today's code with every objection overruled, and makes its lead or activity then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.call_logs.held_lines import read_held_line
from tasks.gateways.mail_parsing import MAIL_PARSER
from tasks.gateways.store.call_lines import keep_line
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.intake_settling import settle_mails
from tasks.gateways.store.quarantine_decisions import (
    close_row,
    find_person,
    list_rows,
    read_mails,
    read_row,
    reopen_item,
)
from tasks.mail_interpreting import read_items
from tasks.mail_lookups import Hindsight
from tasks.rules.calls.parties import Switchboard
from tasks.rules.errors import UsageError
from tasks.rules.lead_times import take_due_at
from tasks.rules.mail.parsed import UnreadableMail
from tasks.rules.mail.settlement import Settlement
from tasks.rules.mail.verdict import VerdictKind
from tasks.rules.mail_correction import Correction, corrected
from tasks.rules.quarantine import Decision, HeldRow, check_form, refusal, state_after

_SHOWN_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Ruling:
    """One person's word about rows of the quarantine. `by` is person:ID."""

    decision: Decision
    correction: Correction
    by: str
    note: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Ruled:
    """What came of it, in counts, and a remark for every row that was left as it is."""

    counts: dict[str, int]
    notes: tuple[str, ...]


class _LeftError(Exception):
    """The row stays as it is; the text says why."""


def held_rows(desk: Desk, *, is_all: bool, source: str, limit: int) -> list[HeldRow]:
    """Rows of the quarantine, the newest first: those that wait for a person, or all."""
    with reading(desk.engine) as connection:
        return list_rows(connection, is_all=is_all, source=source, limit=max(limit, 1))


def held_row(desk: Desk, row_id: int) -> HeldRow | None:
    """One row, None when there is none of this number."""
    with reading(desk.engine) as connection:
        return read_row(connection, row_id)


def seen_mail(desk: Desk, row: HeldRow) -> dict[str, str]:
    """What the person who decides sees of a held mail: sender, subject, time, text; nothing for other rows."""
    with reading(desk.engine) as connection:
        mails = read_mails(connection, [row.intake_id]) if row.intake_id else []
    if not mails:
        return {}
    item, raw = mails[0]
    received = {"received_at": item.received_at.isoformat(), "mailbox": item.source}
    [mail] = MAIL_PARSER.parse([raw])
    if isinstance(mail, UnreadableMail):
        return {**received, "text": raw[:_SHOWN_CHARS].decode("ascii", "backslashreplace")}
    sender = f"{mail.from_name} <{mail.from_address}>".strip()
    return {**received, "from": sender, "subject": mail.subject, "text": mail.text[:_SHOWN_CHARS]}


@task(name="decide-rows", task_run_name="decide-rows", cache_policy=NO_CACHE)
def decide_rows(
    desk: Desk,
    row_ids: Sequence[int],
    decision: Decision,
    who: str,
    correction: Correction,
    note: str,
    now: datetime,
) -> Ruled:
    """Decide about each row in a transaction of its own; one that cannot be decided stops no other.

    Raises UsageError for a form that says too little, and for somebody who is not on the staff.
    """
    check_form(decision, tuple(row_ids), who, correction, note)
    with reading(desk.engine) as connection:
        person_id = find_person(connection, who)
    if person_id is None:
        raise UsageError("nobody on the staff has this key or mail address: who decides?")
    ruling = Ruling(decision, correction, f"person:{person_id}", note.strip(), now)
    counts: Counter[str] = Counter()
    notes: list[str] = []
    for row_id in dict.fromkeys(row_ids):
        try:
            counts.update(_decide(desk, row_id, ruling))
        except _LeftError as error:
            counts["left"] += 1
            notes.append(f"quarantine row {row_id} {error}")
    return Ruled(dict(counts), tuple(notes))


def _decide(desk: Desk, row_id: int, ruling: Ruling) -> dict[str, int]:
    with reading(desk.engine) as connection:
        row = read_row(connection, row_id)
    if row is None:
        raise _LeftError("is not there")
    why_not = refusal(row, ruling.decision)
    if why_not:
        raise _LeftError(why_not)
    if ruling.decision != "reject" and row.intake_id:
        return _release_mail(desk, row, ruling)
    is_line = ruling.decision == "release" and row.source != "process"
    record = _line_of(desk, row) if is_line else None
    with writing(desk.engine) as connection:
        _close(connection, row, ruling, {})
        if record is not None and not keep_line(connection, record):
            raise _LeftError("is stored already under another line: reject it")
    return {state_after(ruling.decision): 1}


def _close(connection: sa.Connection, row: HeldRow, ruling: Ruling, data: dict[str, Any]) -> None:
    state = state_after(ruling.decision)
    if not close_row(connection, row, state, ruling.by, ruling.now, ruling.note, data):
        raise _LeftError("was decided by somebody else meanwhile")


def _line_of(desk: Desk, row: HeldRow) -> Any:
    """The held line as today's code reads it."""
    telephony = desk.office.telephony
    log = next((one for one in telephony.logs if one.name == row.source), None)
    if log is None:
        raise _LeftError(f"belongs to {row.source!r}, which is no call log of the office")
    board = Switchboard(log.country, frozenset(line.number for line in telephony.lines), frozenset(telephony.queues))
    record = read_held_line(row.row_key, row.raw, log, board)
    if isinstance(record, str):
        raise _LeftError(f"is no record today either: {record}")
    return record


def _release_mail(desk: Desk, row: HeldRow, ruling: Ruling) -> dict[str, int]:
    """Read the mail again, close the row, and settle the item: one transaction, so all of it or nothing."""
    settlement = _overruled(desk, row.intake_id, ruling)
    data = {"sender": ruling.correction.sender, "charset": ruling.correction.charset} if ruling.correction else {}
    with writing(desk.engine) as connection:
        _close(connection, row, ruling, data)
        if not reopen_item(connection, row.intake_id):
            raise _LeftError("is not in quarantine any more")
        made = settle_mails(connection, [settlement], ruling.now)
    return {"released": 1, **{name: made.get(name, 0) for name in ("leads", "activities", "ignored")}}


def _overruled(desk: Desk, intake_id: int, ruling: Ruling) -> Settlement:
    """The mail as read with every objection overruled; what cannot be read at all stays where it is."""
    overruled: frozenset[VerdictKind] = frozenset()
    while True:
        with reading(desk.engine) as connection:
            mails = [(item, corrected(raw, ruling.correction)) for item, raw in read_mails(connection, [intake_id])]
            if not mails:
                raise _LeftError("names a mail that is not there")
            [settlement] = read_items(desk, connection, mails, Hindsight(overruled=overruled)).settlements
        if settlement.state != "quarantined":
            return _from_now(desk, settlement, ruling)
        if settlement.kind in overruled or settlement.kind == "broken":
            raise _LeftError(f"cannot be released as it is: {settlement.reason}; fix it, or reject it")
        overruled |= {settlement.kind}


def _from_now(desk: Desk, settlement: Settlement, ruling: Ruling) -> Settlement:
    """Nobody could take the lead before it was released: its time runs from now."""
    said = f"released by {ruling.by}"
    reason = f"{settlement.reason}; {said}" if settlement.reason else said
    return replace(
        settlement, reason=reason, take_due_at=take_due_at(desk.office, ruling.now) if settlement.makes_lead else None
    )
