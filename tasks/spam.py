"""Labelling mail: what a person says about it, and what that means for its lead or for its place in quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.lead_course import Lead, load_lead
from tasks.gateways.store.process_items import ConflictError
from tasks.gateways.store.quarantine_decisions import find_person
from tasks.gateways.store.spam_labels import (
    held_row_of,
    is_called_spam,
    known_mails,
    lead_of_mail,
    read_labels,
    write_label,
)
from tasks.gateways.store.staff import person_ref
from tasks.lead_spam import LeadCause, drop_lead, take_back
from tasks.quarantine_desk import decide_rows
from tasks.rules.errors import UsageError
from tasks.rules.lead_times import take_due_at
from tasks.rules.mail.spam_trust import DECIDES_FROM, DECIDES_FROM_OF_EACH, SpamLabel, weigh_labels
from tasks.rules.mail_correction import Correction

Word = Literal["spam", "good"]
_OPEN = ("new", "in_work")
_TRIES = 3


@dataclass(slots=True)
class Labelling:
    """What was done, in counts, and what a person should know."""

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Said:
    """One person's word on mail; `due_at`: until when a lead that is open again should be taken."""

    actor: str
    word: Word
    note: str
    at: datetime
    due_at: datetime

    @property
    def is_spam(self) -> bool:
        return self.word == "spam"


@task(name="label-mail", task_run_name="label-mail", cache_policy=NO_CACHE)
def label_mail(desk: Desk, ids: Sequence[int], word: Word, who: str, note: str, now: datetime) -> Labelling:
    """Keep the word of `who` (key or mail address) on each mail; one mail, one transaction.

    Raises UsageError for a person or a mail that is not there; then nothing is changed.
    """
    actor = _actor(desk, ids, who)
    said = _Said(actor, word, note, now, take_due_at(desk.office, now))
    done = Labelling()
    for intake_id in dict.fromkeys(ids):
        _label(desk, done, said, intake_id)
        if not said.is_spam:
            _release(desk, done, said, intake_id, who)
    done.notes.append(_state_of_learning(desk))
    return done


def _actor(desk: Desk, ids: Sequence[int], who: str) -> str:
    with reading(desk.engine) as connection:
        person_id = find_person(connection, who)
        missing = sorted(set(ids) - known_mails(connection, ids))
    if person_id is None:
        raise UsageError(f"{who!r} does not work here; say who says so: a key of people.yaml, or a mail address")
    if not ids:
        raise UsageError("name the mails by their numbers (intake ids)")
    if missing:
        raise UsageError(f"there is no mail {', '.join(map(str, missing))}")
    return person_ref(person_id)


def _label(desk: Desk, done: Labelling, said: _Said, intake_id: int) -> None:
    for _ in range(_TRIES):
        try:
            with writing(desk.engine) as connection:
                counts, notes = _carry_out(connection, said, intake_id)
        except ConflictError:
            continue
        done.counts.update(counts)
        done.notes += notes
        return
    done.notes.append(f"mail {intake_id}: its lead is being changed by others; say it again")


def _carry_out(connection: sa.Connection, said: _Said, intake_id: int) -> tuple[Counter[str], list[str]]:
    was_spam = is_called_spam(connection, intake_id)
    if not write_label(connection, SpamLabel(intake_id, said.is_spam, said.actor, said.at)):
        return Counter(), [f"mail {intake_id}: the same person has said something later; nothing is changed"]
    key = f"label:{intake_id}:{said.actor}:{said.word}:{said.at.isoformat()}"
    data = {"label": said.word, "note": said.note}
    event = NewEvent(key, said.at, "intake_item", intake_id, "mail.labelled", said.actor, data)
    cause = LeadCause(key, said.at, said.actor, record_event(connection, event))
    counts = Counter(labelled=1)
    lead_id = lead_of_mail(connection, intake_id)
    if lead_id is not None:
        lead_counts, notes = _lead(connection, load_lead(connection, lead_id), cause, said, was_spam=was_spam)
        return counts + lead_counts, notes
    return counts, []


def _release(desk: Desk, done: Labelling, said: _Said, intake_id: int, who: str) -> None:
    """Good mail that was put aside as spam leaves the quarantine; what is there for another reason stays."""
    with reading(desk.engine) as connection:
        held = held_row_of(connection, intake_id)
    if held is None:
        return
    row_id, reason = held
    if not reason.startswith("spam"):
        done.notes.append(f"mail {intake_id} stays in quarantine ({reason}): decide about row {row_id} there")
        return
    ruled = decide_rows.fn(desk, [row_id], "release", who, Correction(), said.note, said.at)
    done.counts.update(ruled.counts)
    done.notes += ruled.notes


def _lead(
    connection: sa.Connection, lead: Lead, cause: LeadCause, said: _Said, *, was_spam: bool
) -> tuple[Counter[str], list[str]]:
    """Spam closes an open lead; a good word opens only what had been closed as spam, not what is no client."""
    if said.is_spam and lead.status in _OPEN:
        return drop_lead(connection, lead, cause, said.note), []
    if said.is_spam and lead.status != "junk":
        return Counter(), [f"lead {lead.number} is {lead.status} and stays so; only the label is kept"]
    if not said.is_spam and was_spam:
        return take_back(connection, lead, cause, said.due_at), []
    return Counter(), []


def _state_of_learning(desk: Desk) -> str:
    with reading(desk.engine) as connection:
        weighed = weigh_labels(read_labels(connection))
    spam, good = int(weighed.believed_spam), int(weighed.believed_good)
    what = "decides" if weighed.may_decide else "suggests" if weighed.may_suggest else "is silent"
    return (
        f"the model {what}: {spam} spam and {good} good labels are believed "
        f"(it decides from {DECIDES_FROM}, at least {DECIDES_FROM_OF_EACH} of each, one person no more than all others)"
    )
