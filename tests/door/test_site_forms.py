"""Forms of the sites: kept as they came and made a lead in one transaction; hostile ones leave nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from httpx import Response

from deployments.door.room import Room
from sql.schema import activity, event, form_post, intake_item, lead, process_inbox
from tests.door.conftest import Clock
from tests.door.visiting import Visits, rows, store_state

Visit = Callable[[Room], Visits]
GOOD = {"name": "Иван Петров", "mail": "ivan@somebody.example", "text": "Котёл не греет, приезжайте"}


def _send(visits: Visit, room: Room, body: Any = GOOD, **headers: str) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    return visits(room).client.post("/forms/request", content=content, headers=sent)


def _change(room: Room, **changed: Any) -> None:
    office = room.desk.office
    room.desk.office = replace(office, forms=tuple(replace(form, **changed) for form in office.forms))


def test_a_post_becomes_a_lead_and_its_number_is_returned(room: Room, visits: Visit) -> None:
    answer = _send(visits, room)
    engine = room.desk.engine
    made = rows(engine, lead)[0]
    assert (answer.status_code, answer.json()) == (201, {"number": made.number})
    assert (made.channel, made.mail, made.person_name) == ("form", "ivan@somebody.example", "Иван Петров")
    assert made.take_due_at > made.created_at
    kept = rows(engine, intake_item)[0]
    assert json.loads(zlib.decompress(kept.raw)) == GOOD
    assert (kept.source, kept.state, kept.entity, kept.entity_id) == ("form:request", "settled", "lead", made.id)
    said = rows(engine, activity)[0]
    assert (said.kind, said.lead_id, said.reply_text.startswith(GOOD["text"])) == ("form", made.id, True)
    assert rows(engine, process_inbox)[0].event_id == rows(engine, event, event.c.kind == "lead.created")[0].id


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_other_ways_to_post(lite_room: Room, visits: Visit, kind: str) -> None:
    client = visits(lite_room).client
    more = {"data": GOOD} if kind == "urlencoded" else {"files": {name: (None, text) for name, text in GOOD.items()}}
    answer = client.post("/forms/request", headers={"accept": "text/html"}, **more)  # type: ignore[arg-type]
    made = rows(lite_room.desk.engine, lead)[0]
    assert (answer.status_code, made.person_name) == (200, "Иван Петров")
    assert made.number in answer.text


def test_the_same_key_makes_one_lead(room: Room, visits: Visit) -> None:
    clients = [visits(room).client for _ in range(4)]

    def send(client: Any) -> Response:
        return client.post("/forms/request", json=GOOD, headers={"idempotency-key": "k1"})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, clients))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert len(rows(room.desk.engine, lead)) == len(rows(room.desk.engine, form_post)) == 1
    other = _send(visits, room, GOOD | {"text": "x"}, idempotency_key="k1")
    assert (other.status_code, other.json()["error"]) == (409, "other_body")


def test_who_asks_again_is_heard_in_the_open_lead(lite_room: Room, visits: Visit) -> None:
    first, second = _send(visits, lite_room), _send(visits, lite_room, GOOD | {"text": "И ещё насос"})
    assert first.json() == second.json()
    assert len(rows(lite_room.desk.engine, lead)) == 1
    assert [row.lead_id for row in rows(lite_room.desk.engine, activity)] == [1, 1]


def test_a_robot_is_thanked_and_makes_nothing(lite_room: Room, visits: Visit) -> None:
    answer = _send(visits, lite_room, GOOD | {"website": "http://spam.example"})
    assert answer.status_code == 201
    assert "number" in answer.json()
    assert rows(lite_room.desk.engine, lead) == []
    assert rows(lite_room.desk.engine, intake_item)[0].state == "ignored"


HOSTILE: list[tuple[Any, dict[str, str], int]] = [
    ({"name": "x"}, {}, 422),
    (GOOD | {"mail": "no address"}, {}, 422),
    (GOOD | {"service": "rm -rf"}, {}, 422),
    (GOOD | {"text": "x" * 5000}, {}, 422),
    (b"{", {}, 400),
    (b"[" * 20000, {}, 400),
    (b"[1, 2]", {}, 400),
    (b'{"name": {"$ne": 1}}', {}, 400),
    (b"\xff\xfe", {}, 400),
    (b"name=x", {"content_type": "text/plain"}, 400),
    (b"\xff=1", {"content_type": "application/x-www-form-urlencoded"}, 400),
    (b"--x", {"content_type": "multipart/form-data; boundary=x"}, 422),
    (b"x", {"content_type": "multipart/form-data"}, 400),
    (b"x" * 70_000, {}, 413),
    (GOOD, {"origin": "https://evil.example"}, 403),
    (GOOD, {"origin": "null"}, 403),
    (GOOD, {"idempotency_key": "k" * 300}, 400),
]


@pytest.mark.parametrize(("body", "headers", "status"), HOSTILE)
def test_what_is_wrong_is_refused_in_one_line(
    lite_room: Room, visits: Visit, body: Any, headers: dict[str, str], status: int
) -> None:
    before = store_state(lite_room.desk.engine)
    answer = _send(visits, lite_room, body, **headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["reference"]
    assert "\n" not in answer.text
    assert store_state(lite_room.desk.engine) == before


def test_sql_and_html_are_only_words(room: Room, visits: Visit) -> None:
    nasty = "'; DROP TABLE lead; -- <script>alert(1)</script> {{ 7*7 }} ${x} \r\nBcc: a@b.example\x00"
    answer = _send(visits, room, {"name": nasty[:60], "mail": "x@somebody.example", "text": nasty, nasty: nasty})
    assert answer.status_code == 201
    made = rows(room.desk.engine, lead)[0]
    assert "DROP TABLE" in made.person_name
    assert "\n" not in made.title
    assert "49" not in made.title


def test_a_site_of_ours_may_post_by_script(lite_room: Room, visits: Visit) -> None:
    origin = "https://www.north-service.example"
    asked = visits(lite_room).client.options("/forms/request", headers={"origin": origin})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, origin)
    assert "idempotency-key" in asked.headers["access-control-allow-headers"]
    answer = _send(visits, lite_room, GOOD, origin=origin, sec_fetch_site="cross-site")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (201, origin)
    assert (
        visits(lite_room).client.options("/forms/request", headers={"origin": "https://x.example"}).status_code == 403
    )


def test_a_signed_form(lite_room: Room, visits: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    _change(lite_room, secret="site-form")
    monkeypatch.setenv("CALLOUT_SECRET_SITE_FORM", "key")
    body = json.dumps(GOOD).encode()
    assert _send(visits, lite_room, body).status_code == 403
    assert _send(visits, lite_room, body, x_callout_signature="sha256=" + "0" * 64).status_code == 403
    right = "sha256=" + hmac.new(b"key", body, hashlib.sha256).hexdigest()
    assert _send(visits, lite_room, body, x_callout_signature=right).status_code == 201


def test_haste_is_limited_per_address(lite_room: Room, visits: Visit, clock: Clock) -> None:
    _change(lite_room, per_hour_from_one_address=3)
    codes = [_send(visits, lite_room, GOOD | {"mail": f"a{n}@somebody.example"}).status_code for n in range(5)]
    assert codes == [201, 201, 201, 429, 429]
    assert len(rows(lite_room.desk.engine, lead)) == len(rows(lite_room.desk.engine, intake_item)) == 3
    clock.pass_by(hours=1)
    assert _send(visits, lite_room, GOOD | {"mail": "b@somebody.example"}).status_code == 201


def test_no_such_form(lite_room: Room, visits: Visit) -> None:
    for name in ("nothing", "request/x", "..%2frequest", "REQUEST"):
        assert visits(lite_room).client.post(f"/forms/{name}", json=GOOD).status_code == 404
    _change(lite_room, is_active=False)
    assert _send(visits, lite_room).status_code == 404
    assert visits(lite_room).client.get("/forms/request").status_code == 404
