"""An item and what is owed to it, put together for a page in the reader's language; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from tasks.door_sight import (
    Sight,
    all_words,
    brief_of,
    cost_of,
    facts_of,
    lines_of,
    moment_of,
    owing_of,
    papers_of,
    sight_of,
    title_of,
)
from tasks.gateways.store.door_items import RecordRow, children_of, read_work_row, record_of, work_of
from tasks.office_round import OfficeRound
from tasks.process_acts import explain
from tasks.rules.door.effect_words import command_title, effects, happened, stage_words
from tasks.rules.door.looks import (
    Change,
    Input,
    InputKind,
    ItemLook,
    Step,
    Trace,
    Way,
    WorkLook,
)
from tasks.rules.door.slots import bound_time, other_times, time_of_options
from tasks.rules.item_words import reason_field
from tasks.rules.process.definition import Definition, FieldPart
from tasks.rules.process.filling import fields_asked_of
from tasks.rules.process.possible import PossibleMove, moves_now
from tasks.rules.process.state import VERBS
from tasks.rules.process.view import content_hash
from tasks.rules.process.words import fill, shown

_RECORD_LINES = 60
_CHANGE_LINES = 40
_KINDS: Mapping[str, InputKind] = {
    "text": "text", "number": "number", "money": "number", "date": "date", "time": "time", "choice": "choice",
    "person": "person", "contact": "person", "list": "list", "flag": "flag",
}  # fmt: skip


def look_at_work(connection: sa.Connection, run: OfficeRound, task_id: int, language: str) -> WorkLook | None:
    """One piece of work for the page of its owner; None when there is none, or it is not of a process."""
    row = read_work_row(connection, task_id)
    if row is None or row.item_id is None:
        return None
    sight = sight_of(connection, run, row.item_id, language, (row.owner, row.closed_by))
    part = sight.definition.work.get(row.name)
    siblings = [one for one in work_of(connection, row.item_id) if one.name == row.name]
    binds = part.binds if part else ()
    time = bound_time(sight.definition, part)
    lines = lines_of(sight) if not binds or "lines" in binds else ()
    return WorkLook(
        brief=brief_of(sight),
        task_id=row.task_id,
        name=row.name,
        kind=row.kind,
        title=fill(part.title, language, all_words(sight)) if part else row.title,
        owner=row.owner,
        owner_name=sight.named(row.owner),
        state=row.state,
        round=row.round,
        newest_round=max(one.round for one in siblings),
        is_vote=bool(part and part.is_vote),
        reason_field=reason_field(sight.definition),
        content_hash=content_hash(sight.definition, sight.stored.item, row.name) if part else "",
        opened_at=row.opened_at,
        due_at=row.due_at,
        is_begun=row.begun_at is not None,
        closed_at=row.closed_at,
        closed_by=sight.named(row.closed_by),
        result=row.result,
        work_at=moment_of(sight.values.get(time or "work_at")),
        time_field=time,
        other_times=other_times(sight.values, time, run.now),
        facts=facts_of(sight, binds if row.kind == "confirm" else ()),
        lines=lines,
        cost=cost_of(sight),
        changes=_changes(connection, sight, row.opened_at, binds),
        others=[owing_of(sight, one) for one in siblings if one.round == row.round and one.task_id != row.task_id],
        papers=papers_of(sight),
        inputs=_asked_inputs(sight, row.owner) if part and not part.is_vote and row.state == "open" else (),
        revision=sight.stored.revision,
    )


def _asked_inputs(sight: Sight, owner: str) -> list[Input]:
    """The fields that the owner's open work does not close without."""
    run, definition = sight.run, sight.definition
    asked = fields_asked_of(definition, sight.stored.item, run.staff, owner, run.day(run.now))
    return [_input(sight, one) for one in definition.fields.values() if one.name in asked and _is_editable(one)]


def look_at_item(connection: sa.Connection, run: OfficeRound, item_id: int, actor: str, language: str) -> ItemLook:
    """An item for a member of staff: where it is, what is next, what one may do and why not, and its record.

    Raises sqlalchemy.exc.NoResultFound for an unknown item.
    """
    sight = sight_of(connection, run, item_id, language)
    stored, item, definition = sight.stored, sight.stored.item, sight.definition
    rows = work_of(connection, item_id)
    record = record_of(connection, stored.entity, stored.entity_id, item_id, (), _RECORD_LINES)
    facts = run.facts(connection, definition, item)
    moves = _moves(definition, facts, item, actor, run.now)
    return ItemLook(
        brief=brief_of(sight),
        version=stored.version,
        revision=stored.revision,
        stage=item.stage,
        steps=_steps(sight),
        since=item.entered_at,
        deadline_at=stored.deadline_at,
        is_overdue=bool(stored.deadline_at and stored.deadline_at < run.now and not item.outcome),
        held_reason=stored.held_reason,
        facts=facts_of(sight, ()),
        lines=lines_of(sight),
        cost=cost_of(sight),
        work=[owing_of(sight, row) for row in rows],
        ways=[_way(connection, sight, move) for move in moves if move.name not in VERBS],
        inputs=[_input(sight, part) for part in definition.fields.values() if _is_editable(part)],
        record=_traces(sight, record),
        papers=papers_of(sight),
        children=children_of(connection, item_id),
        parent_id=stored.parent_id,
        is_deal=stored.entity == "deal",
    )


def _moves(definition: Definition, facts: Any, item: Any, actor: str, now: datetime) -> Sequence[PossibleMove]:
    """What can be tried now; while a clock is due and not looked at yet, nothing can be said."""
    if item.clocks and item.clocks[0].due < now:
        return ()
    return moves_now(definition, facts, item, actor, now)


def _changes(connection: sa.Connection, sight: Sight, since: datetime, binds: Sequence[str]) -> list[Change]:
    """What was written into the fields that a vote is for, after it was asked."""
    stored = sight.stored
    rows = record_of(connection, stored.entity, stored.entity_id, stored.item_id, ("item.set",), _CHANGE_LINES)
    return [
        Change(
            title_of(sight, sight.definition.fields[row.data["field"]]),
            sight.words.get(row.data["field"], ""),
            sight.named(row.actor),
            row.at,
        )
        for row in rows
        if row.at > since and row.data.get("field") in binds and row.data["field"] in sight.definition.fields
    ]


def _steps(sight: Sight) -> list[Step]:
    current = sight.stored.item.stage
    return [
        Step(name, stage_words(stage.status, name, sight.language), name == current)
        for name, stage in sight.definition.stages.items()
        if not stage.ends or name == current
    ]


def _way(connection: sa.Connection, sight: Sight, move: PossibleMove) -> Way:
    lacking = [reason.name for reason in move.reasons if reason.kind in ("empty", "required")]
    parts = [sight.definition.fields[name] for name in dict.fromkeys(lacking) if name in sight.definition.fields]
    inputs = [_input(sight, part) for part in parts if _is_editable(part)]
    others = {reason.kind for reason in move.reasons} - {"empty", "required", "words"}
    can_be_filled = bool(inputs) and not others
    return Way(
        name=move.name,
        title=command_title(move.name, sight.language),
        is_open=move.is_accepted or (move.is_theirs and can_be_filled),
        effects=effects(sight.definition, move.decisions, sight.language, sight.named),
        reasons=explain(move.reasons, sight.language, connection, sight.run, sight.definition),
        inputs=inputs,
    )


def _is_editable(part: FieldPart) -> bool:
    return part.compute is None and part.type in _KINDS and part.name not in ("lines", "client", "number")


def _input(sight: Sight, part: FieldPart) -> Input:
    value = sight.values.get(part.name)
    kind: InputKind = "times" if time_of_options(sight.definition, part.name) else _KINDS[part.type]
    choices: list[tuple[str, str]] = []
    if kind == "choice":
        choices = [(option, shown(option, sight.language)) for option in part.options]
    elif kind == "person":
        staff = sight.run.staff.values()
        fitting = [member for member in staff if part.name in member.roles] or list(staff)
        choices = [(member.key, member.name) for member in sorted(fitting, key=lambda one: one.name)]
        value = next((member.key for member in fitting if member.ref == value), "")
    elif kind == "time":
        local = moment_of(value)
        value = _local(local, sight) if local else ""
    elif kind == "times":
        value = ", ".join(_local(moment, sight) for moment in map(moment_of, value or ()) if moment)
    elif kind == "list":
        value = ", ".join(map(str, value or ()))
    return Input(part.name, title_of(sight, part), kind, "" if value is None else str(value), choices)


def _local(moment: datetime, sight: Sight) -> str:
    """A moment as a browser's input holds it."""
    return f"{moment.astimezone(sight.run.office.zone):%Y-%m-%dT%H:%M}"


def _traces(sight: Sight, rows: Sequence[RecordRow]) -> list[Trace]:
    """The record, the newest first; what one event led to stands in one line with it, in the order of happening."""
    found: list[Trace] = []
    for (at, actor), together in groupby(rows, key=lambda row: (row.at, row.actor)):
        chain = list(together)[::-1]
        words = dict.fromkeys(
            happened(sight.definition, row.kind, row.data, sight.language, sight.named) for row in chain
        )
        channel = next((str(row.data["channel"]) for row in chain if row.data.get("channel")), "")
        details = "; ".join(said for row in chain for said in _details(row))
        found.append(Trace(at, sight.named(actor), channel, "; ".join(words), details))
    return found


def _details(row: RecordRow) -> list[str]:
    reasons = row.data.get("reasons")
    said = [str(one) for one in reasons] if isinstance(reasons, list) else []
    return [*said, *([str(row.data["text"])] if row.data.get("text") else [])]
