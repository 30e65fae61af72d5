"""An item with everything that gives its values words: the fields, people, positions and papers a page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tasks.door_files import FieldFile, field_files
from tasks.gateways.store.door_items import WorkRow, work_of
from tasks.gateways.store.item_subject import Subject, read_subject
from tasks.gateways.store.process_items import StoredItem, load_item
from tasks.office_round import OfficeRound
from tasks.rules.door.effect_words import stage_words
from tasks.rules.door.looks import Brief, Fact, Owing, Paper
from tasks.rules.item_words import shown_values
from tasks.rules.process.definition import Definition, FieldPart
from tasks.rules.process.values import Line
from tasks.rules.process.view import all_values
from tasks.rules.process.words import fill, said, shown

# what a page shows at a place of its own
_HIDDEN = frozenset({"lines", "cost", "number", "client", "documents", "required_documents"})


@dataclass(frozen=True, slots=True)
class Sight:
    """One item in one language; `values` are those of all fields, computed ones too, `files` what fields name."""

    run: OfficeRound
    stored: StoredItem
    definition: Definition
    subject: Subject
    language: str
    values: Mapping[str, Any]
    words: Mapping[str, str]
    files: Mapping[str, FieldFile]

    def named(self, ref: str) -> str:
        """The name of a person or contact."""
        return self.subject.names.get(ref, ref)


def sight_of(
    connection: sa.Connection, run: OfficeRound, item_id: int, language: str, folder: Path, refs: Sequence[str] = ()
) -> Sight:
    """The item with everybody it mentions; files are kept in `folder`. Raises sqlalchemy.exc.NoResultFound."""
    stored = load_item(connection, item_id)
    definition = run.definition(stored.process, stored.version)
    values = all_values(definition, stored.item)
    mentioned = [str(value) for value in values.values() if isinstance(value, str) and ":" in value]
    owners = [row.owner for row in work_of(connection, item_id)]
    staff = {ref: member.name for ref, member in run.staff.items()}
    subject = read_subject(connection, stored, staff, [*mentioned, *owners, *refs], run.office.currency)
    words = shown_values(definition, values, subject.names, language, run.office.zone, subject.currency)
    files = field_files(connection, folder, stored, definition, values)
    return Sight(run, stored, definition, subject, language, values, words, files)


def all_words(sight: Sight) -> dict[str, str]:
    """Every field in words, for the texts of the process file."""
    return {"number": sight.stored.number, "client": sight.subject.client_name} | dict(sight.words)


def brief_of(sight: Sight) -> Brief:
    """The item in short."""
    stored, subject = sight.stored, sight.subject
    status = stored.status_text or stage_words(
        sight.definition.stages[stored.item.stage].status, stored.item.stage, sight.language
    )
    return Brief(
        item_id=stored.item_id,
        process=stored.process,
        process_title=said(sight.definition.title, sight.language) or stored.process.replace("_", " "),
        number=stored.number,
        title=stored.title,
        status=status,
        client=subject.client_name,
        company=subject.company_name,
        phone=subject.client_phone,
        address=sight.words.get("address", ""),
        currency=subject.currency,
        outcome=stored.item.outcome or "",
        is_held=stored.item.is_held,
    )


def title_of(sight: Sight, part: FieldPart) -> str:
    """A field as a label says it."""
    own = part.title.get(sight.language) or next(iter(part.title.values()), "")
    return own or shown(part.name, sight.language).replace("_", " ")


def value_of(sight: Sight, name: str) -> str:
    """A field's value in words; a file is called what its sender called it."""
    return sight.files[name].name if name in sight.files else sight.words.get(name, "")


def facts_of(sight: Sight, only: Sequence[str]) -> list[Fact]:
    """The filled fields in words; `only` these, none named: all but those with a place of their own."""
    hashes = {name: file.sha256 for name, file in sight.files.items()}
    return [
        Fact(name, title_of(sight, part), value_of(sight, name), hashes.get(name, ""))
        for name, part in sight.definition.fields.items()
        if sight.words.get(name) and (name in only if only else name not in _HIDDEN)
    ]


def lines_of(sight: Sight) -> tuple[Line, ...]:
    """The positions: the item's own, else those of its deal."""
    found = sight.values.get("lines") or ()
    return tuple(line for line in found if isinstance(line, Line)) or sight.subject.lines


def cost_of(sight: Sight) -> Decimal:
    """What it costs in all."""
    found = sight.values.get("cost") or sight.values.get("amount")
    return found if isinstance(found, Decimal) else sum((line.amount for line in lines_of(sight)), Decimal(0))


def moment_of(value: Any) -> datetime | None:
    """An ISO time of a field; None when there is none."""
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def papers_of(sight: Sight) -> list[Paper]:
    """The documents that are wanted or there."""
    there = sight.values.get("documents") or ()
    wanted = sight.values.get("required_documents") or ()
    return [Paper(kind, shown(kind, sight.language), kind in there) for kind in dict.fromkeys((*wanted, *there))]


def owing_of(sight: Sight, row: WorkRow) -> Owing:
    """A row of work in words."""
    part = sight.definition.work.get(row.name)
    return Owing(
        task_id=row.task_id,
        title=fill(part.title, sight.language, all_words(sight)) if part else row.title,
        name=sight.named(row.owner),
        state=row.state,
        due_at=row.due_at,
        is_overdue=row.state == "open" and bool(row.due_at and row.due_at < sight.run.now),
        is_begun=row.begun_at is not None,
        closed_at=row.closed_at,
        by=sight.named(row.closed_by),
        result=row.result,
    )
