"""Files of an item's fields: judged, kept and listed as papers are, and found again by the hash that a field holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tasks.door_inputs import WrongInputError
from tasks.form_files import PostedFile, is_document, paper_of
from tasks.gateways.attachment_files import keep_file, kept_type, path_of
from tasks.gateways.store.door_files import field_file_origin, sender_names
from tasks.gateways.store.door_items import NewPaper, keep_papers
from tasks.gateways.store.process_items import StoredItem
from tasks.rules.item_words import is_file_hash
from tasks.rules.process.definition import Definition, FieldPart


@dataclass(frozen=True, slots=True)
class HandedFiles:
    """Files sent for fields, one for each; when some of them are no documents, these are `refused` and nothing else."""

    files: tuple[PostedFile, ...] = ()
    papers: tuple[NewPaper, ...] = ()
    refused: tuple[PostedFile, ...] = ()

    @property
    def sets(self) -> dict[str, str]:
        """The values of the fields: what the files are kept by."""
        return {file.field: paper.sha256 for file, paper in zip(self.files, self.papers, strict=True)}


NO_FILES = HandedFiles()


@dataclass(frozen=True, slots=True)
class FieldFile:
    """The kept file that a field names; `name` is its sender's, else made from the item's number and the field."""

    sha256: str
    name: str


def takes_file(part: FieldPart) -> bool:
    """Whether a file can be handed over for the field."""
    return part.type == "file" and part.compute is None


def read_handed(definition: Definition, files: Sequence[PostedFile]) -> HandedFiles:
    """What was sent for fields of a process. Raises WrongInputError for a field that takes none, and for two of one."""
    fields = [file.field for file in files]
    taking = {name for name, part in definition.fields.items() if takes_file(part)}
    if len(set(fields)) < len(fields) or not set(fields) <= taking:
        raise WrongInputError
    refused = tuple(file for file in files if not is_document(file.content))
    if refused:
        return HandedFiles(refused=refused)
    return HandedFiles(tuple(files), tuple(paper_of(file.field, file.name, file.content) for file in files))


def keep_bytes(folder: Path, handed: HandedFiles) -> None:
    """Keep the content of the files; an act that is refused leaves bytes that no row names, and nothing else."""
    for file in handed.files:
        keep_file(folder, file.content)


def list_handed(connection: sa.Connection, stored: StoredItem, actor: str, handed: HandedFiles, at: datetime) -> None:
    """List the files as what `actor` handed over for the item, in the transaction that writes the fields."""
    for paper in handed.papers:
        keep_papers(
            connection,
            origin=field_file_origin(stored.item_id, paper.sha256),
            actor=actor,
            deal_id=stored.entity_id if stored.entity == "deal" else None,
            subject=stored.title,
            papers=[paper],
            at=at,
        )


def field_files(
    connection: sa.Connection, folder: Path, stored: StoredItem, definition: Definition, values: Mapping[str, Any]
) -> dict[str, FieldFile]:
    """The fields of type `file` whose value names a file that is kept, each with it."""
    parts = definition.fields.values()
    hashes = {part.name: str(values[part.name]) for part in parts if _names_file(folder, part, values.get(part.name))}
    if not hashes:
        return {}
    deal_id = stored.entity_id if stored.entity == "deal" else None
    names = sender_names(connection, stored.item_id, deal_id, set(hashes.values()))
    found = {}
    for field, sha256 in hashes.items():
        name = names.get(sha256) or f"{stored.number}-{field}{kept_type(folder, sha256)[1]}"
        found[field] = FieldFile(sha256, name)
    return found


def _names_file(folder: Path, part: FieldPart, value: Any) -> bool:
    return part.type == "file" and is_file_hash(value) and path_of(folder, value).is_file()
