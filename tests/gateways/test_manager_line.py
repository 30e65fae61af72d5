"""The line to Asterisk's manager interface: a real server that splits, drops, refuses, and talks nonsense."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.gateways.call_logs import manager_line
from tasks.gateways.call_logs.manager_line import Block, Blocks, Hearer, hear_manager
from tasks.rules.errors import CredentialError, OutsideError
from tests.samples.certificates import self_signed
from tests.samples.manager_server import SECRET, ManagerServer, event_bytes, manager_server

CALL = {"Event": "Cdr", "Privilege": "cdr,all", "Source": "+79000000501", "CallerID": '"Анна: дом" <501>'}
OTHER = {"Event": "FullyBooted", "Status": "Fully Booted"}
STREAM = event_bytes(CALL) + b"\r\n" + event_bytes(OTHER) + b"no name here\r\n\r\n" + event_bytes(CALL)


@pytest.fixture
def server() -> Iterator[ManagerServer]:
    with manager_server() as server:
        yield server


def _hear(server: ManagerServer, count: int, on_alive: Callable[[], None] = lambda: None) -> list[Block]:
    """What is heard until there are `count` blocks."""
    found: list[Block] = []
    end = time.monotonic() + 20
    hear_manager(
        server.place(), SECRET, Hearer(found.append, on_alive, lambda: len(found) >= count or time.monotonic() > end)
    )
    return found


def test_events_are_heard_after_a_login_that_does_not_tell_the_password(server: ManagerServer) -> None:
    server.told = STREAM
    found = _hear(server, 4)
    assert [block.fields.get("event", block.reason) for block in found] == [
        "Cdr", "FullyBooted", "a line of the event has no name", "Cdr",
    ]  # fmt: skip
    assert found[0].fields["callerid"] == '"Анна: дом" <501>'
    assert found[2].text == "no name here"
    assert [one["action"] for one in server.actions[:2]] == ["Challenge", "Login"]
    assert SECRET not in str(server.actions)


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_packets_may_be_cut_anywhere(cuts: list[int]) -> None:
    places = sorted({0, *cuts, len(STREAM)})
    blocks = Blocks()
    parts = [STREAM[begin:end] for begin, end in pairwise(places)]
    found = [block for part in parts for block in blocks.feed(part)]
    assert found == list(Blocks().feed(STREAM))
    assert len(found) == 4


@given(st.binary(max_size=300))
def test_any_bytes_are_blocks_or_wait(content: bytes) -> None:
    for block in Blocks().feed(content + b"\r\n\r\n"):
        assert bool(block.fields) != bool(block.reason)
        assert "\0" not in block.text


def test_what_is_too_long_told_twice_or_damaged_is_refused_and_the_next_is_heard() -> None:
    blocks = Blocks()
    long = b"Event: Cdr\r\nLastData: " + b"x" * 200_000
    parts = [long[start : start + 4096] for start in range(0, len(long), 4096)]
    content = [
        *parts,
        b"\r",
        b"\n\r\n",
        b"Event: Cdr\r\nEvent: Cdr\r\n\r\n",
        b"Event: C\0dr\r\n\r\n",
        event_bytes(CALL),
    ]
    found = [block for part in content for block in blocks.feed(part)]
    assert [block.reason for block in found] == [
        "the event is too long", "the event tells event twice", "the event holds NUL bytes", "",
    ]  # fmt: skip


def test_the_end_of_a_long_event_may_be_cut_in_two() -> None:
    blocks = Blocks()
    found = [*blocks.feed(b"x" * 70_000 + b"\r\n"), *blocks.feed(b"\r\n" + event_bytes(CALL))]
    assert [block.reason for block in found] == ["the event is too long", ""]


def test_half_an_event_is_none_when_the_line_is_dropped(server: ManagerServer) -> None:
    server.told = event_bytes(CALL) + event_bytes(CALL)[:30]
    found: list[Block] = []

    def take(block: Block) -> None:
        found.append(block)
        server.drop()

    with pytest.raises(OutsideError, match=r"closed the line|reset"):
        hear_manager(server.place(), SECRET, Hearer(take, lambda: None, lambda: False))
    assert len(found) == 1


def test_a_wrong_password_is_told_without_it(server: ManagerServer) -> None:
    with pytest.raises(CredentialError) as caught:
        hear_manager(server.place(), "wrong-secret", Hearer(print, lambda: None, lambda: False))
    assert "refuses the user callout: Authentication failed" in str(caught.value)
    assert "wrong-secret" not in str(caught.value)


def test_where_there_is_no_challenge_the_password_is_told_to_this_machine_only(server: ManagerServer) -> None:
    server.has_challenge, server.told = False, event_bytes(CALL)
    assert len(_hear(server, 1)) == 1
    assert [one.get("secret") for one in server.actions if one["action"] == "Login"] == [SECRET]


def test_a_password_never_travels_in_the_open(server: ManagerServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.has_challenge = False
    monkeypatch.setattr(manager_line, "_LOOPBACK", ())
    with pytest.raises(CredentialError, match="would travel in the open"):
        _hear(server, 1)
    assert server.count("Login") == 0


def test_another_program_and_nobody_are_told(server: ManagerServer) -> None:
    server.banner = b"220 mail.example ESMTP\r\n"
    with pytest.raises(OutsideError, match="another program answers"):
        _hear(server, 1)
    closed = replace(server.place(), address="127.0.0.1:1")
    with pytest.raises(OutsideError, match="cannot be used: connection refused"):
        hear_manager(closed, SECRET, Hearer(print, lambda: None, lambda: False))


def test_over_tls_the_certificate_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with manager_server(self_signed(tmp_path)) as server:
        server.told = event_bytes(CALL)
        found: list[Block] = []
        hearer = Hearer(found.append, lambda: None, lambda: bool(found))
        with pytest.raises(OutsideError, match="certificate"):
            hear_manager(server.place(is_tls=True), SECRET, hearer)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "self-signed.pem"))
        hear_manager(server.place(is_tls=True), SECRET, hearer)
        assert len(found) == 1


def test_a_server_without_tls_is_told(server: ManagerServer) -> None:
    with pytest.raises(OutsideError, match="cannot be used"):
        hear_manager(server.place(is_tls=True), SECRET, Hearer(print, lambda: None, lambda: False))


def test_a_quiet_line_is_asked_whether_it_lives(server: ManagerServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manager_line, "_QUIET_SECONDS", 0.2)
    signs: list[float] = []
    end = time.monotonic() + 20

    def is_enough() -> bool:
        return len(signs) > 3 or time.monotonic() > end

    hear_manager(server.place(), SECRET, Hearer(print, lambda: signs.append(time.monotonic()), is_enough))
    assert server.count("Ping") >= 2
    assert len(signs) > 3


def test_a_dead_line_is_left(server: ManagerServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manager_line, "_QUIET_SECONDS", 0.2)
    monkeypatch.setattr(manager_line, "_ANSWER_SECONDS", 0.8)
    server.mute = True
    with pytest.raises(OutsideError, match="does not answer any more"):
        hear_manager(server.place(), SECRET, Hearer(print, lambda: None, lambda: False))
