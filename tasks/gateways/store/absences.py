"""Absences that were entered by a form: kept beside those of the office folder, and not dropped with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.staff import id_of


@dataclass(frozen=True, slots=True)
class NewAbsence:
    """Who is away from which day to which, both inclusive; `substitute` is a ref or ''."""

    person: str
    first_day: date
    last_day: date
    substitute: str
    kind: str


def register_absence(connection: sa.Connection, absence: NewAbsence, actor: str, now: datetime) -> bool:
    """Write an absence down, or change the one that begins on the same day; False when it says nothing new."""
    table, person_id = schema.absence, id_of(absence.person) or 0
    values = {
        "last_day": absence.last_day,
        "substitute_id": id_of(absence.substitute),
        "kind": absence.kind,
        "is_registered": True,
    }
    which = (table.c.person_id == person_id, table.c.first_day == absence.first_day)
    known = connection.execute(sa.select(table).where(*which)).first()
    if known is not None and all(getattr(known, name) == value for name, value in values.items()):
        return False
    row = {"person_id": person_id, "first_day": absence.first_day, **values}
    statement = insert(connection, table)
    connection.execute(statement.on_conflict_do_update(index_elements=["person_id", "first_day"], set_=values), [row])
    key = f"absence:{person_id}:{absence.first_day}:{absence.last_day}:{now.isoformat()}"
    said = {"first_day": str(absence.first_day), "last_day": str(absence.last_day), "substitute": absence.substitute}
    record_event(connection, NewEvent(key, now, "person", person_id, "absence.registered", actor, said))
    return True
