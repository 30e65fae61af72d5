"""Answers that are no command: handed to a person, or sent back to a colleague with what is wrong and how to answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.staff import open_loads, read_recipients
from tasks.gateways.store.work import WaitingEvent, read_reply
from tasks.notifications import tell
from tasks.office_round import OfficeRound
from tasks.outbox import plan_notices
from tasks.rules.assignment import least_loaded, stand_in
from tasks.rules.outgoing import Notice
from tasks.rules.process.reasons import Reason
from tasks.rules.process.words import explain

_MAX_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody wrote about something; `number` is its public number, or '', `item_id` the process item it is."""

    event: WaitingEvent
    number: str
    text: str
    item_id: int | None = None


def pass_on(connection: sa.Connection, run: OfficeRound, letter: Letter, responsible: str) -> Counter[str]:
    """Hand a letter to the responsible person (or who stands in), else to an operator; nobody gets their own back."""
    event, day = letter.event, run.day(letter.event.at)
    reader = stand_in(run.staff, responsible, day) if responsible else ""
    reader = reader or least_loaded(run.staff, "operator", open_loads(connection), day) or ""
    _record(connection, event, "letter.passed_on", {"to": reader})
    if not reader or reader == event.actor:
        return Counter(letters=1)
    author = read_recipients(connection, [event.actor]).get(event.actor)
    data = {"number": letter.number, "author": author.name if author else "", "text": letter.text[:_MAX_CHARS]}
    return Counter(letters=1, notices=_tell(connection, run, letter, reader, "letter_received", data))


def refuse_reply(connection: sa.Connection, run: OfficeRound, letter: Letter, reasons: tuple[Reason, ...]) -> int:
    """Tell a colleague why the answer was not accepted (no reasons: it was not understood); 1 when it is new."""
    recipients = read_recipients(connection, [letter.event.actor])
    language = recipients[letter.event.actor].language if letter.event.actor in recipients else run.office.language
    data = {
        "number": letter.number,
        "reasons": explain(reasons, language, _names(run)),
        "text": letter.text[:_MAX_CHARS],
    }
    return _tell(connection, run, letter, letter.event.actor, "reply_refused", data)


def confirm_reply(connection: sa.Connection, run: OfficeRound, letter: Letter, title: str, status: str) -> int:
    """Tell whoever answered that the answer was accepted; a client is not told the office's status."""
    is_client = letter.event.actor.startswith("contact:")
    data = {
        "number": letter.number,
        "title": title,
        "status": "" if is_client else status,
        "text": letter.text[:_MAX_CHARS],
        "is_client": is_client,
    }
    return _tell(connection, run, letter, letter.event.actor, "reply_accepted", data)


def _names(run: OfficeRound) -> dict[str, str]:
    return {member.ref: member.name for member in run.staff.values()}


def take_letter(connection: sa.Connection, run: OfficeRound, event: WaitingEvent) -> Counter[str]:
    """A reply about something no process runs for: an operator reads it."""
    reply = read_reply(connection, int(event.data["activity_id"]))
    return pass_on(connection, run, Letter(event, "", reply.text), "")


def _tell(
    connection: sa.Connection, run: OfficeRound, letter: Letter, to: str, wording: str, data: Mapping[str, object]
) -> int:
    event = letter.event
    notices = [
        Notice(
            key=f"{wording}:{event.key}",
            kind="notice",
            to=recipient,
            wording=wording,
            data=data,
            entity=event.entity,
            entity_id=event.entity_id,
            not_before=event.at,
            # the answer to a refusal still answers the task
            asks_task_id=event.data.get("work_task_id") if wording == "reply_refused" else None,
            cause_event_id=event.event_id,
            item_id=letter.item_id,
        )
        for recipient in read_recipients(connection, [to]).values()
    ]
    return answer(connection, run, event, notices)


def answer(connection: sa.Connection, run: OfficeRound, event: WaitingEvent, notices: Sequence[Notice]) -> int:
    """Answer a mail by mail, and what was said in chat by the way that reaches its author now; how many are new."""
    if event.data.get("channel") == "chat":
        return tell(connection, run, notices)
    return plan_notices(connection, run.office, notices, run.now)


def _record(connection: sa.Connection, event: WaitingEvent, kind: str, data: dict[str, str]) -> None:
    key = f"{kind}:{event.key}"
    fact = NewEvent(key, event.at, event.entity, event.entity_id, kind, "process", data, event.event_id)
    record_event(connection, fact)
