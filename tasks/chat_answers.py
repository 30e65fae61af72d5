"""What was said to the office in chat: an answer acts as one by mail does, all else is a letter for an operator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.store.chat_answers import (
    is_stranger_heard,
    keep_heard,
    named_message,
    open_questions,
    person_of_jid,
    record_chat,
)
from tasks.gateways.store.connection import writing
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.staff import id_of, person_ref, read_recipients
from tasks.notifications import tell
from tasks.office_round import OfficeRound, begin_round
from tasks.rules.notify.chat_answer import Chosen, Heard, choose
from tasks.rules.outgoing import Notice

_MOST_OF_STRANGERS = 50
_WHICH = {
    "ru": "открыто несколько вопросов, напишите номер перед ответом: {numbers}",
    "en": "several questions are open, write the number before the answer: {numbers}",
}


def take_heard(desk: Desk, heard: Sequence[Heard], now: datetime) -> int:
    """Keep what was heard, each message once, and give it to whom it concerns; how many were new."""
    if not heard:
        return 0
    with writing(desk.engine) as connection:
        run = begin_round(connection, desk.office, now)
        return sum(_take(connection, run, one) for one in heard)


def _take(connection: sa.Connection, run: OfficeRound, heard: Heard) -> bool:
    intake_id = keep_heard(connection, run.office.channels.chat.jid, heard, run.now)
    if intake_id is None:
        return False
    person_id = person_of_jid(connection, heard.sender)
    if person_id is None:
        if is_stranger_heard(connection, intake_id, _MOST_OF_STRANGERS, run.now):
            record_chat(connection, intake_id, f"{heard.sender}:\n{heard.text}", "", None, run.now)
        return True
    ref = person_ref(person_id)
    named = named_message(connection, ref, heard.answers, run.office.domain)
    chosen = choose(heard.text, named, open_questions(connection, ref))
    if chosen.unclear:
        _ask_which(connection, run, intake_id, ref, chosen)
    else:
        record_chat(connection, intake_id, chosen.text, ref, chosen.asked, run.now)
    return True


def _ask_which(connection: sa.Connection, run: OfficeRound, intake_id: int, ref: str, chosen: Chosen) -> None:
    """Nothing is done; the author is asked which question is meant."""
    said = NewEvent(f"chat.unclear:{intake_id}", run.now, "person", id_of(ref) or 0, "chat.unclear", ref)
    cause = record_event(connection, said)
    notices = [
        Notice(
            key=f"chat_unclear:{intake_id}",
            kind="notice",
            to=to,
            wording="reply_refused",
            data={
                "number": "",
                "reasons": [_WHICH[to.language].format(numbers=", ".join(chosen.unclear))],
                "text": chosen.text,
            },
            entity="person",
            entity_id=id_of(ref) or 0,
            not_before=run.now,
            cause_event_id=cause,
        )
        for to in read_recipients(connection, [ref]).values()
    ]
    tell(connection, run, notices)
