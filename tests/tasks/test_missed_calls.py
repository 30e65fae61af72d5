"""What becomes of a missed call: returned in time or late, by anybody and in any spelling, come back, or lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deployments.settings import PROJECT
from sql import schema
from tasks.gateways.office_folder import load_office
from tasks.gateways.store.call_results import settle_waiting
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.office_sync import sync_office
from tasks.gateways.store.report_rows import read_rows
from tasks.rules.office import Office
from tasks.rules.phones import to_e164

NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)  # a Tuesday, twelve o'clock in Moscow
CLIENT = "+79000000801"
DAY = {"from": NOON - timedelta(days=1), "until": NOON + timedelta(days=30), "as_of": NOON + timedelta(days=60)}


class Day:
    """A store with the sample company's staff, into which calls come."""

    def __init__(self, engine: sa.Engine, office: Office) -> None:
        self.engine, self.office, self.calls = engine, office, 0
        with writing(engine) as connection:
            sync_office(connection, office, NOON)
        with reading(engine) as connection:
            rows = connection.execute(sa.select(schema.person.c.key, schema.person.c.id))
            self.people: dict[str, int] = {row.key: row.id for row in rows}

    def call(self, direction: str, outcome: str, at: datetime, number: str = CLIENT, **more: Any) -> None:
        """One call, as it was folded."""
        self.calls += 1
        row = {"source": "pbx", "linked_id": str(self.calls), "direction": direction, "outcome": outcome,
               "started_at": at, "answered_at": at if outcome == "answered" else None, "wait_seconds": 20,
               "ended_at": at + timedelta(seconds=30), "talk_seconds": 0, "leg_count": 1, "transfer_count": 0,
               "client_phone": to_e164(number, "RU"), "queue": "601"}  # fmt: skip
        with writing(self.engine) as connection:
            connection.execute(sa.insert(schema.call).values(row | more))

    def settle(self, now: datetime) -> dict[str, int]:
        """The step of the flow."""
        return settle_waiting(self.engine, self.office, now)

    def seen(self) -> list[tuple[str, Any]]:
        """How each missed call stands, and which call settled it."""
        with reading(self.engine) as connection:
            found = read_rows(connection, "missed_rows", **DAY)
        return [(row["course"], row["resolved_call_id"]) for row in found]

    def rows(self, table: sa.Table) -> list[Any]:
        """Rows of a table."""
        with reading(self.engine) as connection:
            return list(connection.execute(sa.select(table).order_by(table.c.id)))


@pytest.fixture
def day(engine: sa.Engine) -> Day:
    return Day(engine, load_office(PROJECT / "deployments" / "office"))


@pytest.mark.parametrize(
    ("minutes", "direction", "outcome", "number", "course"),
    [
        (30, "out", "answered", "8 900 000-08-01", "returned_in_time"),
        (30, "out", "no_answer", "tel:+7-900-000-08-01", "returned_in_time"),
        (61, "out", "answered", "+7 (900) 000 08 01", "returned_late"),
        (30, "in", "answered", "79000000801", "came_back"),
        (30, "out", "busy", CLIENT, "open"),
        (30, "out", "answered", "+79000000802", "open"),
    ],
)
def test_what_settles_it(day: Day, minutes: int, direction: str, outcome: str, number: str, course: str) -> None:
    day.call("in", "abandoned", NOON)
    day.settle(NOON + timedelta(minutes=1))
    day.call(direction, outcome, NOON + timedelta(minutes=minutes), number, person_id=day.people["egor"], queue=None)
    day.settle(NOON + timedelta(hours=3))
    is_open = course == "open"
    assert day.seen() == [(course, None if is_open else 2)]
    task = day.rows(schema.work_task)[0]
    assert (task.state, task.closed_by) == (("open", None) if is_open else ("done", f"person:{day.people['egor']}"))
    told = [row.data for row in day.rows(schema.event) if row.kind in ("missed_call.returned", "missed_call.came_back")]
    in_time = course != "returned_late"
    evidence = {"call_id": 2, "person_id": day.people["egor"], "is_in_time": in_time}
    assert told == ([] if is_open else [evidence])


def test_the_deadline_runs_in_working_time(day: Day) -> None:
    evening = datetime(2026, 11, 20, 14, 45, tzinfo=UTC)  # a Friday, 17:45 in Moscow
    day.call("in", "abandoned", evening)
    day.settle(evening + timedelta(minutes=1))
    due = day.rows(schema.missed_call)[0].due_at
    assert due > datetime(2026, 11, 23, 5, tzinfo=UTC)  # Monday


def test_the_right_person_calls_back(day: Day) -> None:
    with writing(day.engine) as connection:
        made = sa.insert(schema.contact).values(name="C", manager_id=day.people["mikhail"], created_at=NOON)
        contact_id = connection.scalar(made.returning(schema.contact.c.id))
        point = {"contact_id": contact_id, "kind": "phone", "value": CLIENT, "raw": CLIENT}
        connection.execute(sa.insert(schema.contact_point).values(point))
        away = {"person_id": day.people["daria"], "first_day": date(2026, 11, 18), "last_day": date(2026, 11, 18),
                "substitute_id": day.people["anna"], "is_registered": True}  # fmt: skip
        connection.execute(sa.insert(schema.absence).values(away))
    day.call("in", "abandoned", NOON)
    day.call("in", "abandoned", NOON, "+79000000802")
    day.call("in", "abandoned", NOON, "+79000000803", queue=None)
    day.call("in", "abandoned", NOON + timedelta(days=1), "+79000000804")
    day.settle(NOON + timedelta(days=1, hours=1))
    names = {person_id: key for key, person_id in day.people.items()}
    assert [names[row.person_id] for row in day.rows(schema.missed_call)] == ["mikhail", "daria", "olga", "anna"]


def test_what_nobody_returned_is_lost_with_its_last_call(day: Day) -> None:
    days = day.office.telephony.lost_after_days
    day.call("in", "abandoned", NOON)
    day.call("in", "abandoned", NOON + timedelta(days=3))
    assert day.settle(NOON + timedelta(days=days, hours=1))["lost"] == 0
    end = NOON + timedelta(days=days + 3, seconds=30)
    assert day.settle(end)["lost"] == 2
    assert day.settle(end)["lost"] == 0
    assert day.seen() == [("lost", None), ("lost", None)]
    task = day.rows(schema.work_task)[0]
    assert (task.state, task.result, task.closed_at) == ("withdrawn", "lost", end)
    # a log that came late: somebody had called back before
    day.call("out", "answered", NOON + timedelta(days=5))
    day.settle(end + timedelta(hours=1))
    assert day.seen() == [("returned_late", 3), ("returned_late", 3)]


def test_a_lost_one_stays_lost_when_the_caller_comes_later(day: Day) -> None:
    day.office = replace(day.office, telephony=replace(day.office.telephony, lost_after_days=1))
    day.call("in", "abandoned", NOON)
    day.settle(NOON + timedelta(days=2))
    day.call("in", "answered", NOON + timedelta(days=3))
    day.settle(NOON + timedelta(days=4))
    assert day.seen() == [("lost", None)]


def test_nothing_is_lost_where_the_office_says_never(day: Day) -> None:
    day.office = replace(day.office, telephony=replace(day.office.telephony, lost_after_days=0))
    day.call("in", "abandoned", NOON)
    assert day.settle(NOON + timedelta(days=1000))["lost"] == 0


@pytest.mark.parametrize(("outcome", "is_checked", "leads"), [
    ("answered", True, 1), ("answered", False, 0), ("no_answer", True, 0),
])  # fmt: skip
def test_a_checked_line_makes_a_lead_of_a_call_to_nobody_known(
    day: Day, outcome: str, is_checked: bool, leads: int
) -> None:
    line = replace(day.office.telephony.lines[0], check_outgoing=is_checked)
    day.office = replace(day.office, telephony=replace(day.office.telephony, lines=(line,)))
    for minutes in (0, 30):
        more = {"person_id": day.people["egor"], "line": line.number, "queue": None}
        day.call("out", outcome, NOON + timedelta(minutes=minutes), **more)
    day.settle(NOON + timedelta(hours=1))
    found = [(one.title, one.responsible_id) for one in day.rows(schema.lead)]
    assert found == [("Звонок на номер +7900***0801", day.people["egor"])] * leads
    assert len(day.rows(schema.activity)) == 2
