"""Deals: what an answer or a due clock makes of them, by the pipeline of the office folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tasks.deal_chain import carry_out
from tasks.gateways.store.deals import Deal, load_deal
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.staff import read_recipients
from tasks.gateways.store.work import Reply, WaitingEvent, attach_documents, read_reply
from tasks.letters import Letter, pass_on, refuse_reply
from tasks.office_round import OfficeRound
from tasks.rules.deal_answers import Given, read_values
from tasks.rules.pipeline_conditions import Reason
from tasks.rules.pipeline_engine import step
from tasks.rules.pipeline_state import Event, Refuse
from tasks.rules.pipeline_view import next_clock
from tasks.rules.reply_command import ReplyCommand, document_kind, interpret

_VERBS = {"take": "begin", "done": "done", "paid": "done", "yes": "approve", "no": "decline"}
# who may change an order by mail; executors and clients answer what they are asked
_EDITORS = frozenset({"operator", "manager", "dispatcher", "chief"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified answer about a deal: who wrote it, what it says, and the task it answers."""

    event: WaitingEvent
    reply: Reply
    command: ReplyCommand | None
    is_staff: bool

    @property
    def task_id(self) -> int | None:
        """The work_task the answered message asked for."""
        return self.event.data.get("work_task_id")

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of documents that came with it."""
        return tuple(kind for kind in map(document_kind, self.reply.file_names) if kind)


def take_deal_reply(connection: sa.Connection, run: OfficeRound, event: WaitingEvent) -> Counter[str]:
    """A verified reply about a deal: facts first (fields, documents), then the command; what is no command is a letter.

    Raises HeldError when the pipeline cannot carry it through.
    """
    reply = read_reply(connection, int(event.data["activity_id"]))
    attach_documents(connection, int(event.data["activity_id"]), event.entity_id)
    answer = Answer(event, reply, interpret(reply.text), event.actor.startswith("person:"))
    given = _given(run, load_deal(connection, event.entity_id), answer)
    counts = _change(connection, run, answer, given)
    if answer.command and answer.command.verb and not given.reasons:
        return counts + _command(connection, run, answer)
    if given.reasons and answer.is_staff:
        return counts + Counter(refused=1) + _refused(connection, run, answer, given.reasons)
    is_files_only = answer.command is None and bool(answer.kinds)
    is_fields_only = answer.command is not None and not given.reasons
    return counts if is_files_only or is_fields_only else counts + _letter(connection, run, answer)


def fire_deal_clock(connection: sa.Connection, run: OfficeRound, deal_id: int) -> Counter[str]:
    """Let the clock of a deal that is due first act, at its own due time."""
    deal = load_deal(connection, deal_id)
    pipeline = run.pipeline(deal.pipeline, deal.version)
    clock = next_clock(pipeline, run.calendar, deal.item)
    if clock is None or clock.due > run.now:
        # the calendar of the folder was changed: only the stored due time is put right
        idle = Event(f"deal:{deal_id}:idle", run.now, "changed", "clock", is_command=False)
        return carry_out(connection, run, pipeline, deal, deal.item, (), idle, 0)
    visit = "" if clock.name.startswith("work:") else f":{deal.item.visit}"
    key = f"deal:{deal_id}{visit}:{clock.name}"
    event = Event(key, clock.due, "clock", "clock", is_command=False, clock=clock.name)
    record = NewEvent(key, clock.due, "deal", deal_id, "clock", "clock", {"clock": clock.name})
    return take_step(connection, run, event, deal_id, record_event(connection, record))


def take_step(connection: sa.Connection, run: OfficeRound, event: Event, deal_id: int, cause_id: int) -> Counter[str]:
    """One event through the engine, carried out in the caller's transaction."""
    counts, _ = _step(connection, run, event, deal_id, cause_id)
    return counts


def _step(
    connection: sa.Connection, run: OfficeRound, event: Event, deal_id: int, cause_id: int
) -> tuple[Counter[str], tuple[Reason, ...]]:
    deal = load_deal(connection, deal_id)
    pipeline = run.pipeline(deal.pipeline, deal.version)
    reachable = frozenset(read_recipients(connection, [str(deal.item.fields["client"])]))
    item, decisions = step(pipeline, run.facts(connection, reachable), deal.item, event)
    counts = carry_out(connection, run, pipeline, deal, item, decisions, event, cause_id)
    return counts, tuple(reason for one in decisions if isinstance(one, Refuse) for reason in one.reasons)


def _given(run: OfficeRound, deal: Deal, answer: Answer) -> Given:
    """The field values of an answer; only the office's own people who run orders may give them."""
    member = run.staff.get(answer.event.actor)
    pipeline = run.pipeline(deal.pipeline, deal.version)
    if answer.command is None:
        return Given({})
    given = read_values(run.knowledge(pipeline), answer.command, answer.event.at)
    if given.sets and deal.item.outcome:
        return Given({}, (Reason("closed", "", deal.item.outcome),))
    if (given.sets or given.reasons) and (member is None or not member.roles & _EDITORS):
        return Given({}, (Reason("who", wanted="dispatcher, manager"),))
    return given


def _change(connection: sa.Connection, run: OfficeRound, answer: Answer, given: Given) -> Counter[str]:
    """Field values and documents are facts: they stay, whatever becomes of the command."""
    event = answer.event
    sets: dict[str, Any] = dict(given.sets)
    if answer.kinds:
        there = load_deal(connection, event.entity_id).item.fields.get("documents") or ()
        sets["documents"] = tuple(sorted({*there, *answer.kinds}))
    name = "changed" if answer.is_staff else "client_answered"
    if not sets and name == "changed":
        return Counter()
    fact = Event(f"{event.key}:facts", event.at, name, event.actor, is_command=False, sets=sets)
    return take_step(connection, run, fact, event.entity_id, event.event_id)


def _command(connection: sa.Connection, run: OfficeRound, answer: Answer) -> Counter[str]:
    event, command = answer.event, answer.command
    if command is None:
        return Counter()
    sets: Mapping[str, Any] = {"reason": command.reason} if command.reason else {}
    wanted = Event(
        key=f"{event.key}:{command.verb}",
        at=event.at,
        name=_VERBS.get(command.verb, command.verb),
        actor=event.actor,
        sets=sets,
        task_id=answer.task_id,
        text=command.reason,
    )
    counts, reasons = _step(connection, run, wanted, event.entity_id, event.event_id)
    if not reasons:
        return counts
    if not answer.is_staff:
        return counts + _letter(connection, run, answer)
    return counts + _refused(connection, run, answer, reasons)


def _refused(connection: sa.Connection, run: OfficeRound, answer: Answer, reasons: tuple[Reason, ...]) -> Counter[str]:
    deal = load_deal(connection, answer.event.entity_id)
    letter = Letter(answer.event, deal.number, answer.reply.text)
    return Counter(notices=refuse_reply(connection, run, letter, reasons))


def _letter(connection: sa.Connection, run: OfficeRound, answer: Answer) -> Counter[str]:
    """What is no command goes to whoever runs the order; to an own colleague who was asked something, with help."""
    deal = load_deal(connection, answer.event.entity_id)
    letter = Letter(answer.event, deal.number, answer.reply.text)
    if answer.is_staff and answer.task_id:
        return Counter(notices=refuse_reply(connection, run, letter, ()), refused=1)
    fields = deal.item.fields
    return pass_on(connection, run, letter, fields.get("dispatcher") or fields.get("manager") or "")
