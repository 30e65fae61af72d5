"""What routing a live call needs to know, in one look each by index, and what the PBX was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from sql.column_types import UtcDateTime
from tasks.gateways.store.connection import insert_new, writing
from tasks.rules.calls.routing import Assigned, Seat

# Prepared once: asked for every call. A merged contact stands behind the one it was merged into.
_ASSIGNED = sa.text(
    """
    SELECT p.key, found.place FROM (
        SELECT k.manager_id AS person_id, 1 AS place
        FROM contact_point AS t INNER JOIN contact AS o ON t.contact_id = o.id
        INNER JOIN contact AS k ON k.id = coalesce(o.canonical_id, o.id)
        WHERE t.kind = 'phone' AND t.value = :phone
        UNION ALL
        SELECT f.manager_id, 2
        FROM contact_point AS t INNER JOIN contact AS o ON t.contact_id = o.id
        INNER JOIN contact AS k ON k.id = coalesce(o.canonical_id, o.id)
        INNER JOIN company AS f ON k.company_id = f.id
        WHERE t.kind = 'phone' AND t.value = :phone
        UNION ALL
        SELECT d.manager_id, 3 FROM (
            SELECT d.manager_id
            FROM contact_point AS t INNER JOIN contact AS o ON t.contact_id = o.id
            INNER JOIN deal AS d ON d.contact_id = coalesce(o.canonical_id, o.id)
            WHERE t.kind = 'phone' AND t.value = :phone AND d.outcome IS NULL AND d.manager_id IS NOT NULL
            ORDER BY d.id DESC LIMIT 1
        ) AS d
        UNION ALL
        SELECT n.responsible_id, 4 FROM (
            SELECT responsible_id FROM lead
            WHERE phone = :phone AND status IN ('new', 'in_work', 'qualified') AND responsible_id IS NOT NULL
            ORDER BY id DESC LIMIT 1
        ) AS n
    ) AS found INNER JOIN person AS p ON p.id = found.person_id
    WHERE p.is_active ORDER BY found.place
    """
)
_BY = {1: "contact", 2: "company", 3: "deal", 4: "lead"}

_STAFF = sa.text(
    """
    SELECT p.id, p.key, p.extension, p.phone, a.id AS absence_id, s.key AS stand_in
    FROM person AS p
    LEFT JOIN absence AS a ON a.person_id = p.id AND a.first_day <= :day AND a.last_day >= :day
    LEFT JOIN person AS s ON a.substitute_id = s.id AND s.is_active
    WHERE p.is_active ORDER BY p.id, a.first_day
    """
).bindparams(sa.bindparam("day", type_=sa.Date()))

# Calls whose log did not come yet are counted by what we answered since the last call that is known.
_LOADS = sa.text(
    """
    SELECT person_id, sum(n) AS n FROM (
        SELECT person_id, count(*) AS n FROM call
        WHERE started_at >= :since AND started_at <= :now AND direction = 'in' AND outcome = 'answered'
        GROUP BY person_id
        UNION ALL
        SELECT person_id, count(*) FROM call_route
        WHERE at >= :since AND at <= :now AND kind = 'queue'
        AND at > coalesce((SELECT max(started_at) FROM call WHERE started_at <= :now), :since)
        GROUP BY person_id
    ) AS taken WHERE person_id IS NOT NULL GROUP BY person_id
    """
).bindparams(sa.bindparam("since", type_=UtcDateTime()), sa.bindparam("now", type_=UtcDateTime()))


def find_assigned(connection: sa.Connection, phone: str) -> list[Assigned]:
    """Who has the owner of this number (E.164), in order of preference; nobody for an unknown one."""
    rows = connection.execute(_ASSIGNED, {"phone": phone})
    return [Assigned(row.key, _BY[row.place]) for row in rows]


def read_seats(connection: sa.Connection, day: date, since: datetime, now: datetime) -> dict[str, Seat]:
    """Everybody who works here, by key, as of `day`, which began at `since`."""
    loads = {row.person_id: int(row.n) for row in connection.execute(_LOADS, {"since": since, "now": now})}
    seats: dict[str, Seat] = {}
    for row in connection.execute(_STAFF, {"day": day}):
        seat = Seat(
            row.id,
            row.key,
            row.extension or "",
            row.phone or "",
            row.absence_id is not None,
            row.stand_in or "",
            loads.get(row.id, 0),
        )
        seats.setdefault(seat.key, seat)
    return seats


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer to a PBX, as it is kept: see the columns of `call_route`."""

    key: str
    at: datetime
    linked_id: str
    line: str | None
    caller_phone: str | None
    dialled: str
    kind: str
    queue: str
    people: tuple[int, ...]
    reason: str


def keep_answers(engine: sa.Engine, answers: Sequence[Answered]) -> int:
    """Write answers down; one that is there already stays. Returns how many were new."""
    with writing(engine) as connection:
        return insert_new(connection, schema.call_route, [_row(one) for one in answers])


def _row(answer: Answered) -> Mapping[str, Any]:
    return {
        "key": answer.key,
        "at": answer.at,
        "linked_id": answer.linked_id,
        "line": answer.line,
        "caller_phone": answer.caller_phone,
        "dialled": answer.dialled,
        "kind": answer.kind,
        "queue": answer.queue,
        "person_id": answer.people[0] if answer.people else None,
        "people": list(answer.people),
        "reason": answer.reason,
    }
