"""Absence at the door: one's own, and for the chief anybody's; kept through the next reading of the office folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from deployments.door.room import Room
from sql.schema import absence, event, person
from tasks.gateways.store.connection import writing
from tasks.gateways.store.office_sync import sync_office
from tests.door.conftest import Clock
from tests.door.visiting import Visits, rows, store_state

Visit = Callable[[Room], Visits]
DAYS = {"first_day": "2026-11-23", "last_day": "2026-11-27", "kind": "sick", "substitute": "mikhail"}
NASTY = "'; DROP TABLE absence; -- <script>alert(1)</script>"


def _key(room: Room, person_id: int | None) -> str:
    return next(str(row.key) for row in rows(room.desk.engine, person) if row.id == person_id)


def _registered(room: Room) -> list[sa.Row[tuple[object, ...]]]:
    return rows(room.desk.engine, absence, absence.c.is_registered)


def test_one_s_own_is_written_down_and_stays(room: Room, visits: Visit) -> None:
    maria = visits(room).sign_in("maria")
    assert maria.post("/my/absence", DAYS).status_code == 303
    assert maria.post("/my/absence", DAYS).status_code == 303  # a double click
    (row,) = _registered(room)
    assert (_key(room, row.person_id), _key(room, row.substitute_id)) == ("maria", "mikhail")
    assert (row.first_day, row.last_day, row.kind) == (date(2026, 11, 23), date(2026, 11, 27), "sick")
    (happened,) = rows(room.desk.engine, event, event.c.kind == "absence.registered")
    assert happened.actor == f"person:{row.person_id}"
    with writing(room.desk.engine) as connection:
        sync_office(connection, room.office, room.now())
    assert len(_registered(room)) == 1
    page = maria.get("/my").text
    assert "23 ноября 2026" in page
    assert "Михаил Сергеевич Орлов" in page


def test_anybody_s_is_the_chief_s(lite_room: Room, visits: Visit) -> None:
    maria, viktor = visits(lite_room).sign_in("maria"), visits(lite_room).sign_in("viktor")
    before = store_state(lite_room.desk.engine)
    assert maria.post("/my/absence", {**DAYS, "person": "egor"}).status_code == 403
    assert 'name="person"' not in maria.get("/my").text
    assert store_state(lite_room.desk.engine) == before
    assert 'name="person"' in viktor.get("/my").text
    assert viktor.post("/my/absence", {**DAYS, "person": "egor"}).status_code == 303
    assert [_key(lite_room, row.person_id) for row in _registered(lite_room)] == ["egor"]
    assert "Егор Николаевич Титов" in viktor.get("/my").text


def test_who_is_back_is_back(lite_room: Room, visits: Visit, clock: Clock) -> None:
    maria, egor = visits(lite_room).sign_in("maria"), visits(lite_room).sign_in("egor")
    maria.post("/my/absence", DAYS)
    (row,) = _registered(lite_room)
    assert egor.post("/my/absence/end", {"absence_id": str(row.id)}).status_code == 303
    assert len(_registered(lite_room)) == 1  # not theirs to end
    clock.pass_by(days=8)  # Wednesday in the middle of it
    maria.sign_in("maria")
    assert maria.post("/my/absence/end", {"absence_id": str(row.id)}).status_code == 303
    (ended,) = _registered(lite_room)
    assert (ended.first_day, ended.last_day) == (date(2026, 11, 23), date(2026, 11, 24))
    again = {**DAYS, "first_day": "2026-12-01", "last_day": "2026-12-02"}
    maria.post("/my/absence", again)
    later = next(row for row in _registered(lite_room) if row.first_day == date(2026, 12, 1))
    for _ in range(2):
        assert maria.post("/my/absence/end", {"absence_id": str(later.id)}).status_code == 303
    assert len(_registered(lite_room)) == 1
    folder = next(row for row in rows(lite_room.desk.engine, absence) if row.first_day == date(2026, 12, 21))
    assert maria.post("/my/absence/end", {"absence_id": str(folder.id)}).status_code == 303
    assert folder in rows(lite_room.desk.engine, absence)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"first_day": ""}, "first_day"),
        ({"last_day": "tomorrow"}, "last_day"),
        ({"last_day": "2026-11-20"}, "last_day"),
        ({"last_day": "2031-01-01"}, "last_day"),
        ({"first_day": "1999-01-01", "last_day": "1999-01-02"}, "first_day"),
        ({"substitute": "maria"}, "substitute"),
        ({"substitute": NASTY[:60]}, "substitute"),
        ({"kind": NASTY[:20]}, "kind"),
        ({"kind": NASTY}, ""),
        ({"first_day": NASTY}, ""),
        ({"person": NASTY}, ""),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    lite_room: Room, visits: Visit, wrong: dict[str, str], place: str
) -> None:
    maria = visits(lite_room).sign_in("maria")
    before = store_state(lite_room.desk.engine)
    answer = maria.post("/my/absence", {**DAYS, **wrong})
    assert answer.status_code == (403 if "person" in wrong else 422)
    assert "<script>" not in answer.text
    if place:
        assert f'href="#{place}"' in answer.text
        assert "<title>Ошибка" in answer.text
        assert 'value="2026-11-2' in answer.text or "first_day" in wrong  # what was typed is kept
    assert maria.client.post("/my/absence", data=DAYS, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert maria.post("/my/absence/end", {"absence_id": NASTY}).status_code == 422
    assert visits(lite_room).post("/my/absence", DAYS).headers["location"].startswith("/in")
    assert store_state(lite_room.desk.engine) == before
