"""Who was at the telephone and on a break, from the queue's log, added to the facts of employees and days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from sql.tables.telephony import IS_AGENT_SIGN
from tasks.rules.calls.parties import device_of, extension_of
from tasks.rules.calls.presence import Sign, presence_of


def add_presence(connection: sa.Connection, days: Sequence[date]) -> None:
    """Note present and paused seconds in fact_agent_day, for those whose pauses the queue's log tells."""
    bounds = connection.execute(sa.select(schema.fact_day).where(schema.fact_day.c.day.in_(days))).all()
    people = _people(connection)
    found = [row for bound in bounds for row in _of_day(connection, bound, people)]
    if found:
        table = schema.fact_agent_day
        connection.execute(
            sa.update(table)
            .where(table.c.day == sa.bindparam("of_day"), table.c.person_id == sa.bindparam("who"))
            .values(present_seconds=sa.bindparam("present"), pause_seconds=sa.bindparam("paused")),
            found,
        )


def _of_day(connection: sa.Connection, bound: Any, people: Mapping[str, int]) -> list[dict[str, Any]]:
    signs = _signs(connection, bound.begins_at, bound.ends_at, people)
    talks = _talks(connection, bound.begins_at, bound.ends_at, list(signs))
    rows = []
    for person_id, own in signs.items():
        presence = presence_of(own, talks[person_id])
        if presence is not None:
            seconds = {"present": presence.present_seconds, "paused": presence.pause_seconds}
            rows.append({"of_day": bound.day, "who": person_id, **seconds})
    return rows


def _signs(
    connection: sa.Connection, begins: datetime, ends: datetime, people: Mapping[str, int]
) -> dict[int, list[Sign]]:
    event = schema.queue_event
    query = (
        sa.select(event.c.at, event.c.kind, event.c.queue, event.c.agent)
        .where(IS_AGENT_SIGN, event.c.at >= begins, event.c.at < ends)
        .order_by(event.c.at, event.c.id)
    )
    found: dict[int, list[Sign]] = defaultdict(list)
    for row in connection.execute(query):
        key = extension_of(device_of(row.agent)) or row.agent.casefold()
        if key in people:
            found[people[key]].append(Sign(row.at, row.kind, row.queue))
    return found


def _talks(
    connection: sa.Connection, begins: datetime, ends: datetime, people: Sequence[int]
) -> dict[int, list[tuple[datetime, datetime]]]:
    call = schema.call
    query = sa.select(call.c.person_id, call.c.answered_at, call.c.ended_at).where(
        call.c.started_at >= begins,
        call.c.started_at < ends,
        call.c.person_id.in_(people),
        call.c.answered_at.is_not(None),
    )
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in connection.execute(query) if people else ():
        found[row.person_id].append((row.answered_at, row.ended_at))
    return found


def _people(connection: sa.Connection) -> dict[str, int]:
    """Extension, or name as the queue may call its member, to person."""
    table = schema.person
    rows = connection.execute(sa.select(table.c.id, table.c.extension, table.c.name).where(table.c.is_active)).all()
    return {row.name.casefold(): row.id for row in rows} | {row.extension: row.id for row in rows if row.extension}
