"""A mail server that fails in every way it can: sent = delivered, refused = not delivered, every doubt shown."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.rules.errors import OutsideError
from tasks.rules.outgoing import AmbiguousPolicy
from tests.faults.chance import KILLS, chance
from tests.faults.outbox_room import HOUR, NOW, OutboxRoom, dispatch, shorten_patience
from tests.faults.victim import DONE, FAILED, Victims, desk_of
from tests.samples.certificates import self_signed
from tests.samples.wayward_server import WAYS, WaywardServer, wayward_server

pytestmark = pytest.mark.faults

_DOUBTFUL = ("drop-at-data", "drop-inside-data", "taken-then-drop", "lost-then-drop")
_REFUSED = ("gone", "never")
_PATIENCE_SECONDS = 2.0
_LEAST_ROUNDS, _MOST_ROUNDS = 40, 400


@pytest.fixture
def room(engine: sa.Engine, tmp_path: Path, server: WaywardServer, monkeypatch: pytest.MonkeyPatch) -> OutboxRoom:
    shorten_patience(monkeypatch, _PATIENCE_SECONDS)
    return OutboxRoom(engine, tmp_path, server)


@pytest.mark.parametrize("policy", ["retry", "ask"])
def test_every_way_to_fail_has_its_end(room: OutboxRoom, policy: AmbiguousPolicy) -> None:
    room.plan(*WAYS, "good", policy=policy)
    now = room.finish()
    assert room.faults(now) == []
    doubtful = {*_DOUBTFUL, "taken-then-tarpit", "lost-then-tarpit"}
    ambiguous = doubtful if policy == "ask" else set()
    assert {name for name, state in room.states.items() if state == "ambiguous"} == ambiguous
    assert {name for name, state in room.states.items() if state == "refused"} == set(_REFUSED)
    assert {name for name, state in room.states.items() if state == "sent"} == {*WAYS, "good"} - ambiguous - {*_REFUSED}


def test_failing_again_and_again(room: OutboxRoom) -> None:
    luck = chance("broken mail server")
    quick = [way for way in WAYS if "tarpit" not in way]
    for _ in range(max(KILLS, 20)):
        ways = luck.choices([*quick, "good"], k=luck.randint(1, 3))
        room.plan("+".join(ways), policy=luck.choice(("retry", "ask")))
    now = room.finish()
    assert room.faults(now) == []


@pytest.mark.parametrize("refusal", _REFUSED)
def test_what_may_have_been_accepted_is_never_called_refused(room: OutboxRoom, refusal: str) -> None:
    room.plan(f"taken-then-drop+{refusal}")
    now = room.finish()
    assert room.faults(now) == []


def test_a_tarpit_holds_the_others_up_only_for_as_long_as_our_patience(room: OutboxRoom) -> None:
    room.plan("tarpit-at-rcpt", "lost-then-tarpit", "good")
    asyncio.run(asyncio.wait_for(dispatch(room.desk, NOW), 20))
    assert room.states["good"] == "sent"
    assert set(room.states.values()) == {"sent", "retry"}


def test_a_server_that_restarts_while_mail_leaves(room: OutboxRoom, server: WaywardServer) -> None:
    luck = chance("mail server restarts")
    is_over = threading.Event()

    def restart_again_and_again() -> None:
        while not is_over.wait(luck.uniform(0.05, 0.3)):
            server.stop()
            is_over.wait(luck.uniform(0, 0.1))
            server.start()

    restarting = threading.Thread(target=restart_again_and_again)
    restarting.start()
    now, failures = NOW, 0
    for number in range(_MOST_ROUNDS):
        if number >= _LEAST_ROUNDS and failures:
            break
        room.plan(*["good"] * 5)
        now += HOUR / 20
        try:
            asyncio.run(dispatch(room.desk, now))
        except OutsideError:
            failures += 1
    is_over.set()
    restarting.join()
    now = room.finish(now + HOUR)
    print(f"the dispatch ended {failures} times with the server")
    assert failures
    assert room.faults(now) == []


def test_a_certificate_that_nobody_vouches_for(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with wayward_server(self_signed(tmp_path)) as server:
        room = OutboxRoom(engine, tmp_path, server)
        room.plan("good", "good")
        sender = replace(room.desk.office.sender, security="tls")
        desk = desk_of(room.job, engine)
        desk.office = replace(desk.office, sender=sender)
        for _ in range(3):
            with pytest.raises(OutsideError, match="certificate"):
                asyncio.run(dispatch(desk, NOW))
        assert {(row.state, row.attempt_count) for row in room.rows()} == {("planned", 0)}
        assert room.rows(schema.outbox_attempt) == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "self-signed.pem"))
        asyncio.run(dispatch(desk, NOW))
        assert set(room.states.values()) == {"sent"}
        assert room.faults() == []


def test_a_full_disk_loses_no_answer(
    sqlite_engine: sa.Engine, tmp_path: Path, server: WaywardServer, victims: Victims
) -> None:
    room = OutboxRoom(sqlite_engine, tmp_path, server)
    full = [replace(room.job, free_pages=pages) for pages in (0, 1, 2, 4)]
    full += [replace(room.job, file_bytes=size) for size in (36_000, 50_000, 100_000, 200_000)]
    ends = []
    for job in full:
        room.plan(*["good"] * 30)
        room.plan(*["taken-then-drop"] * 5, policy="ask")
        ends.append(victims.run(job))
    assert {ended.code for ended in ends} <= {DONE, FAILED}, ends
    assert {"full", "I/O"} <= {word for ended in ends for word in ended.said.split()}, ends
    now = room.finish()
    assert room.faults(now) == []
