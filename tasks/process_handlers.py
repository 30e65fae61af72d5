"""Which step carries out which decision, and what the end of an item brings about elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.process_codec import pack_event
from tasks.gateways.store.process_items import StoredItem, find_item, load_item
from tasks.process_beginning import Beginning
from tasks.process_chain import Chain, Handler
from tasks.process_outside import (
    make_document,
    move,
    note_late,
    notify,
    put_in_calendar,
    set_field,
    show_status,
    take_back,
    untold,
    write_incident,
)
from tasks.process_work import ask_work, begin_work, close_work, decide_work, mark_overdue, reassign, withdraw
from tasks.rules.process.decisions import (
    AskWork,
    BeginWork,
    CalendarEvent,
    CloseWork,
    DecideWork,
    EndChild,
    Incident,
    Late,
    MakeDocument,
    MarkOverdue,
    Move,
    Notify,
    Reassign,
    SetField,
    ShowStatus,
    StartProcess,
    TakeBack,
    Untold,
    Withdraw,
)
from tasks.rules.process.following import child_ended, follow_ups
from tasks.rules.process.state import Event


def _start(chain: Chain, decision: StartProcess, key: str) -> None:
    """A sub-process: it begins when this chain is stored, in the same transaction."""
    fields = {**decision.fields, **{name: number for name, number in chain.made.items() if name in decision.fields}}
    chain.started.append(_beginning(chain, decision, key, fields, chain.stored.item_id))
    chain.record(key, "process.started", {"process": decision.process, "name": decision.name, "key": decision.key})


def _beginning(
    chain: Chain, decision: StartProcess, key: str, fields: Mapping[str, object], parent_id: int | None
) -> Beginning:
    stored, definition = chain.stored, chain.run.newest(decision.process)
    return Beginning(
        process=decision.process,
        key=decision.key,
        event_key=f"{decision.key}:begin",
        at=chain.event.at,
        actor=chain.event.actor,
        fields=fields,
        entity_id=stored.entity_id if definition.entity == stored.entity else None,
        title=stored.title,
        number=stored.number,
        author=decision.author,
        parent_id=parent_id,
        parent_work=decision.name if parent_id else "",
        hops=decision.hops,
        cause_id=chain.cause_id,
    )


def _end_child(chain: Chain, decision: EndChild, key: str) -> None:
    """The sub-process is taken back: a fact for it, taken when its turn comes."""
    child_id = find_item(chain.connection, decision.key)
    if child_id is None:
        return
    child = load_item(chain.connection, child_id)
    why = {name: value for name, value in chain.item.fields.items() if name == "reason" and value}
    event = Event(
        f"{decision.key}:parent_ended",
        chain.event.at,
        "parent_ended",
        "",
        is_command=False,
        sets=why,
        hops=decision.hops,
    )
    _tell_item(chain, child, event)
    chain.record(key, "process.ended", {"name": decision.name, "key": decision.key})


def _tell_item(chain: Chain, other: StoredItem, event: Event) -> None:
    """A fact into another item's inbox."""
    if chain.run.batch:
        chain.run.batch.quiet.discard(other.item_id)
    record_event(
        chain.connection,
        NewEvent(
            key=event.key,
            at=event.at,
            entity=other.entity,
            entity_id=other.entity_id,
            kind="item.fact",
            actor="process",
            data=pack_event(event) | {"item_id": other.item_id},
            cause_id=chain.cause_id,
            for_process=True,
            item_id=other.item_id,
        ),
    )


def follow_up(chain: Chain, saved: StoredItem) -> list[Beginning]:
    """What the end of the item brings about: news for its parent, and the processes that start on such an end."""
    if not saved.item.outcome or chain.stored.item.outcome:
        return []
    if saved.parent_id is not None:
        parent = load_item(chain.connection, saved.parent_id)
        mine = parent.item.children.get(saved.parent_work)
        if mine is not None and mine.key == saved.item.key:
            event = child_ended(saved.item, chain.definition, mine.name, mine.round, chain.event)
            _tell_item(chain, parent, event)
    starts = follow_ups(chain.run.definitions, chain.definition, saved.item, chain.event)
    return [_beginning(chain, start, start.key, start.fields, None) for start in starts]


HANDLERS: Mapping[type, Handler] = {
    AskWork: ask_work,
    BeginWork: begin_work,
    CalendarEvent: put_in_calendar,
    CloseWork: close_work,
    DecideWork: decide_work,
    EndChild: _end_child,
    Incident: write_incident,
    Late: note_late,
    MakeDocument: make_document,
    MarkOverdue: mark_overdue,
    Move: move,
    Notify: notify,
    Reassign: reassign,
    SetField: set_field,
    ShowStatus: show_status,
    StartProcess: _start,
    TakeBack: take_back,
    Untold: untold,
    Withdraw: withdraw,
}
