"""A PBX asks the door who should get a call: the answer, its dialects, its record, and silence of the store."""

from __future__ import annotations

import sqlite3
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from httpx import Response

from deployments.door import route_line
from deployments.door.room import Room
from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.line_life import give_up_line
from tests.door.conftest import NOON
from tests.door.visiting import Visits, rows

Visit = Callable[[Room], Visits]
LINE, CLIENT, STRANGER = "+79000000100", "+79000000701", "+79000000799"
TODAY = date(2026, 11, 17)
LOCKED_SECONDS = 5.0  # whoever waits for the lock waits for 30; `bench route` shows the promised 0.2


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLOUT_SECRET_PBX_TOKEN", "right")


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Where time is not what is asked, a busy machine has some more of it."""
    if "locked" not in request.node.name:
        monkeypatch.setattr(route_line, "_PATIENCE_SECONDS", 10.0)


def _opened(room: Room, **routing: Any) -> Room:
    telephony = room.desk.office.telephony
    changed = replace(telephony.routing, secret="pbx-token", **routing)
    room.desk.office = replace(room.desk.office, telephony=replace(telephony, routing=changed))
    return room


def _people(room: Room) -> dict[str, int]:
    return {row.key: row.id for row in rows(room.desk.engine, schema.person)}


def _client(room: Room, phone: str = CLIENT, **more: Any) -> int:
    with writing(room.desk.engine) as connection:
        made = sa.insert(schema.contact).values(name="Client", created_at=NOON, **more).returning(schema.contact.c.id)
        contact_id = connection.scalar(made)
        point = {"contact_id": contact_id, "kind": "phone", "value": phone, "raw": phone}
        connection.execute(sa.insert(schema.contact_point).values(point))
    return int(contact_id or 0)


def _ask(client: Any, query: str, bearer: str = "right") -> Response:
    return client.get(f"/telephony/route?{query}", headers={"authorization": f"Bearer {bearer}"})  # type: ignore[no-any-return]  # the test client


def _told(client: Any, **said: str) -> tuple[str, list[str]]:
    answer = _ask(client, "&".join(f"{name}={quote(value)}" for name, value in said.items()))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["kind"], [one["person"] for one in found["targets"]]


def _until(look: Callable[[], list[Any]], is_enough: Callable[[list[Any]], bool]) -> list[Any]:
    """What is seen once it is enough, or after ten seconds."""
    end = time.monotonic() + 10
    while not is_enough(found := look()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def test_the_way_of_a_call(room: Room, visits: Visit) -> None:
    people = _people(_opened(room))
    _client(room, manager_id=people["mikhail"])
    client = visits(room).client
    assert _told(client, line=LINE, caller=STRANGER) == ("queue", ["olga"])  # pavel is away, olga stands in
    assert _told(client, line=LINE, caller="8 (900) 000-07-01") == ("manager", ["mikhail", "olga"])
    assert _told(client, line=LINE, caller=CLIENT, dialled="104") == ("extension", ["daria", "olga"])
    assert _told(client, line=LINE, caller=STRANGER, dialled="601") == ("queue", ["daria", "olga"])
    assert _told(client, line=LINE, caller=STRANGER, dialled="106") == ("extension", ["olga"])
    assert _told(client, line=LINE, caller=STRANGER, tried="olga") == ("last_resort", [])
    assert _told(client, line=LINE, dialled=LINE) == ("queue", ["olga"])


def test_who_has_the_caller(room: Room, visits: Visit) -> None:
    people = _people(_opened(room))
    phones = [f"+7900000071{number}" for number in range(5)]
    with writing(room.desk.engine) as connection:
        firm = sa.insert(schema.company).values(name="Firm", manager_id=people["maria"], created_at=NOON)
        firm_id = connection.scalar(firm.returning(schema.company.c.id))
    _client(room, phones[0], company_id=firm_id)
    dealt = _client(room, phones[1])
    kept = _client(room, phones[2], manager_id=people["egor"])
    _client(room, phones[3], canonical_id=kept)
    deal = {"pipeline": "service", "stage": "work", "stage_entered_at": NOON, "created_at": NOON, "contact_id": dealt}
    lead = {"number": "L-77", "origin_key": "x", "channel": "call", "phone": phones[4], "status": "in_work",
            "responsible_id": people["anna"], "created_at": NOON, "take_due_at": NOON}  # fmt: skip
    with writing(room.desk.engine) as connection:
        for number, who, outcome in (("D-71", "timur", None), ("D-72", "olga", "lost")):
            row = deal | {"number": number, "manager_id": people[who], "outcome": outcome}
            connection.execute(sa.insert(schema.deal).values(row))
        connection.execute(sa.insert(schema.lead).values(lead))
    client = visits(room).client
    assert [_told(client, caller=phone)[1][0] for phone in phones] == ["maria", "timur", "egor", "egor", "anna"]


def test_load_and_absence_are_seen(room: Room, visits: Visit) -> None:
    people = _people(_opened(room))
    call = {"source": "pbx", "direction": "in", "outcome": "answered", "talk_seconds": 5, "leg_count": 1,
            "transfer_count": 0, "person_id": people["daria"]}  # fmt: skip
    with writing(room.desk.engine) as connection:
        for number, hours in enumerate((1, 2, 20)):
            at = NOON - timedelta(hours=hours)
            connection.execute(
                sa.insert(schema.call).values(call | {"linked_id": str(number), "started_at": at, "ended_at": at})
            )
    client = visits(room).client
    assert _told(client, dialled="601")[1] == ["olga", "daria"]
    with writing(room.desk.engine) as connection:
        away = {"person_id": people["olga"], "first_day": TODAY, "last_day": TODAY, "substitute_id": people["anna"]}
        connection.execute(sa.insert(schema.absence).values(away))
    assert _told(visits(room).client, dialled="601")[1] == ["anna", "daria"]


def test_every_answer_is_recorded_behind_its_back(room: Room, visits: Visit) -> None:
    people = _people(_opened(room))
    visit = visits(room)
    assert _ask(visit.client, f"line={quote(LINE)}&caller={quote(STRANGER)}&call=u.1").status_code == 200
    assert _ask(visit.client, "caller=anonymous&tried=olga").status_code == 200
    first, second = _until(lambda: rows(room.desk.engine, schema.call_route), lambda found: len(found) == 2)
    assert (first.linked_id, first.line, first.caller_phone, first.at) == ("u.1", LINE, STRANGER, NOON)
    assert (first.kind, first.queue, first.person_id, first.people) == (
        "queue",
        "600",
        people["olga"],
        [people["olga"]],
    )
    assert (second.kind, second.caller_phone, second.person_id, second.people) == ("last_resort", None, None, [])


def test_the_dialects(lite_room: Room, visits: Visit) -> None:
    client = visits(_opened(lite_room, sip_domain="pbx.example")).client
    lines = _ask(client, "format=asterisk&dialled=104")
    assert lines.headers["content-type"].startswith("text/plain")
    assert lines.text.splitlines()[:3] == ["kind=extension", "targets=104,101", "seconds=20,15"]
    assert _ask(client, "format=3cx&dialled=104").json()["destination"] == "104"
    basic = {"authorization": "Basic " + b64encode(b"pbx:right").decode()}
    way = f"/telephony/route?format=twilio&From={quote(STRANGER)}&To={quote(LINE)}&CallSid=CA1&ApiVersion=2010"
    twiml = client.get(way, headers=basic)
    dial = ElementTree.fromstring(twiml.text)[0]  # noqa: S314 (our own text)
    assert (twiml.headers["content-type"], dial[0].text) == ("text/xml; charset=utf-8", "sip:101@pbx.example")
    again = client.get(f"/telephony/{dial.attrib['action']}&DialCallStatus=no-answer&CallSid=CA1", headers=basic)
    assert "sip:100@pbx.example" in again.text
    over = client.get(f"/telephony/{dial.attrib['action']}&DialCallStatus=completed", headers=basic)
    assert "<Hangup/>" in over.text


@pytest.mark.parametrize(
    "caller", ["", "anonymous", "<script>", "'; DROP TABLE call;--", "٠١٢٣", "+", "sip:x@[::1", "%s"]
)
def test_an_odd_caller_is_an_unknown_one(lite_room: Room, visits: Visit, caller: str) -> None:
    assert _told(visits(_opened(lite_room)).client, line="nonsense", caller=caller) == ("queue", ["olga"])


@pytest.mark.parametrize(
    "query",
    ["caller=" + "9" * 121, "caller=%00", "line=a%0d%0ab", "format=yaml", "caller=1&caller=2", "dialled=%1b[31m"],
)
def test_nonsense_is_refused_in_one_line(lite_room: Room, visits: Visit, query: str) -> None:
    answer = _ask(visits(_opened(lite_room)).client, query)
    assert (answer.status_code, answer.text.count("\n")) == (400, 0)
    assert answer.json()["error"] == "bad_request"


def test_only_the_pbx_is_answered(lite_room: Room, visits: Visit) -> None:
    closed = visits(lite_room).client
    assert _ask(closed, "dialled=104").status_code == 403
    client = visits(_opened(lite_room)).client
    assert [_ask(client, "dialled=104", token).status_code for token in ("", "wrong", "rightt")] == [403] * 3
    for header in ("", "Basic", "Basic !!!", "Basic cmlnaHQ=", "Digest right"):
        answer = client.get("/telephony/route", headers={"authorization": header})
        assert answer.status_code == 403, header


def test_a_line_that_was_given_up_goes_to_the_last_resort(lite_room: Room, visits: Visit) -> None:
    give_up_line(_opened(lite_room).desk, LINE, NOON - timedelta(hours=25))
    client = visits(lite_room).client
    assert _told(client, line=LINE, caller=STRANGER) == ("last_resort", [])
    assert _told(client, line="+79000000101", caller=STRANGER) == ("queue", ["olga"])


@contextmanager
def _locked(engine: sa.Engine) -> Iterator[None]:
    """Nobody else can even read."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        owner = sqlite3.connect(str(engine.url.database), isolation_level=None)
        owner.execute("PRAGMA locking_mode=EXCLUSIVE")
        owner.execute("BEGIN EXCLUSIVE")
        owner.execute("UPDATE numerator SET last_value = last_value")
        yield
        owner.execute("ROLLBACK")
        owner.close()
        return
    with engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE contact_point, person, absence, call IN ACCESS EXCLUSIVE MODE")
        yield


def test_a_locked_store_keeps_no_caller_waiting(room: Room, visits: Visit) -> None:
    _client(_opened(room), manager_id=_people(room)["mikhail"])
    with _locked(room.desk.engine):
        client = visits(room).client
        for query in (f"caller={quote(CLIENT)}", f"caller={quote(CLIENT)}&dialled=104"):
            begun = time.perf_counter()
            answer = _ask(client, query)
            took = time.perf_counter() - begun
            kind = "extension" if "104" in query else "last_resort"
            assert (answer.status_code, answer.json()["kind"]) == (200, kind), answer.text
            assert answer.json()["last_resort"] == "100"
            assert "did not answer in time" in answer.json()["reason"]
            assert took < LOCKED_SECONDS
    asked = _until(lambda: [_told(client, caller=CLIENT)], lambda found: found[0][0] == "manager")
    assert asked == [("manager", ["mikhail", "olga"])]
    kept = _until(lambda: rows(room.desk.engine, schema.call_route), lambda found: len(found) >= 3)
    kinds = [row.kind for row in kept]
    assert (kinds[:2], kinds[-1]) == (["last_resort", "extension"], "manager")


def test_the_looks_go_by_index(sqlite_engine: sa.Engine) -> None:
    from tasks.gateways.store import call_routing

    with reading(sqlite_engine) as connection:
        for text in (call_routing._ASSIGNED, call_routing._LOADS):
            values = dict.fromkeys(text.compile().params, "2026-11-17 00:00:00.000000")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text.text}", values).all()
            scans = [row[3] for row in plan if row[3].startswith("SCAN") and "USING" not in row[3]]
            assert [one for one in scans if one.split()[1] in ("contact_point", "deal", "lead", "call", "o", "t")] == []
