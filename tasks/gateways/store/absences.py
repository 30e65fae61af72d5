"""Absences that were entered by a form: kept beside those of the office folder, and not dropped with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

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


@dataclass(frozen=True, slots=True)
class PlannedAbsence:
    """An absence that is not over; `person` and `substitute` are names. One of the office folder is ended there."""

    absence_id: int
    person_id: int
    person: str
    first_day: date
    last_day: date
    kind: str
    substitute: str
    is_registered: bool


def planned_absences(connection: sa.Connection, day: date, person_id: int | None = None) -> list[PlannedAbsence]:
    """The absences that are not over on `day`, of one person or of everybody who works here, the next first."""
    absence, person, other = schema.absence, schema.person.alias("person"), schema.person.alias("substitute")
    query = (
        sa.select(absence, person.c.name.label("person"), other.c.name.label("substitute"))
        .join(person, absence.c.person_id == person.c.id)
        .outerjoin(other, absence.c.substitute_id == other.c.id)
        .where(absence.c.last_day >= day, person.c.is_active)
        .order_by(absence.c.first_day, absence.c.id)
    )
    query = query if person_id is None else query.where(absence.c.person_id == person_id)
    return [
        PlannedAbsence(
            row.id,
            row.person_id,
            row.person,
            row.first_day,
            row.last_day,
            row.kind,
            row.substitute or "",
            row.is_registered,
        )
        for row in connection.execute(query)
    ]


def end_absence(connection: sa.Connection, absence: PlannedAbsence, day: date, actor: str, now: datetime) -> bool:
    """Somebody is back on `day`, or does not leave at all: what was away stays in the record, the rest is taken out.

    False for one of the office folder, which would come back with it, and for one that is gone already.
    """
    table = schema.absence
    which = (table.c.id == absence.absence_id, table.c.is_registered)
    if absence.first_day >= day:
        changed = connection.execute(sa.delete(table).where(*which)).rowcount
    else:
        ended = sa.update(table).where(*which, table.c.last_day >= day).values(last_day=day - timedelta(days=1))
        changed = connection.execute(ended).rowcount
    if not changed:
        return False
    key = f"absence.ended:{absence.absence_id}:{now.isoformat()}"
    said = {"first_day": str(absence.first_day), "last_day": str(absence.last_day), "back_on": str(day)}
    record_event(connection, NewEvent(key, now, "person", absence.person_id, "absence.ended", actor, said))
    return True


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
