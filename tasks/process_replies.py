"""Replies by mail: facts first (documents, fields), then the command, each through the one step of all acts.

What is no command is a letter for a person; what was accepted is confirmed, what was refused says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.process_items import StoredItem, load_item
from tasks.gateways.store.work import Reply, WaitingEvent, attach_documents, read_reply, read_task
from tasks.letters import Letter, confirm_reply, pass_on, refuse_reply
from tasks.office_round import OfficeRound
from tasks.process_acting import Act, Acted, Channel, perform
from tasks.process_holds import HELD_WORK
from tasks.process_releasing import release
from tasks.process_steps import Stepped
from tasks.rules.deal_answers import Given, field_names, read_values
from tasks.rules.item_words import fill, reason_field
from tasks.rules.process.definition import Definition
from tasks.rules.process.filling import fields_asked_of
from tasks.rules.process.reasons import Reason
from tasks.rules.reply_command import ReplyCommand, document_kind, interpret

_VERBS = {"take": "begin", "done": "done", "paid": "done", "yes": "approve", "no": "decline"}
# who may change an order by mail; executors and clients answer what they are asked
_EDITORS = frozenset({"operator", "manager", "dispatcher", "chief", "accounting"})
_ANSWERED = "client_answered"


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified answer about an item: who wrote it, what it says, and the task it answers."""

    event: WaitingEvent
    reply: Reply
    command: ReplyCommand | None
    is_staff: bool
    definition: Definition

    @property
    def task_id(self) -> int | None:
        """The work_task the answered message asked for."""
        return self.event.data.get("work_task_id")

    @property
    def channel(self) -> Channel:
        """How it came."""
        return "chat" if self.event.data.get("channel") == "chat" else "mail"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of documents that came with it."""
        return tuple(kind for kind in map(document_kind, self.reply.file_names) if kind)


def take_reply(connection: sa.Connection, run: OfficeRound, stored: StoredItem, event: WaitingEvent) -> Stepped:
    """A verified reply about an item, in its turn. Raises ConflictError."""
    activity_id = int(event.data["activity_id"])
    reply = read_reply(connection, activity_id)
    if stored.entity == "deal":
        attach_documents(connection, activity_id, stored.entity_id)
    definition = run.definition(stored.process, stored.version)
    is_staff = event.actor.startswith("person:")
    answer = Answer(event, reply, interpret(reply.text, field_names(definition)), is_staff, definition)
    given = _given(run, stored, answer)
    counts, changed = _change(connection, run, stored, answer, given)
    if answer.command and answer.command.verb and not given.reasons:
        return _after(connection, counts + _command(connection, run, stored, answer), stored)
    if given.reasons and is_staff:
        return _after(
            connection, counts + Counter(refused=1) + _refused(connection, run, stored, answer, given.reasons), stored
        )
    is_files_only = answer.command is None and bool(answer.kinds)
    is_fields_only = answer.command is not None and not given.reasons
    if changed and (is_files_only or is_fields_only):
        return _after(connection, counts + _confirmed(connection, run, stored, answer), stored)
    return _after(connection, counts + _letter(connection, run, stored, answer), stored)


def _after(connection: sa.Connection, counts: Counter[str], stored: StoredItem) -> Stepped:
    return Stepped(load_item(connection, stored.item_id), counts)


def _given(run: OfficeRound, stored: StoredItem, answer: Answer) -> Given:
    """The field values of an answer, from those who run orders, and from whoever owes work that asks for them."""
    member = run.staff.get(answer.event.actor)
    if answer.command is None:
        return Given({})
    given = read_values(run.knowledge(answer.definition), answer.command, answer.event.at)
    if given.sets and stored.item.outcome:
        return Given({}, (Reason("ended", found=stored.item.outcome),))
    if not (given.sets or given.reasons) or (member is not None and member.roles & _EDITORS):
        return given
    day = run.day(answer.event.at)
    asked = fields_asked_of(answer.definition, stored.item, run.staff, answer.event.actor, day)
    if member is not None and asked and set(given.sets) <= asked:
        return given
    return Given({}, (Reason("who", wanted=("dispatcher", "manager")),))


def _change(
    connection: sa.Connection, run: OfficeRound, stored: StoredItem, answer: Answer, given: Given
) -> tuple[Counter[str], bool]:
    """Field values and documents are facts: they stay, whatever becomes of the command. Whether there were any."""
    sets: dict[str, Any] = dict(given.sets)
    files = answer.definition.fields.get("documents")
    if answer.kinds and files is not None and not files.compute:
        there = stored.item.fields.get("documents") or ()
        sets["documents"] = tuple(sorted({*there, *answer.kinds}))
    name = "changed" if answer.is_staff else _ANSWERED
    if not sets and name == "changed":
        return Counter(), False
    wanted = _act(answer, stored, name, sets, f"{answer.event.key}:facts", is_fact=not answer.is_staff)
    acted = perform(connection, run, wanted)
    return acted.counts, bool(sets) and acted.is_accepted


def _act(
    answer: Answer, stored: StoredItem, name: str, sets: Mapping[str, Any], key: str, *, is_fact: bool = False
) -> Act:
    return Act(
        key=key,
        item_id=stored.item_id,
        name=name,
        actor=answer.event.actor,
        channel=answer.channel,
        sets=sets,
        task_id=None if is_fact or name == "changed" else answer.task_id,
        text=answer.command.reason if answer.command else "",
        at=answer.event.at,
        cause_id=answer.event.event_id,
        is_fact=is_fact,
    )


def _command(connection: sa.Connection, run: OfficeRound, stored: StoredItem, answer: Answer) -> Counter[str]:
    command = answer.command
    if command is None:
        return Counter()
    task = read_task(connection, answer.task_id) if answer.task_id else None
    if task is not None and task.name == HELD_WORK and command.verb in ("done", "yes"):
        fresh = load_item(connection, stored.item_id)
        return release(
            connection, run, fresh, answer.event.actor, answer.event.at, answer.channel, answer.event.event_id
        )
    acted = _acted(connection, run, stored, answer, command)
    if not acted.reasons:
        return acted.counts + _confirmed(connection, run, stored, answer)
    if not answer.is_staff:
        return acted.counts + _letter(connection, run, stored, answer)
    return acted.counts + _refused(connection, run, stored, answer, acted.reasons)


def _acted(
    connection: sa.Connection, run: OfficeRound, stored: StoredItem, answer: Answer, command: ReplyCommand
) -> Acted:
    """The command; a verb that fits no work which was asked may be a command of the file, or of the only open work."""
    why = reason_field(answer.definition)
    sets = {why: command.reason} if command.reason and why else {}
    name = _VERBS.get(command.verb, command.verb)
    wanted = _act(answer, stored, name, sets, f"{answer.event.key}:{command.verb}")
    acted = perform(connection, run, wanted)
    kinds = {reason.kind for reason in acted.reasons}
    if wanted.task_id is None or not kinds or not kinds <= {"nothing_asked", "closed", "who"}:
        return acted
    if command.verb in ("yes", "no") and "closed" in kinds:
        return acted  # a vote is for what its own letter said, never for what was asked since
    again = perform(connection, run, replace(wanted, task_id=None))
    return again if again.is_accepted else acted


def _confirmed(connection: sa.Connection, run: OfficeRound, stored: StoredItem, answer: Answer) -> Counter[str]:
    """Whoever answered hears what it came to."""
    fresh = load_item(connection, stored.item_id)
    stage = answer.definition.stages[fresh.item.stage]
    letter = _letter_of(stored, answer)
    status = fresh.status_text or fill(stage.status, run.office.language, {})
    return Counter(notices=confirm_reply(connection, run, letter, stored.title, status))


def _letter_of(stored: StoredItem, answer: Answer) -> Letter:
    return Letter(answer.event, stored.number, answer.reply.text, stored.item_id)


def _refused(
    connection: sa.Connection,
    run: OfficeRound,
    stored: StoredItem,
    answer: Answer,
    reasons: tuple[Reason, ...],
) -> Counter[str]:
    letter = _letter_of(stored, answer)
    return Counter(notices=refuse_reply(connection, run, letter, reasons))


def _letter(connection: sa.Connection, run: OfficeRound, stored: StoredItem, answer: Answer) -> Counter[str]:
    """What is no command goes to whoever runs the item; to an own colleague who was asked something, with help."""
    letter = _letter_of(stored, answer)
    if answer.is_staff and answer.task_id:
        return Counter(notices=refuse_reply(connection, run, letter, ()), refused=1)
    fields = stored.item.fields
    reader = fields.get("dispatcher") or fields.get("manager") or ""
    return pass_on(connection, run, letter, str(reader))
