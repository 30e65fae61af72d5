"""The listener at Asterisk's manager interface: a call is kept at once, a lost line is taken up again, it stops."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from deployments.listener import manager_watching
from deployments.listener.call_watching import CALLS
from deployments.listener.manager_watching import watch_managers
from deployments.listener.worklist import Worklist
from sql.schema import call_leg, quarantine_row, source_health
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import reading
from tasks.rules.errors import StoreError
from tasks.rules.office import CallLog, Telephony
from tasks.rules.office_telephony import Manager
from tests.samples.manager_server import SECRET, ManagerServer, event_bytes, manager_server
from tests.samples.small_office import small_office
from tests.samples.waiting import wait_for
from tests.tasks.test_live_calls import CDR


@dataclass(slots=True)
class Listening:
    """A listener at one manager interface; `threads` are its watchers."""

    desk: Desk
    server: ManagerServer
    worklist: Worklist = field(default_factory=Worklist)
    stop: Event = field(default_factory=Event)
    threads: list[Thread] = field(default_factory=list)

    def begin(self, target: Callable[..., None], *args: object) -> Thread:
        """Start a watcher."""
        thread = Thread(target=target, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()
        return thread

    def tell(self, sequence: int) -> None:
        """The PBX tells one call."""
        wait_for(lambda: self.server.lines, 20)
        self.server.tell(event_bytes({"Event": "Cdr"} | CDR | {"Sequence": str(sequence)}))

    def rows(self, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
        """What is stored."""
        with reading(self.desk.engine) as connection:
            return list(connection.execute(sa.select(table)))


@pytest.fixture
def listening(sqlite_engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listening]:
    monkeypatch.setattr(manager_watching, "_FIRST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(manager_watching, "_OFFICE_LOOK_SECONDS", 0.1)
    (tmp_path / "pbx-manager").write_text(SECRET, encoding="utf-8")
    with manager_server() as server:
        log = CallLog("pbx", str(tmp_path), "Europe/Moscow", ami=server.place())
        office = replace(small_office(tmp_path), telephony=Telephony((log,)))
        found = Listening(Desk(office, sqlite_engine, SecretSource(tmp_path), tmp_path, tmp_path), server)
        found.begin(watch_managers, found.desk, found.worklist, found.begin, found.stop)
        yield found
        found.stop.set()
        for thread in found.threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in found.threads)


def test_a_call_is_kept_and_its_intake_asked_for_at_once(listening: Listening) -> None:
    listening.tell(1)
    assert listening.worklist.take(CALLS, 20)
    assert [row.natural_key for row in listening.rows(call_leg)] == ["1794906000.1/1"]
    beats = wait_for(lambda: listening.rows(source_health), 20)
    assert [(row.source, row.failure_count, row.beat_at is not None) for row in beats] == [("ami:pbx", 0, True)]


def test_a_broken_event_does_not_stop_the_rest(listening: Listening) -> None:
    wait_for(lambda: listening.server.lines, 20)
    listening.server.tell(b"Event: Cdr\r\nSource: x\r\n\r\n\xff\0garbage\r\n\r\n")
    listening.tell(1)
    assert listening.worklist.take(CALLS, 20)
    assert len(listening.rows(call_leg)) == 1
    assert len(listening.rows(quarantine_row)) == 2


def test_a_lost_line_is_taken_up_again(listening: Listening) -> None:
    listening.tell(1)
    wait_for(lambda: len(listening.rows(call_leg)) == 1, 20)
    listening.server.drop()
    listening.tell(2)
    wait_for(lambda: len(listening.rows(call_leg)) == 2, 20)
    assert listening.server.count("Login") == 2


def test_a_call_that_the_store_does_not_take_now_is_taken_later(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manager_watching, "_STORE_PAUSE_SECONDS", 0.05)
    keep, asked = manager_watching.take_live, list[float]()

    def locked_first(*args: object) -> object:
        asked.append(time.monotonic())
        if len(asked) < 3:
            raise StoreError("the store is locked")
        return keep(*args)  # type: ignore[arg-type]  # handed through as they came

    monkeypatch.setattr(manager_watching, "take_live", locked_first)
    listening.tell(1)
    wait_for(lambda: len(listening.rows(call_leg)) == 1, 20)
    assert len(asked) == 3


def test_a_wrong_password_is_not_offered_again_at_once(
    listening: Listening, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wait_for(lambda: listening.server.lines, 20)
    (tmp_path / "pbx-manager").write_text("no-such-secret", encoding="utf-8")
    with caplog.at_level(logging.WARNING, "callout.listener"):
        listening.server.drop()
        wait_for(lambda: "again in 60 s" in caplog.text, 20)
    assert listening.server.count("Login") == 2
    assert "no-such-secret" not in caplog.text
    assert [row.failure_count for row in listening.rows(source_health)] == [2]
    listening.desk.office = replace(listening.desk.office, telephony=Telephony())
    wait_for(lambda: sum(thread.is_alive() for thread in listening.threads) == 1, 20)


def test_the_office_decides_where_is_listened(listening: Listening) -> None:
    wait_for(lambda: listening.server.lines, 20)
    office = listening.desk.office
    log = office.telephony.logs[0]
    listening.desk.office = replace(office, telephony=Telephony((replace(log, ami=Manager()),)))
    wait_for(lambda: listening.server.count("Logoff") == 1, 20)
    listening.desk.office = office
    wait_for(lambda: listening.server.count("Login") == 2, 20)
