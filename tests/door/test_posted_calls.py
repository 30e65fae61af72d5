"""Calls told at the door: committed before 2xx, once, without any token; then folded and settled at once."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from httpx import Response

from deployments.door.room import Room
from sql.schema import activity, call, call_leg, event, intake_item, lead, quarantine_row
from tasks.calls import fold_calls, settle_calls, switchboard_of
from tasks.gateways.call_logs.held_lines import read_held_line
from tasks.rules.office import CallLog
from tests.door.conftest import NOON
from tests.door.visiting import Visits, rows

Visit = Callable[[Room], Visits]
LOGS = (
    CallLog("own", kind="post", time_zone="Europe/Moscow", post_secret="own-token"),
    CallLog("portal", kind="bitrix24", time_zone="Europe/Moscow", url="https://north.example/rest/1", secret="b",
            post_secret="event-token", people={"17": "101"}),
    CallLog("closed", kind="post", time_zone="UTC", post_secret="own-token", is_active=False),
)  # fmt: skip
CALL = {
    "id": "c1", "direction": "in", "client": "+79000000501", "line": "+79000000100", "outcome": "answered",
    "started_at": (NOON - timedelta(seconds=61)).isoformat(), "answered_at": (NOON - timedelta(seconds=49)).isoformat(),
    "ended_at": (NOON - timedelta(seconds=1)).isoformat(), "extension": "101",
}  # fmt: skip
DATA = {
    "CALL_ID": "ext.1", "CALL_TYPE": "2", "PHONE_NUMBER": "+79000000502", "PORTAL_NUMBER": "79000000100",
    "PORTAL_USER_ID": "17", "CALL_DURATION": "0", "CALL_START_DATE": (NOON - timedelta(seconds=20)).isoformat(),
    "CALL_FAILED_CODE": "304", "COST": "0",
}  # fmt: skip
AUTH = {"application_token": "app-secret", "access_token": "access-secret", "domain": "north.example"}


@pytest.fixture(autouse=True)
def _tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLOUT_SECRET_OWN_TOKEN", "right")
    monkeypatch.setenv("CALLOUT_SECRET_EVENT_TOKEN", "app-secret")


def _open(room: Room) -> Room:
    office = room.desk.office
    room.desk.office = replace(office, telephony=replace(office.telephony, logs=LOGS))
    return room


def _tell(visits: Visit, room: Room, body: Any, bearer: str = "right", source: str = "own") -> Response:
    headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return visits(room).client.post(f"/telephony/{source}", content=content, headers=headers)


def test_a_call_is_kept_once_and_becomes_a_lead_at_once(room: Room, visits: Visit) -> None:
    engine = _open(room).desk.engine
    answers = [_tell(visits, room, CALL) for _ in range(2)]
    told = [(answer.status_code, answer.json()["result"]) for answer in answers]
    assert told == [(201, "new"), (200, "repeated")]
    assert [(leg.source, leg.file_line[:5]) for leg in rows(engine, call_leg)] == [("own", "post:")]
    kept = rows(engine, intake_item)
    assert [(one.source, one.state, json.loads(zlib.decompress(one.raw))) for one in kept] == [
        ("telephony:own", "settled", CALL)
    ]
    assert fold_calls.fn(room.desk, NOON) == {"calls": 0, "changed_calls": 0}
    assert fold_calls.fn(room.desk, NOON, is_early=True) == {"calls": 1, "changed_calls": 0}
    settle_calls.fn(room.desk, NOON)
    made = rows(engine, call)[0]
    assert (made.outcome, made.wait_seconds, made.talk_seconds, made.line) == ("answered", 12, 48, "+79000000100")
    assert [one.phone for one in rows(engine, lead)] == ["+79000000501"]
    assert len(rows(engine, activity)) == 1


def test_a_call_told_otherwise_later_counts_anew(room: Room, visits: Visit) -> None:
    engine = _open(room).desk.engine
    _tell(visits, room, CALL)
    fold_calls.fn(room.desk, NOON, is_early=True)
    answer = _tell(visits, room, CALL | {"answered_at": CALL["started_at"]})
    assert (answer.status_code, answer.json()["result"]) == (200, "corrected")
    assert fold_calls.fn(room.desk, NOON, is_early=True) == {"calls": 0, "changed_calls": 1}
    assert [one.talk_seconds for one in rows(engine, call)] == [60]
    assert [one.data["file_line"][:5] for one in rows(engine, event, event.c.kind == "call_leg.corrected")] == ["post:"]
    assert _tell(visits, room, CALL).json()["result"] == "repeated"


@pytest.mark.parametrize("way", ["form", "json"])
def test_bitrix24s_event_leaves_no_token_anywhere(room: Room, visits: Visit, way: str) -> None:
    engine = _open(room).desk.engine
    body = {"event": "ONVOXIMPLANTCALLEND", "ts": "1", "data": DATA, "auth": AUTH}
    fields = {"event": "ONVOXIMPLANTCALLEND", "ts": "1"}
    fields |= {f"{part}[{name}]": text for part in ("data", "auth") for name, text in body[part].items()}  # type: ignore[attr-defined]  # test data
    client = visits(room).client
    more: dict[str, Any] = {"json": body} if way == "json" else {
        "content": urlencode(fields), "headers": {"content-type": "application/x-www-form-urlencoded"}
    }  # fmt: skip
    answer = client.post("/telephony/portal", **more)
    assert (answer.status_code, answer.json()) == (201, {"result": "new"})
    leg = rows(engine, call_leg)[0]
    assert (leg.natural_key, leg.extension, leg.disposition, leg.wait_seconds) == ("ext.1", "101", "no_answer", None)
    everything = json.dumps([str(row) for table in (call_leg, event) for row in rows(engine, table)])
    everything += "".join(zlib.decompress(one.raw).decode() for one in rows(engine, intake_item))
    assert "app-secret" not in everything
    assert "access-secret" not in everything


def test_strangers_and_nonsense_leave_nothing(lite_room: Room, visits: Visit) -> None:
    room = _open(lite_room)
    for token in ("", "wrong", "app-secret"):
        assert _tell(visits, room, CALL, token).status_code == 403
    body = {"event": "ONVOXIMPLANTCALLEND", "data": DATA}
    assert _tell(visits, room, body | {"auth": AUTH | {"application_token": "x"}}, source="portal").status_code == 403
    assert _tell(visits, room, body | {"event": "ONAPPINSTALL", "auth": AUTH}, source="portal").status_code == 400
    for raw in (b"", b"\xff", b"[1]", b"[" * 100_000):
        assert _tell(visits, room, raw).status_code == 400
    assert [_tell(visits, room, CALL, source=name).status_code for name in ("closed", "nobody")] == [404, 404]
    assert _tell(visits, room, b'{"a": "' + b"x" * 300_000 + b'"}').status_code == 413
    assert rows(room.desk.engine, intake_item) == rows(room.desk.engine, call_leg) == []


def test_a_call_that_makes_no_sense_is_held_with_its_reason(lite_room: Room, visits: Visit) -> None:
    room = _open(lite_room)
    for changed, reason in (
        ({"duration_seconds": 10**18, "ended_at": ""}, "whole number"),
        ({"started_at": "1999-01-01T00:00:00Z"}, "2000 or later"),
        ({"outcom": "answered"}, "is it outcome"),
    ):
        answer = _tell(visits, room, CALL | changed)
        assert (answer.status_code, reason in answer.json()["reason"]) == (422, True), answer.text
    held = rows(room.desk.engine, quarantine_row)
    assert [row.source for row in held] == ["own", "own", "own"]
    assert rows(room.desk.engine, call_leg) == []
    board = switchboard_of(room.desk.office, LOGS[0])
    assert "is it outcome" in str(read_held_line(held[2].row_key, held[2].raw, LOGS[0], board))
