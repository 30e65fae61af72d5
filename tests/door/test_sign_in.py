"""Signing in: the same answer to everybody, a link that is good once, and sessions that end when they should."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from deployments.door.room import Room
from sql.schema import door_session, door_sign_in, outbox, person, role_member
from tasks.gateways.store.connection import writing
from tests.door.conftest import Clock
from tests.door.visiting import Visits, last_mail, links_in, rows

Visit = Callable[[Room], Visits]


def test_a_member_of_staff_signs_in_by_mail(room: Room, visits: Visit) -> None:
    visitor = visits(room)
    visitor.post("/in", {"mail": " Olga@North-Service.example", "to": "/devices"})
    link = links_in(last_mail(room.desk.engine))[-1]
    assert link.startswith(f"{room.url}/in/")
    assert link.endswith("?to=%2Fdevices")
    assert "Вход" in rows(room.desk.engine, outbox)[-1].subject
    path = link.removeprefix(room.url)
    for _ in range(3):  # a mail scanner looks at it first
        assert "Sign in" in visitor.get(path).text
    answer = visitor.post(path.partition("?")[0], {"to": "/devices"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/devices")
    page = visitor.get("/devices").text
    assert "Ольга Павловна Зимина" in page
    assert "Мои устройства" in page  # in her language, not in the browser's


def test_the_answer_is_the_same_for_every_address(lite_room: Room, visits: Visit) -> None:
    mails = ("olga@north-service.example", "nobody@north-service.example", "x", "a@b\r\nBcc: c@d", "' or 1=1 --")
    answers = {visits(lite_room).post("/in", {"mail": mail}).text for mail in mails}
    assert len(answers) == 1
    assert len(rows(lite_room.desk.engine, outbox)) == 1


def test_a_link_is_good_once_and_for_a_quarter_of_an_hour(lite_room: Room, visits: Visit, clock: Clock) -> None:
    first, other = visits(lite_room), visits(lite_room)
    first.post("/in", {"mail": "olga@north-service.example"})
    path = links_in(last_mail(lite_room.desk.engine))[-1].removeprefix(lite_room.url).partition("?")[0]
    assert first.post(path).status_code == 303
    assert other.post(path).status_code == 410
    assert other.get(path).status_code == 410
    first.post("/in", {"mail": "olga@north-service.example"})
    late = links_in(last_mail(lite_room.desk.engine))[-1].removeprefix(lite_room.url).partition("?")[0]
    clock.pass_by(minutes=16)
    assert other.get(late).status_code == 410
    assert other.post(late).status_code == 410
    assert len(rows(lite_room.desk.engine, door_session)) == 1


def test_no_token_is_kept(lite_room: Room, visits: Visit) -> None:
    visitor = visits(lite_room).sign_in("olga")
    kept = str(rows(lite_room.desk.engine, door_session) + rows(lite_room.desk.engine, door_sign_in))
    assert visitor.client.cookies["callout-door"] not in kept


def test_no_more_than_five_mails_an_hour(lite_room: Room, visits: Visit, clock: Clock) -> None:
    visitor = visits(lite_room)
    for _ in range(7):
        assert visitor.post("/in", {"mail": "olga@north-service.example"}).status_code == 200
    assert len(rows(lite_room.desk.engine, outbox)) == 5
    clock.pass_by(hours=1)
    visitor.post("/in", {"mail": "olga@north-service.example"})
    assert len(rows(lite_room.desk.engine, outbox)) == 6


def test_a_stranger_is_sent_to_the_entrance_and_back(lite_room: Room, visits: Visit) -> None:
    answer = visits(lite_room).get("/devices")
    assert (answer.status_code, answer.headers["location"]) == (303, "/in?to=%2Fdevices")


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example", "/\\evil", "/a\r\nSet-Cookie: x=1", "/a b", "javascript:1"]
)
def test_nobody_is_led_away(lite_room: Room, visits: Visit, place: str) -> None:
    visitor = visits(lite_room)
    visitor.post("/in", {"mail": "olga@north-service.example", "to": place})
    link = links_in(last_mail(lite_room.desk.engine))[-1]
    assert link.endswith("?to=%2Fmy")
    answer = visitor.post(link.removeprefix(lite_room.url).partition("?")[0], {"to": place})
    assert answer.headers["location"] == "/my"
    assert answer.headers.get_list("set-cookie") == [value for value in answer.headers.get_list("set-cookie")
                                                     if value.startswith("callout-door=")]  # fmt: skip


def test_signing_out_per_device(lite_room: Room, visits: Visit) -> None:
    desk, phone, other = (visits(lite_room).sign_in(key) for key in ("olga", "olga", "daria"))
    sessions = rows(lite_room.desk.engine, door_session)
    assert desk.post("/devices", {"session_id": str(sessions[1].id)}).headers["location"] == "/devices"
    assert phone.get("/devices").status_code == 303
    assert desk.get("/devices").status_code == 200
    # another person's session is not ended, whatever number is sent
    desk.post("/devices", {"session_id": str(sessions[2].id)})
    assert other.get("/devices").status_code == 200
    assert desk.post("/devices", {"session_id": "0"}).headers["location"] == "/in"
    assert desk.get("/devices").status_code == 303


def test_who_leaves_or_gets_another_role_is_signed_out(room: Room, visits: Visit) -> None:
    olga, daria = visits(room).sign_in("olga"), visits(room).sign_in("daria")
    with writing(room.desk.engine) as connection:
        connection.execute(sa.update(person).where(person.c.key == "olga").values(is_active=False))
        daria_id = connection.scalar(sa.select(person.c.id).where(person.c.key == "daria"))
        connection.execute(sa.insert(role_member).values(role="chief", person_id=daria_id))
    assert olga.get("/devices").status_code == 303
    assert daria.get("/devices").status_code == 303


def test_a_session_runs_out(lite_room: Room, visits: Visit, clock: Clock) -> None:
    visitor = visits(lite_room).sign_in("olga")
    for _ in range(4):
        clock.pass_by(days=6, hours=23)
        assert visitor.get("/devices").status_code == 200
    clock.pass_by(days=3)
    assert visitor.get("/devices").status_code == 303  # 30 days in all
    idle = visits(lite_room).sign_in("olga")
    clock.pass_by(days=7, minutes=1)
    assert idle.get("/devices").status_code == 303


def test_the_cookie_is_bound_to_the_host_behind_tls(lite_room: Room, visits: Visit) -> None:
    office = lite_room.desk.office
    lite_room.desk.office = replace(office, door=replace(office.door, url="https://door.north-service.example"))
    visitor = visits(lite_room)
    visitor.client.base_url = "https://door.north-service.example"
    visitor.post("/in", {"mail": "olga@north-service.example"})
    path = links_in(last_mail(lite_room.desk.engine))[-1].removeprefix(lite_room.url).partition("?")[0]
    cookie = visitor.post(path).headers["set-cookie"].lower()
    assert cookie.startswith("__host-callout=")
    assert all(part in cookie for part in ("httponly", "secure", "samesite=lax", "path=/"))
    assert "strict-transport-security" in visitor.get("/devices").headers


def test_the_log_knows_no_token(lite_room: Room, visits: Visit, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "callout.door"):
        visitor = visits(lite_room).sign_in("olga")
        visitor.get("/a/SECRET-TOKEN")
    assert "/in/…" in caplog.text
    assert "/a/…" in caplog.text
    assert "SECRET" not in caplog.text
    assert "olga" not in caplog.text
