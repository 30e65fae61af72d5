"""Process files as they were when items began: kept for ever by (name, version), never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.rules.errors import OfficeError


@dataclass(frozen=True, slots=True)
class KeptDefinition:
    """One version of a process file: its content as read, in the order of its keys."""

    name: str
    version: int
    digest: str
    content: str

    def raw(self) -> dict[str, Any]:
        """The content as the file's keys with values."""
        parsed: dict[str, Any] = json.loads(self.content)
        return parsed


def kept_form(raw: Mapping[str, Any]) -> KeptDefinition:
    """A parsed process file as it is kept; the order of stages and rules is part of the content."""
    content = json.dumps(raw, ensure_ascii=False, default=str)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return KeptDefinition(str(raw["process"]), int(raw["version"]), digest, content)


def refuse_changed(known: Sequence[KeptDefinition], raws: Mapping[str, Mapping[str, Any]]) -> None:
    """A version never changes its content, because items run by it. `raws`: file name without ending → content.

    Raises OfficeError that names the version to write instead.
    """
    digests = {(kept.name, kept.version): kept.digest for kept in known}
    problems = []
    for file, raw in sorted(raws.items()):
        form = kept_form(raw)
        if digests.get((form.name, form.version), form.digest) != form.digest:
            newest = max(kept.version for kept in known if kept.name == form.name)
            problems.append(
                f"processes/{file}.yaml: version {form.version} of {form.name} was loaded before with other content, "
                f"and items may run by it: write version: {newest + 1}"
            )
    if problems:
        raise OfficeError(problems)


def keep_definitions(connection: sa.Connection, raws: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
    """Keep the versions that are new. Raises OfficeError; see `refuse_changed`."""
    refuse_changed(read_definitions(connection), raws)
    rows = [
        {"name": form.name, "version": form.version, "digest": form.digest, "content": form.content, "loaded_at": now}
        for form in map(kept_form, raws.values())
    ]
    connection.execute(insert(connection, schema.process_definition).on_conflict_do_nothing(), rows)


def read_definitions(connection: sa.Connection) -> list[KeptDefinition]:
    """Every kept definition, by name and version."""
    table = schema.process_definition
    rows = connection.execute(sa.select(table).order_by(table.c.name, table.c.version))
    return [KeptDefinition(row.name, row.version, row.digest, row.content) for row in rows]
