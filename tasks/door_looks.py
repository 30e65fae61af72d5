"""An item and what is owed to it, put together for a page in the reader's language; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa

from tasks.door_fields import input_of, is_editable
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
    value_of,
)
from tasks.door_ways import corrections_of, ways_of
from tasks.gateways.store.door_items import RecordRow, children_of, read_work_row, record_of, work_of
from tasks.office_round import OfficeRound
from tasks.rules.door.effect_words import happened, stage_words
from tasks.rules.door.looks import (
    Change,
    Fact,
    Input,
    ItemLook,
    Step,
    Trace,
    WorkLook,
)
from tasks.rules.door.slots import bound_time, other_times
from tasks.rules.item_words import reason_field
from tasks.rules.process.filling import fields_asked_of
from tasks.rules.process.view import content_hash
from tasks.rules.process.words import fill

_RECORD_LINES = 60
_CHANGE_LINES = 40


def look_at_work(
    connection: sa.Connection, run: OfficeRound, task_id: int, actor: str, language: str, folder: Path
) -> WorkLook | None:
    """One piece of work for the page where `actor` answers it; files are kept in `folder`.

    None when there is none, or it is not of a process.
    """
    row = read_work_row(connection, task_id)
    if row is None or row.item_id is None:
        return None
    sight = sight_of(connection, run, row.item_id, language, folder, (row.owner, row.closed_by))
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
        facts=_facts_for(sight, actor, binds, binds if row.kind == "confirm" else ()),
        lines=lines,
        cost=cost_of(sight),
        changes=_changes(connection, sight, row.opened_at, binds),
        others=[owing_of(sight, one) for one in siblings if one.round == row.round and one.task_id != row.task_id],
        papers=papers_of(sight),
        inputs=_asked_inputs(sight, row.owner) if part and not part.is_vote and row.state == "open" else (),
        corrections=corrections_of(connection, sight, row, actor),
        revision=sight.stored.revision,
    )


def _facts_for(sight: Sight, actor: str, binds: Sequence[str], only: Sequence[str]) -> list[Fact]:
    """The facts of a piece of work; a client is shown the files that a vote is for, and none that went before them."""
    facts = facts_of(sight, only)
    is_client = actor.startswith("contact:")
    return [one for one in facts if not (is_client and binds and one.sha256 and one.name not in binds)]


def _asked_inputs(sight: Sight, owner: str) -> list[Input]:
    """The fields that the owner's open work does not close without."""
    run, definition = sight.run, sight.definition
    asked = fields_asked_of(definition, sight.stored.item, run.staff, owner, run.day(run.now))
    return [input_of(sight, one) for one in definition.fields.values() if one.name in asked and is_editable(one)]


def look_at_item(
    connection: sa.Connection, run: OfficeRound, item_id: int, actor: str, language: str, folder: Path
) -> ItemLook:
    """An item for a member of staff: where it is, what is next, what one may do and why not, and its record.

    Files are kept in `folder`. Raises sqlalchemy.exc.NoResultFound for an unknown item.
    """
    sight = sight_of(connection, run, item_id, language, folder)
    stored, item, definition = sight.stored, sight.stored.item, sight.definition
    rows = work_of(connection, item_id)
    record = record_of(connection, stored.entity, stored.entity_id, item_id, (), _RECORD_LINES)
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
        ways=ways_of(connection, sight, actor),
        inputs=[input_of(sight, part) for part in definition.fields.values() if is_editable(part)],
        record=_traces(sight, record),
        papers=papers_of(sight),
        children=children_of(connection, item_id),
        parent_id=stored.parent_id,
        is_deal=stored.entity == "deal",
    )


def _changes(connection: sa.Connection, sight: Sight, since: datetime, binds: Sequence[str]) -> list[Change]:
    """What was written into the fields that a vote is for, after it was asked."""
    stored = sight.stored
    rows = record_of(connection, stored.entity, stored.entity_id, stored.item_id, ("item.set",), _CHANGE_LINES)
    return [
        Change(
            title_of(sight, sight.definition.fields[row.data["field"]]),
            value_of(sight, row.data["field"]),
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
