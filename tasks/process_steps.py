"""One event about one item through the engine, with everything that follows, in the caller's one transaction.

The event goes to the record first, whole, so that the course can be played again. A repeated one yields nothing; a
refused command leaves a word about it and nothing else; what cannot be carried through holds the item.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.identity_lookup import canonical_refs
from tasks.gateways.store.process_codec import pack_event
from tasks.gateways.store.process_courses import record_course
from tasks.gateways.store.process_items import ItemRow, NewItem, StoredItem, insert_item, load_item
from tasks.office_round import NoDefinitionError, OfficeRound
from tasks.process_beginning import Beginning
from tasks.process_chain import Chain, carry_out, responsible
from tasks.process_conversion import with_deal
from tasks.process_handlers import HANDLERS, follow_up
from tasks.process_holds import hold
from tasks.process_records import record_beginning, record_input, record_refusal
from tasks.rules.process.clocks import clock_event
from tasks.rules.process.course import course
from tasks.rules.process.decisions import Decision, Hold, Notify, Refuse
from tasks.rules.process.definition import Definition
from tasks.rules.process.reasons import HeldError, Reason
from tasks.rules.process.state import Event, Item, OfficeFacts
from tasks.rules.process.step import begin, step


@dataclass(frozen=True, slots=True)
class Stepped:
    """What came of an event: the item after it, why it was refused, or that the item is held now."""

    stored: StoredItem
    counts: Counter[str]
    event_id: int | None = None
    reasons: tuple[Reason, ...] = ()
    is_held: bool = False


class BeginRefusedError(Exception):
    """An item cannot begin so; nothing of it is kept."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        self.reasons = reasons
        super().__init__("refused")


def take_event(
    connection: sa.Connection,
    run: OfficeRound,
    stored: StoredItem,
    event: Event,
    *,
    channel: str = "",
    cause_id: int | None = None,
    event_id: int | None = None,
) -> Stepped:
    """Let an item take an event; `event_id` when the record has it already, `cause_id` what it came from.

    Raises ConflictError when another worker has changed the item: the transaction must be given up.
    """
    event = _by_who_stands(connection, event)
    try:
        definition = run.definition(stored.process, stored.version)
    except NoDefinitionError as error:
        return _held(connection, run, stored, event, str(error), ())
    facts = run.facts(connection, definition, stored.item)
    item, decisions = step(definition, facts, stored.item, event)
    match decisions[:1]:
        case (Refuse(reasons),):
            record_course(connection, stored, facts, event, decisions, collected=run.courses)
            record_refusal(connection, stored, event, reasons, channel, cause_id)
            return Stepped(stored, Counter(refused=1), None, reasons)
        case (Hold(reasons, path),):
            return _held(connection, run, stored, event, reasons, path, channel, cause_id, event_id)
    savepoint, mark = connection.begin_nested(), run.mark()
    try:
        event_id = event_id or record_input(connection, stored, event, channel, cause_id)
        stepped = _carried(connection, run, definition, stored, item, decisions, event, event_id, facts)
        savepoint.commit()
        return stepped
    except (HeldError, NoDefinitionError) as error:
        savepoint.rollback()
        run.give_up(mark)
        why = error.reasons if isinstance(error, HeldError) else str(error)
        return _held(connection, run, stored, event, why, (), channel, cause_id, None)


def _by_who_stands(connection: sa.Connection, event: Event) -> Event:
    """The event with contacts that were merged since it was made (a link sent earlier) as who they stand for."""
    refs = {one for one in (event.actor, *event.sets.values()) if isinstance(one, str) and one.startswith("contact:")}
    if not refs:
        return event
    standing = canonical_refs(connection, refs)
    sets = {name: standing.get(value, value) if isinstance(value, str) else value for name, value in event.sets.items()}
    return replace(event, actor=standing.get(event.actor, event.actor), sets=sets)


def _carried(
    connection: sa.Connection,
    run: OfficeRound,
    definition: Definition,
    stored: StoredItem,
    item: Item,
    decisions: tuple[Decision, ...],
    event: Event,
    event_id: int,
    facts: OfficeFacts,
) -> Stepped:
    chain = Chain(connection, run, definition, stored, item, event, event_id)
    saved = carry_out(chain, _collapsed(run, event, decisions), HANDLERS)
    # what the engine saw and decided, for proof, back-test and shadow runs
    kind: Literal["begin", "event"] = "event" if stored.item.visit else "begin"
    record_course(
        connection,
        stored,
        facts,
        event,
        decisions,
        event_id=event_id,
        kind=kind,
        made=chain.made,
        collected=run.courses,
    )
    counts = chain.counts
    for starting in (*chain.started, *follow_up(chain, saved)):
        counts.update(begin_item(connection, run, starting))
    return Stepped(saved, counts, event_id)


def fire_clock(connection: sa.Connection, run: OfficeRound, stored: StoredItem, until: datetime) -> Stepped:
    """Let the clock that is due first fire, at its own time; nothing else is due before `until`.

    Of repeats that were missed only the last one's messages are sent, and say how many they stand for.
    """
    event = clock_event(stored.item, run.now)
    if event.clock.startswith("after:") and event.at < run.now and event.key not in run.ahead:
        _look_ahead(connection, run, stored, until)
    return take_event(connection, run, stored, event)


def _look_ahead(connection: sa.Connection, run: OfficeRound, stored: StoredItem, until: datetime) -> None:
    """Try in memory what this look at the clocks will come to, for what collapses."""
    definition = run.definition(stored.process, stored.version)
    facts = run.facts(connection, definition, stored.item)
    for taken in course(definition, facts, stored.item, until=until, seen_at=run.now):
        told = {n: one for n, one in enumerate(taken.decisions) if isinstance(one, Notify)}
        run.ahead[taken.event.key] = {n: (one.is_collapsed, one.missed) for n, one in told.items()}


def _collapsed(run: OfficeRound, event: Event, decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
    seen = run.ahead.get(event.key)
    if not seen:
        return decisions
    return tuple(
        replace(one, is_collapsed=seen[n][0], missed=seen[n][1]) if isinstance(one, Notify) and n in seen else one
        for n, one in enumerate(decisions)
    )


def _held(
    connection: sa.Connection,
    run: OfficeRound,
    stored: StoredItem,
    event: Event,
    why: tuple[Reason, ...] | str,
    path: tuple[str, ...],
    channel: str = "",
    cause_id: int | None = None,
    event_id: int | None = None,
) -> Stepped:
    """Nothing of the event happened; the item waits, and so does the event, for the item's release."""
    if event_id is None and not event.clock:
        kind = "item.command" if event.is_command else "item.fact"
        data = pack_event(event) | {"item_id": stored.item_id} | ({"channel": channel} if channel else {})
        record_event(
            connection,
            NewEvent(
                key=event.key,
                at=event.at,
                entity=stored.entity,
                entity_id=stored.entity_id,
                kind=kind,
                actor=event.actor or "process",
                data=data,
                cause_id=cause_id,
                for_process=True,
                item_id=stored.item_id,
            ),
        )
    counts = hold(connection, run, stored, event, why, path)
    reasons = why if isinstance(why, tuple) else (Reason("held", found=why),)
    return Stepped(load_item(connection, stored.item_id), counts, None, reasons, is_held=True)


# ---------------------------------------------------------------- beginnings


def begin_item(connection: sa.Connection, run: OfficeRound, starting: Beginning) -> Counter[str]:
    """Begin an item under the newest version of its process; nothing when it has begun already.

    Raises BeginRefusedError for a command that lacks what the process needs, NoDefinitionError for no such process.
    """
    counts, _ = begin_stored(connection, run, starting)
    return counts


def begin_stored(connection: sa.Connection, run: OfficeRound, starting: Beginning) -> tuple[Counter[str], int | None]:
    """As `begin_item`, with the new item's row id; None when it has begun already."""
    definition = run.newest(starting.process)
    if definition.entity == "deal" and starting.entity_id is None:
        starting = with_deal(connection, run, definition, starting)
    facts = run.facts(connection, definition, Item(starting.key, "", 0, starting.at, starting.fields))
    item, decisions = begin(
        definition,
        facts,
        key=starting.key,
        at=starting.at,
        actor=starting.actor,
        author=starting.author,
        fields=starting.fields,
        is_command=starting.is_command,
        hops=starting.hops,
    )
    match decisions[:1]:
        case (Refuse(reasons),):
            raise BeginRefusedError(reasons)
        case (Hold(reasons, _),):
            raise BeginRefusedError(reasons) if starting.is_command else HeldError(*reasons)
    stored = _keep_blank(connection, run, definition, item, starting)
    if stored is None:
        return Counter(), None
    event = Event(
        starting.event_key,
        starting.at,
        "begin",
        starting.actor,
        starting.is_command,
        starting.fields,
        hops=starting.hops,
    )
    event_id = record_beginning(connection, stored, starting, event)
    counts = _carried(connection, run, definition, stored, item, decisions, event, event_id, facts).counts
    return counts + Counter(started=1), stored.item_id


def _keep_blank(
    connection: sa.Connection, run: OfficeRound, definition: Definition, item: Item, starting: Beginning
) -> StoredItem | None:
    """The row of an item that begins; what its first chain decides is saved into it."""
    place = NewItem(
        definition.name,
        definition.version,
        definition.entity,
        starting.entity_id,
        starting.parent_id,
        starting.parent_work,
    )
    row = ItemRow(
        status_text="",
        next_due_at=None,
        deadline_at=None,
        is_overdue=False,
        responsible_id=responsible(definition, item),
        number=starting.number,
        title=starting.title or definition.title.get(run.office.language, definition.name),
        hops=starting.hops,
    )
    blank = Item(starting.key, definition.first_stage, 0, starting.at, {}, author=item.author)
    item_id = insert_item(connection, place, blank, row, starting.at)
    return load_item(connection, item_id) if item_id is not None else None
