"""The versions of the qualification form, and what was answered about each lead."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.upserts import upsert
from tasks.rules.errors import OfficeError
from tasks.rules.leads.qualification_form import QualificationForm


def keep_form(connection: sa.Connection, form: QualificationForm, now: datetime) -> None:
    """Keep a version of the form for ever. Raises OfficeError when the same version said something else before."""
    content = asdict(form)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    table = schema.qualification_form
    kept = connection.scalar(sa.select(table.c.digest).where(table.c.version == form.version))
    if kept is None:
        row = {"version": form.version, "digest": digest, "content": content, "at": now}
        connection.execute(sa.insert(table), row)
    elif kept != digest:
        reason = f"version {form.version} was used with other questions; a changed form needs the next version"
        raise OfficeError([f"qualification.yaml: {reason}"])


def known_answers(connection: sa.Connection, lead_id: int) -> dict[str, str]:
    """What is answered about a lead so far: field key (or free name) to value; nothing that was taken back."""
    table = schema.qualification
    rows = connection.execute(sa.select(table.c.field, table.c.value).where(table.c.lead_id == lead_id))
    return {row.field: row.value for row in rows if row.value}


def keep_answers(
    connection: sa.Connection, lead_id: int, answers: Mapping[str, str], form_version: int, at: datetime
) -> None:
    """Keep answers, one row per field; a later answer takes the place of an earlier one."""
    rows = [
        {"lead_id": lead_id, "field": name, "value": value, "form_version": form_version, "at": at}
        for name, value in answers.items()
    ]
    if rows:
        upsert(connection, schema.qualification, ("lead_id", "field"), rows)
