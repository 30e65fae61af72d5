"""An act of a person on an item, in its turn: an event with who acted and how, taken once per key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from tasks.gateways.store.events import event_id_of
from tasks.gateways.store.process_items import ConflictError, StoredItem, load_item
from tasks.office_round import OfficeRound
from tasks.process_steps import take_event
from tasks.rules.process.reasons import Reason
from tasks.rules.process.state import Event

Channel = Literal["door", "mail", "chat", "prefect", "cli", "form", "call", "process"]


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants of an item: `name` is a command of the file, or begin, done, approve, decline, changed.

    `key` is natural (the nonce of a link or form, `task:ID:verb`): it acts once. `actor` is person:ID or contact:ID.
    `task_id`, `round` and `content_hash` say which work is answered and for what. `at` None: the round's moment.
    """

    key: str
    item_id: int
    name: str
    actor: str
    channel: Channel
    sets: Mapping[str, Any] = field(default_factory=dict)
    task_id: int | None = None
    round: int | None = None
    content_hash: str = ""
    text: str = ""
    at: datetime | None = None
    cause_id: int | None = None
    is_fact: bool = False


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of it; a repeated act changed nothing, a refused one says why."""

    is_accepted: bool
    is_repeated: bool
    reasons: tuple[Reason, ...]
    event_id: int | None
    item: StoredItem
    counts: Counter[str] = field(default_factory=Counter)


def repeated(connection: sa.Connection, wanted: Act) -> Acted | None:
    """What a second act of the same key comes to: nothing; None when it is the first."""
    happened = event_id_of(connection, wanted.key)
    if happened is None:
        return None
    return Acted(True, True, (), happened, load_item(connection, wanted.item_id))


def perform(connection: sa.Connection, run: OfficeRound, wanted: Act) -> Acted:
    """Let somebody act whose turn it is: nothing else is due before. Raises ConflictError when another was faster."""
    again = repeated(connection, wanted)
    if again is not None:
        return again
    event = Event(
        key=wanted.key,
        at=wanted.at or run.now,
        name=wanted.name,
        actor=wanted.actor,
        is_command=not wanted.is_fact,
        sets=wanted.sets,
        task_id=wanted.task_id,
        round=wanted.round,
        content_hash=wanted.content_hash,
        text=wanted.text,
    )
    stored = load_item(connection, wanted.item_id)
    stepped = take_event(connection, run, stored, event, channel=wanted.channel, cause_id=wanted.cause_id)
    if stepped.reasons and not stepped.is_held and repeated(connection, wanted):
        # refused because it has just been done: another worker did this very act after we had asked for its key
        raise ConflictError(f"act {wanted.key} was done by another worker")
    return Acted(not stepped.reasons, False, stepped.reasons, stepped.event_id, stepped.stored, stepped.counts)
