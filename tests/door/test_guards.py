"""What stands before every page: foreign sites, wrong hosts, too large bodies, and the headers of every answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deployments.door.guards import size_limit
from deployments.door.room import Room
from sql.schema import door_session
from tasks.rules.door.origins import is_from_own_page, is_known_host
from tests.door.visiting import Visits, rows, store_state

Visit = Callable[[Room], Visits]


@pytest.mark.parametrize(
    ("headers", "has_session", "may"),
    [
        ({"sec-fetch-site": "same-origin"}, True, True),
        ({"sec-fetch-site": "none"}, True, True),
        ({"sec-fetch-site": "same-site"}, True, False),
        ({"sec-fetch-site": "cross-site"}, False, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://door.example", "host": "door.example"}, False, False),
        ({"origin": "http://door.example", "host": "door.example"}, True, True),
        ({"origin": "https://evil.example", "host": "door.example"}, True, False),
        ({"origin": "https://door.example.evil.example", "host": "door.example"}, True, False),
        ({"origin": "null", "host": "door.example"}, False, False),
        ({"origin": "null", "host": ""}, False, False),
        ({}, True, False),
        ({}, False, True),
    ],
)
def test_only_our_own_pages_act(headers: dict[str, str], has_session: bool, may: bool) -> None:
    assert is_from_own_page("POST", headers, has_session=has_session) is may
    assert is_from_own_page("GET", headers, has_session=has_session)


@pytest.mark.parametrize(
    ("host", "is_known"),
    [
        ("127.0.0.1:8420", True),
        ("localhost", True),
        ("[::1]:8420", True),
        ("door.north-service.example", True),
        ("door.north-service.example.evil.example", False),
        ("evil.example", False),
        ("", False),
    ],
)
def test_known_hosts(host: str, is_known: bool) -> None:
    assert is_known_host(host, "https://door.north-service.example") is is_known


def test_a_foreign_page_changes_nothing(lite_room: Room, visits: Visit) -> None:
    visitor = visits(lite_room).sign_in("olga")
    before = store_state(lite_room.desk.engine)
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
        answer = visitor.client.post("/devices", data={"session_id": "0"}, headers=headers)
        assert answer.status_code == 403
        assert "Nothing was changed." in answer.text
    assert visitor.client.post("/devices", data={"session_id": "0"}).status_code == 403  # a cookie and no word whose
    assert store_state(lite_room.desk.engine) == before


def test_an_unknown_host_is_refused(lite_room: Room, visits: Visit) -> None:
    assert visits(lite_room).get("/in", headers={"host": "evil.example"}).status_code == 421


def test_too_large_is_refused_whether_it_says_so_or_not(lite_room: Room, visits: Visit) -> None:
    visitor = visits(lite_room)
    body = b"mail=" + b"x" * size_limit("/in")
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = visitor.post("/in", content=body, headers=headers)
    assert answer.status_code == 413
    assert "too large" in answer.text
    parts = (body[at : at + 9000] for at in range(0, len(body), 9000))
    assert visitor.post("/in", content=parts, headers=headers).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/in/forged", 410),
        ("POST", "/in/forged", 410),
        ("PUT", "/in", 404),
        ("GET", "/in/" + "x" * 5000, 410),
        ("GET", "/../etc/passwd", 404),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
        ("POST", "/in", 422),
    ],
)
def test_every_refusal_is_a_page_with_headers(
    lite_room: Room, visits: Visit, method: str, path: str, status: int
) -> None:
    answer = visits(lite_room).client.request(method, path, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == status
    assert "Nothing was changed." in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "script-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert rows(lite_room.desk.engine, door_session) == []


def test_a_broken_page_says_so_with_a_number(lite_room: Room, visits: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = visits(lite_room).sign_in("olga")
    monkeypatch.setattr("deployments.door.routes.entrance.devices_of", lambda *_: 1 / 0)
    answer = visitor.get("/devices")
    assert answer.status_code == 500
    assert "Ничего не изменено." in answer.text
    assert "division" not in answer.text
    assert answer.headers["content-security-policy"]


def test_health(lite_room: Room, visits: Visit) -> None:
    assert visits(lite_room).get("/health").json() == {"status": "ok"}
