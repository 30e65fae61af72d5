"""Mails that may or may not have been accepted wait here for a person's word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.outbox_deciding import decide_mail, states_of
from tasks.gateways.store.quarantine_decisions import find_person
from tasks.rules.delivery import Decision
from tasks.rules.errors import UsageError


@dataclass(frozen=True, slots=True)
class Decided:
    """Counts by decision and `left`, and why something was left alone."""

    counts: dict[str, int]
    notes: tuple[str, ...]


@task(name="decide-mails", task_run_name="decide-mails", cache_policy=NO_CACHE)
def decide_mails(desk: Desk, ids: Sequence[int], decision: Decision, who: str, note: str, now: datetime) -> Decided:
    """Settle ambiguous mails as a member of staff says; the others named are left alone and told.

    Raises UsageError when no mail is named, and for somebody who is not on the staff.
    """
    if not ids:
        raise UsageError("which mails? Name their outbox numbers")
    with reading(desk.engine) as connection:
        person_id = find_person(connection, who)
        states = states_of(connection, ids)
    if person_id is None:
        raise UsageError("nobody on the staff has this key or mail address: who decides?")
    counts: Counter[str] = Counter()
    notes: list[str] = []
    for outbox_id in dict.fromkeys(ids):
        with writing(desk.engine) as connection:
            is_decided = decide_mail(connection, outbox_id, decision, f"person:{person_id}", note.strip(), now)
        counts[decision if is_decided else "left"] += 1
        if not is_decided:
            notes.append(f"outbox {outbox_id} is {states.get(outbox_id, 'not there')}, not ambiguous: left alone")
    return Decided(dict(counts), tuple(notes))
