"""The door over a real socket: hostile bytes, many at once, and decisions that survive the process."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import httpx
import pytest

from deployments.door.room import Room, carry_out_decisions
from sql.schema import approval, door_act, lead
from tests.door.conftest import Clock
from tests.door.service_order import new_order
from tests.door.serving import served
from tests.door.test_acting import link_of
from tests.door.visiting import Visits, rows
from tests.samples.waiting import wait_for

Visit = Callable[[Room], Visits]


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /in HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\r\n b\x00\r\n\r\n",
        b"POST /forms/request HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /forms/request HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nx",
        b"\x16\x03\x01 this is TLS",
        b"GET /in/%0d%0aSet-Cookie:x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET http://evil.example/in HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    ],
)
def test_hostile_bytes_are_answered_or_dropped_and_the_door_stays_open(lite_room: Room, raw: bytes) -> None:
    with served(lite_room) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(raw)
            line.settimeout(3)
            try:
                answer = line.recv(65536)
            except TimeoutError:
                answer = b""
        assert b"set-cookie" not in answer.lower()
        assert not answer or answer.split(b" ")[1][:1] in (b"3", b"4")
        assert httpx.get(f"{url}/health").status_code == 200


def test_many_forms_at_once_are_all_kept(lite_room: Room) -> None:
    with served(lite_room) as url, ThreadPoolExecutor(8) as pool, httpx.Client() as client:

        def post(number: int) -> int:
            body = {"name": "Иван", "mail": f"ivan{number}@somebody.example", "text": "Котёл"}
            return client.post(f"{url}/forms/request", json=body).status_code

        codes = list(pool.map(post, range(24)))
    assert codes == [201] * 24
    assert len({row.number for row in rows(lite_room.desk.engine, lead)}) == 24


def test_a_decision_of_a_killed_door_takes_effect_in_the_next(lite_room: Room, visits: Visit, clock: Clock) -> None:
    order = new_order(lite_room).to_approving()
    visits(lite_room).post(link_of(order, "approval", "daria"), {"choice": "yes"})
    assert [row.state for row in rows(lite_room.desk.engine, door_act)] == ["waiting"]
    clock.pass_by(minutes=10)  # the process that took it is gone; another one starts
    worker = Thread(target=carry_out_decisions, args=(lite_room,), daemon=True)
    worker.start()
    wait_for(lambda: rows(lite_room.desk.engine, door_act)[0].state == "done", 10)
    lite_room.stop.set()
    worker.join(5)
    assert order.people["daria"] in {row.voter for row in rows(lite_room.desk.engine, approval)}
