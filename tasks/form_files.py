"""Files that a web form sent: checked by what they are, kept by their content, listed with what was asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from tasks.gateways.attachment_files import content_type_of, keep_file
from tasks.gateways.store.door_items import NewPaper, list_papers
from tasks.rules.forms.posts import FieldFault, Mistake
from tasks.rules.mail.plain_text import one_line
from tasks.rules.office_door import FormField, SiteForm

# what could run where it is opened is no document
REFUSED_ENDINGS = frozenset({".exe.bin", ".bin", ".html.txt"})
NAME_CHARS = 120
# controls that turn the direction of writing: a name shown as fdp.exe backwards is no pdf (Unicode UAX 9)
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class PostedFile:
    """One file as it was sent: the field, what the sender calls it, its bytes."""

    field: str
    name: str
    content: bytes


def read_files(form: SiteForm, files: Sequence[PostedFile]) -> tuple[tuple[NewPaper, ...], tuple[FieldFault, ...]]:
    """The files of the form's fields, and every mistake in them. One of an unknown field stays in the raw post only."""
    papers: list[NewPaper] = []
    faults: list[FieldFault] = []
    for field in form.fields:
        if field.kind != "file":
            continue
        own = [file for file in files if file.field == field.name]
        mistake = _mistake(field, own)
        if mistake:
            faults.append(FieldFault(field.name, mistake))
        else:
            papers += [paper_of(file.field, file.name, file.content) for file in own]
    return tuple(papers), tuple(faults)


def _mistake(field: FormField, files: Sequence[PostedFile]) -> Mistake | None:
    if field.is_required and not files:
        return "missing"
    if len(files) > field.max_files:
        return "too_many_files"
    if any(len(file.content) > field.max_file_kilobytes * 1024 for file in files):
        return "too_large"
    return None if all(is_document(file.content) for file in files) else "no_document"


def is_document(content: bytes) -> bool:
    """Whether this is a document or a picture, by the bytes themselves."""
    return bool(content) and content_type_of(content)[1] not in REFUSED_ENDINGS


def named(name: str) -> str:
    """What the sender calls a file, in one line that is not too long and reads as it is written."""
    return _TURNS.sub("", one_line(name))[:NAME_CHARS]


def paper_of(kind: str, name: str, content: bytes) -> NewPaper:
    """A file as the store lists it."""
    sha256 = hashlib.sha256(content).hexdigest()
    content_type, ending = content_type_of(content)
    return NewPaper(sha256, f"{kind}-{sha256[:12]}{ending}", named(name), content_type, len(content))


def keep_form_files(
    connection: sa.Connection,
    folder: Path,
    sent: Mapping[int, tuple[Sequence[PostedFile], Sequence[NewPaper]]],
    at: datetime,
) -> None:
    """Keep the files of posts by the activity (row id) that each has become; the bytes lie on the disk before the rows.

    A post that is given up leaves bytes that no row names, and nothing else.
    """
    for activity_id, (files, papers) in sent.items():
        wanted = {paper.sha256 for paper in papers}
        for file in files:
            if hashlib.sha256(file.content).hexdigest() in wanted:
                keep_file(folder, file.content)
        list_papers(connection, activity_id, None, papers, at)
