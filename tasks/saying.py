"""A person has something to say to others: to colleagues, a whole role, a client group (MISSION D3)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.connection import writing
from tasks.gateways.store.directory import read_directory
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.presence import read_names
from tasks.gateways.store.staff import id_of, read_recipients
from tasks.notifications import reachable, tell
from tasks.rules.errors import UsageError
from tasks.rules.notify.recipients import recipients_of, speaker
from tasks.rules.office import Office
from tasks.rules.outgoing import Notice, Recipient

_LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Said:
    """How many people were told, and who could not be, as notes."""

    told: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Saying:
    """The round of one message."""

    office: Office
    now: datetime


@task(name="say-to-people", task_run_name="say-to-people", cache_policy=NO_CACHE)
def say_to_people(desk: Desk, to: Sequence[str], text: str, author: str, sender: str, now: datetime) -> Said:
    """Tell everybody whom `to` names, each by their own ladder, in the name of `sender` (else of `author`).

    The same words of the same author to the same people at the same moment are said once. Raises UsageError for an
    empty or very long text, for words that name nobody, and for a sender that the author may not use.
    """
    words = text.strip()
    if not 0 < len(words) <= _LONGEST_TEXT:
        raise UsageError(f"the text must have from 1 to {_LONGEST_TEXT} characters; it has {len(words)}")
    with writing(desk.engine) as connection:
        directory = read_directory(connection, desk.office.roles, to)
        writes, speaks = speaker(author, sender, directory)
        refs = recipients_of(to, directory)
        can_be_told = reachable(connection, desk.office, refs)
        digest = hashlib.sha256(f"{writes.ref}\0{speaks.ref}\0{words}\0{now.isoformat()}".encode()).hexdigest()[:24]
        author_id = id_of(writes.ref) or 0
        facts = {"to": list(refs), "sender": speaks.ref}
        said = NewEvent(f"said:{digest}", now, "person", author_id, "message.said", writes.ref, facts)
        cause = record_event(connection, said)
        people = read_recipients(connection, refs)
        names = read_names(connection, refs)
        notices = [
            Notice(
                key=f"said:{digest}:{ref}",
                kind="notice",
                to=people.get(ref) or Recipient(ref, *names[ref]),
                wording="staff_message",
                data={"text": words, "author": speaks.name},
                entity="person",
                entity_id=author_id,
                not_before=now,
                cause_event_id=cause,
                sender_name=speaks.name,
            )
            for ref in refs
            if ref in can_be_told
        ]
        told = tell(connection, _Saying(desk.office, now), notices)
    return Said(told, tuple(f"{ref} can be reached in no way" for ref in refs if ref not in can_be_told))
