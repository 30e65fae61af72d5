"""Carrying out a chain of decisions about one item: rows, record, and messages in the caller's one transaction.

Each decision has the key (key of the event, its position). Whatever is made under it is made once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.deals import project_deal, replace_lines, show_in_deal
from tasks.gateways.store.events import NewEvent, note_events
from tasks.gateways.store.item_subject import Subject, read_subject
from tasks.gateways.store.process_items import ItemRow, StoredItem, save_item
from tasks.gateways.store.staff import id_of
from tasks.office_round import OfficeRound
from tasks.process_voice import ItemVoice, Message, Speaker
from tasks.rules.item_words import fill
from tasks.rules.process.clocks import next_due
from tasks.rules.process.decisions import Decision
from tasks.rules.process.definition import Definition
from tasks.rules.process.state import Event, Item
from tasks.rules.process.values import from_plain, is_empty, plain
from tasks.rules.process.view import value_of


@dataclass(slots=True)
class Chain:
    """One chain while it is carried out; `cause_id` is the ledger id of `event`."""

    connection: sa.Connection
    run: OfficeRound
    definition: Definition
    stored: StoredItem
    item: Item
    event: Event
    cause_id: int
    made: dict[str, str] = field(default_factory=dict)
    asked: dict[tuple[str, int, str], int] = field(default_factory=dict)
    records: list[NewEvent] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    started: list[Any] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _subject: Subject | None = None

    @property
    def subject(self) -> Subject:
        """What the item is about, read when somebody is told of it."""
        if self._subject is None:
            names = {member.ref: member.name for member in self.run.staff.values()}
            refs = [value for value in self.item.fields.values() if isinstance(value, str)]
            rows = self.run.batch.subjects if self.run.batch else None
            self._subject = read_subject(
                self.connection, self.stored, names, [*refs, self.event.actor], self.run.office.currency, rows
            )
        return self._subject

    def forget_subject(self) -> None:
        """What was read of it has changed."""
        self._subject = None
        if self.run.batch and self.stored.entity == "deal":
            self.run.batch.forget_deal(self.stored.entity_id)

    def voice(self, status: str = "") -> ItemVoice:
        """Who speaks about the item as it stands after the chain."""
        return ItemVoice(self.run, self.definition, self.stored, self.item, self.subject, self.made, status)

    def record(self, key: str, kind: str, data: Mapping[str, Any]) -> None:
        """Put a decision into the record, with the item it is about."""
        at, stored = self.event.at, self.stored
        said = {"item_id": stored.item_id, **data}
        event = NewEvent(key, at, stored.entity, stored.entity_id, kind, self.event.actor, said, self.cause_id)
        self.records.append(event)


Handler = Callable[[Chain, Any, str], None]


def carry_out(chain: Chain, decisions: Sequence[Decision], handlers: Mapping[type, Handler]) -> StoredItem:
    """Store what a chain has decided and plan what is to be said; what was done is counted in the chain.

    Raises ConflictError when another worker has changed the item: the transaction must be given up.
    """
    for number, decision in enumerate(decisions):
        handlers[type(decision)](chain, decision, f"{chain.event.key}:{number}")
    item = chain.item
    if chain.made:
        chain.item = item = replace(item, fields={**item.fields, **chain.made})
    note_events(chain.connection, chain.records)
    needs_words = bool(chain.messages) or item.status != chain.stored.item.status or bool(chain.made)
    status = _status(chain) if needs_words or not chain.stored.status_text else chain.stored.status_text
    saved = save_item(chain.connection, chain.stored, item, _row(chain, status), chain.event.at)
    if saved.entity == "deal":
        _show(chain, saved, status)
    _speak(chain, status)
    chain.forget_subject()
    return saved


def _show(chain: Chain, saved: StoredItem, status: str) -> None:
    """The deal shows the course of its order; after the order's end, what its sub-processes come to."""
    before, item = chain.stored.item, chain.item
    if saved.is_main and not before.outcome and not _looks_alike(chain, status):
        cost = value_of(chain.definition, item, "cost") if "cost" in chain.definition.fields else None
        project_deal(chain.connection, saved, cost if isinstance(cost, Decimal) else None, chain.event.at)
        if item.fields.get("lines") != before.fields.get("lines"):
            replace_lines(chain.connection, saved.entity_id, item.fields.get("lines") or ())
    elif saved.parent_id is not None:
        show_in_deal(chain.connection, saved.entity_id, status)


def _looks_alike(chain: Chain, status: str) -> bool:
    """Whether the deal shows all this already: a task that is late changes nothing of it."""
    before, after = chain.stored.item, chain.item
    return (
        (before.stage, before.visit, before.entered_at, before.outcome, chain.stored.status_text)
        == (after.stage, after.visit, after.entered_at, after.outcome, status)
    ) and before.fields == after.fields


def _status(chain: Chain) -> str:
    language = chain.run.office.language
    return fill(chain.item.status, language, chain.voice().words(computed(chain), language))


def computed(chain: Chain, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Field values with those that follow from others."""
    item = chain.item if values is None else replace(chain.item, fields=values)
    return {name: value_of(chain.definition, item, name) for name in chain.definition.fields}


def _row(chain: Chain, status: str) -> ItemRow:
    stored, item = chain.stored, chain.item
    within = next((clock for clock in item.clocks if clock.name == "within"), None)
    stage = chain.definition.stages[item.stage]
    is_same_stay = item.visit == stored.item.visit
    deadline = within.due if within else stored.deadline_at if is_same_stay and stage.within else None
    is_late = stage.within is not None and within is None and not item.outcome
    rows = [row for work in item.work.values() for row in work.rows if row.state == "open"]
    return ItemRow(
        status_text=status,
        next_due_at=next_due(item),
        deadline_at=deadline,
        is_overdue=is_late or any(row.is_overdue for row in rows),
        responsible_id=responsible(chain.definition, item),
        number=stored.number,
        title=stored.title,
        hops=chain.event.hops,
    )


def responsible(definition: Definition, item: Item) -> int | None:
    """Who leads the item: its manager, else the first person of its fields, else who began it."""
    people = [name for name, part in definition.fields.items() if part.type == "person"]
    for name in ("manager", *people):
        value = item.fields.get(name) if name in people else None
        if isinstance(value, str) and value.startswith("person:"):
            return id_of(value)
    return id_of(item.author) if item.author.startswith("person:") else None


def _speak(chain: Chain, status: str) -> None:
    """Who is told something else anyway needs no word that a task was taken back."""
    if not chain.messages:
        return
    told = {message.to for message in chain.messages if not message.wording.endswith("_withdrawn")}
    messages = [
        replace(message, values=computed(chain, message.values))
        for message in chain.messages
        if not (message.wording.endswith("_withdrawn") and message.to in told)
    ]
    speaker = Speaker(chain.event.actor, chain.cause_id, chain.event.at)
    chain.counts["notices"] += chain.voice(status).plan(chain.connection, messages, speaker)


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Field values as the record keeps them."""
    return {name: plain(value) for name, value in values.items() if not is_empty(value)}


def as_moment(value: str) -> datetime:
    """A time or date of a field as an aware moment. Raises ValueError for anything else."""
    return datetime.fromisoformat(str(from_plain(value)))
