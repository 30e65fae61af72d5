"""Calendar entries are told once each: made, moved, taken back, and not at all when nobody knew of them."""

from __future__ import annotations

import zlib
from datetime import timedelta
from email import message_from_bytes

import icalendar
import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import writing
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.process_promises import PlannedEntry, cancel_entries, plan_entry
from tasks.invitations import plan_invitations
from tests.samples.small_office import write_wordings
from tests.tasks.outbox_at_work import NOW, dispatch, rows

HOUR = timedelta(hours=1)
SUBJECT = "Subject: {{ title }}\n\n{{ at|moment }}\n"


class Diary:
    """One item with appointments of one client."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        with writing(desk.engine) as connection:
            new = sa.insert(schema.contact).values(name="Анна", created_at=NOW).returning(schema.contact.c.id)
            self.who = f"contact:{connection.execute(new).scalar_one()}"
            point = {"contact_id": 1, "kind": "mail", "value": "anna@example.com", "raw": "anna@example.com"}
            connection.execute(sa.insert(schema.contact_point).values(point))
            self.cause = record_event(connection, NewEvent("e", NOW, "deal", 1, "x", "person:1"))
            item = {"key": "i", "process": "service", "version": 1, "entity": "deal", "entity_id": 7, "stage": "new"}
            times = {"stage_entered_at": NOW, "created_at": NOW}
            connection.execute(
                sa.insert(schema.process_item).values(item | times | {"visit": 1, "fields": {}, "memory": {}})
            )

    def put(self, in_hours: int, changed_in: int = 0, uid: str = "1:visit") -> None:
        entry = PlannedEntry(1, uid, self.who, NOW + in_hours * HOUR, "Выезд")
        with writing(self.desk.engine) as connection:
            plan_entry(connection, entry, NOW + changed_in * HOUR, self.cause)

    def cancel(self, changed_in: int = 0, uid: str = "1:visit") -> None:
        with writing(self.desk.engine) as connection:
            assert cancel_entries(connection, 1, NOW + changed_in * HOUR, self.cause, uid=uid) == 1

    def told(self) -> list[tuple[str, int, str]]:
        """Method, sequence and UID of each mail that was planned."""
        found = []
        for row in rows(self.desk):
            mail = message_from_bytes(zlib.decompress(row.raw))
            part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
            calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
            event = calendar.walk("VEVENT")[0]
            found.append((str(calendar["METHOD"]), int(event["SEQUENCE"]), str(event["UID"])))
        return found


@pytest.fixture
def diary(desk: Desk) -> Diary:
    for name in ("calendar_invited", "calendar_cancelled"):
        write_wordings(desk.files / "templates", {f"ru/{name}.txt.j2": SUBJECT})
    return Diary(desk)


async def test_made_moved_and_taken_back(desk: Desk, diary: Diary) -> None:
    diary.put(24)
    assert plan_invitations(desk, NOW) == 1
    assert plan_invitations(desk, NOW + HOUR) == 0
    diary.put(48, changed_in=2)
    diary.put(48, changed_in=3)  # nothing new
    assert plan_invitations(desk, NOW + 4 * HOUR) == 1
    diary.cancel(changed_in=5)
    assert plan_invitations(desk, NOW + 6 * HOUR) == 1
    uid = diary.told()[0][2]
    assert diary.told() == [("REQUEST", 0, uid), ("REQUEST", 1, uid), ("CANCEL", 2, uid)]
    assert uid.endswith("@north-service.example")
    assert {(row.entity, row.entity_id, row.item_id) for row in rows(desk)} == {("deal", 7, 1)}
    assert await dispatch(desk, NOW + 6 * HOUR) == {"sent": 3}


def test_the_last_state_is_told_and_nothing_of_what_nobody_knew(desk: Desk, diary: Diary) -> None:
    diary.put(24)
    diary.put(30, changed_in=1)
    diary.put(10, uid="1:other")
    diary.cancel(changed_in=1, uid="1:other")
    assert plan_invitations(desk, NOW + 2 * HOUR) == 1
    assert [(method, sequence) for method, sequence, _ in diary.told()] == [("REQUEST", 1)]


def test_a_run_of_an_earlier_moment_sees_nothing_later(desk: Desk, diary: Diary) -> None:
    diary.put(24, changed_in=1)
    assert plan_invitations(desk, NOW) == 0
    assert plan_invitations(desk, NOW + 48 * HOUR) == 1
    diary.put(24, changed_in=40, uid="1:other")
    assert plan_invitations(desk, NOW + 49 * HOUR) == 1
