"""What follows a job: deals after mail, a second look when mail was left for later, a pause after a failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from deployments.listener import working
from deployments.listener.working import DEALS, watch_outbox, work
from deployments.listener.worklist import Job, Worklist
from sql.schema import source_cursor
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import insert, writing
from tasks.gateways.store.events import NewEvent, record_event
from tests.samples.small_office import small_office
from tests.samples.waiting import wait_for

MAIL = Job("mail", "office")


@pytest.fixture
def desk(sqlite_engine: sa.Engine, tmp_path: Path) -> Desk:
    return Desk(small_office(tmp_path), sqlite_engine, SecretSource(tmp_path), tmp_path, tmp_path)


def leave_for_later(desk: Desk, waiting: str) -> None:
    now = datetime.now(UTC)
    position = {"uid_validity": 1, "uid": 9, "waiting": waiting}
    with writing(desk.engine) as connection:
        connection.execute(sa.delete(source_cursor))
        row = {"source": "mail:office:INBOX", "position": position, "updated_at": now}
        connection.execute(insert(connection, source_cursor), [row])


@contextmanager
def working_at(desk: Desk, worklist: Worklist) -> Iterator[list[Job]]:
    done: list[Job] = []
    stop = Event()

    def run(job: Job) -> None:
        done.append(job)
        if len(done) == 100:
            raise RuntimeError

    thread = Thread(target=work, args=(desk, worklist, MAIL, run, stop))
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def test_mail_that_a_fast_clock_dated_later_is_looked_for_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "_EARLY_SECONDS", 0.3)
    worklist = Worklist()
    leave_for_later(desk, "9")
    with working_at(desk, worklist) as done:
        worklist.want(MAIL)
        wait_for(lambda: len(done) == 3, 20)
        leave_for_later(desk, "")
        wait_for(lambda: not worklist.take(MAIL, 0.5), 20)
        assert worklist.take(DEALS, 0)
    assert len(done) < 1 + working._EARLY_LOOKS


def test_a_message_that_is_refused_for_ever_is_not_looked_for_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "_EARLY_SECONDS", 0.0)
    worklist = Worklist()
    leave_for_later(desk, "3")
    with working_at(desk, worklist) as done:
        worklist.want(MAIL)
        wait_for(lambda: len(done) == 1 + working._EARLY_LOOKS, 20)
        assert not worklist.take(MAIL, 0.5)
        worklist.want(MAIL)
        wait_for(lambda: len(done) == 2 + working._EARLY_LOOKS, 20)
    assert len(done) == 2 + working._EARLY_LOOKS


def test_what_the_door_brought_is_looked_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "_OUTBOX_LOOK_SECONDS", 0.05)
    worklist, stop = Worklist(), Event()
    thread = Thread(target=watch_outbox, args=(desk, worklist, stop))
    thread.start()
    try:
        with writing(desk.engine) as connection:
            fact = NewEvent("form:1", datetime.now(UTC), "lead", 1, "lead.created", "channel:form", for_process=True)
            record_event(connection, fact)
        wait_for(lambda: worklist.take(DEALS, 0.1), 10)
        worklist.done(DEALS)
        assert not worklist.take(DEALS, 0.5)  # it still waits, and wakes nobody again
    finally:
        stop.set()
        thread.join(10)
