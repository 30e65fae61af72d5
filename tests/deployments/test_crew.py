"""Who listens where: two mailboxes of which one is dead, and an office folder that changes while the listener runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from deployments.listener.beats import beat_once
from deployments.listener.crew import Crew, surely
from deployments.listener.watching import Pulse
from deployments.listener.worklist import Job, Worklist
from sql.schema import source_health
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import insert, reading, writing
from tasks.gateways.store.source_beats import read_signs
from tasks.rules.errors import OfficeError
from tasks.rules.office import Mailbox, Office
from tests.samples.mail_room import PASSWORD, MailRoom, free_port, message, pymap_room
from tests.samples.small_office import small_office
from tests.samples.waiting import wait_for

OFFICE, SALES = Job("mail", "office"), Job("mail", "sales")


@dataclass(slots=True)
class Watch:
    """A crew at work; `done` are the jobs it was asked for, in order."""

    crew: Crew
    office: Office
    secret_file: Path
    done: list[Job]
    failures: list[str] = field(default_factory=list)

    def serve(self, *mailboxes: Mailbox) -> None:
        """The office folder says now that these are the mailboxes."""
        self.crew.look(lambda: replace(self.office, mailboxes=mailboxes))

    def beats(self) -> list[str]:
        """Who gets a beat now."""
        return beat_once(self.crew.desk, self.crew.pulse, list(self.crew.watchers), datetime.now(UTC))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    with pymap_room(tmp_path_factory.mktemp("crew")) as room:
        yield room


@pytest.fixture
def watch(sqlite_engine: sa.Engine, tmp_path: Path) -> Iterator[Watch]:
    (tmp_path / "office-mailbox").write_text(PASSWORD, encoding="utf-8")
    office = small_office(tmp_path)
    desk = Desk(office, sqlite_engine, SecretSource(tmp_path), tmp_path, tmp_path)
    done: list[Job] = []
    failures: list[str] = []

    def begin(target: Callable[..., None], *args: object) -> Thread:
        return surely(target, args, lambda: failures.append(target.__name__))

    crew = Crew(desk, Worklist(), Pulse(), done.append, begin)
    yield Watch(crew, office, tmp_path / "office-mailbox", done, failures)
    for thread in crew.stop():
        thread.join(20)
    assert not failures


def test_a_dead_mailbox_holds_no_other_up(watch: Watch, room: MailRoom, caplog: pytest.LogCaptureFixture) -> None:
    dead = replace(room.mailbox, name="sales", port=free_port())
    watch.serve(dead, room.mailbox)
    wait_for(lambda: watch.done == [OFFICE], 20)
    room.put("beside-a-dead-one", message("beside-a-dead-one"))
    wait_for(lambda: watch.done == [OFFICE, OFFICE], 20)
    wait_for(lambda: "mailbox sales: cannot reach" in caplog.text, 20)
    assert watch.beats() == ["office"]
    with reading(watch.crew.desk.engine) as connection:
        signs = read_signs(connection, ["office", "sales"])
    assert signs["office"].beat_at
    assert signs["sales"].beat_at is None


def test_every_folder_of_a_mailbox_is_heard_and_all_must_be_well(watch: Watch, room: MailRoom) -> None:
    folder = room.new_folder("second")
    watch.serve(replace(room.mailbox, folders=("INBOX", "second")))
    wait_for(lambda: len(watch.done) >= 1, 20)
    wait_for(lambda: watch.beats() == ["office"], 20)
    before = len(watch.done)
    folder.put("in-the-second", message("in-the-second"))
    wait_for(lambda: len(watch.done) > before, 20)
    watch.serve(replace(room.mailbox, folders=("INBOX", "nowhere")))
    wait_for(lambda: len(watch.crew.watchers) == 2, 20)
    assert watch.beats() == []


def test_a_lost_server_is_called_again(watch: Watch, tmp_path: Path) -> None:
    with pymap_room(tmp_path / "mail") as room:
        watch.serve(room.mailbox)
        wait_for(lambda: watch.done == [OFFICE], 20)
    with pymap_room(tmp_path / "mail", port=room.port):
        wait_for(lambda: len(watch.done) >= 2, 40)


def test_mailboxes_come_and_go_with_the_office_folder(
    watch: Watch, room: MailRoom, caplog: pytest.LogCaptureFixture
) -> None:
    sales = replace(room.mailbox, name="sales")
    watch.serve(room.mailbox)
    wait_for(lambda: watch.done == [OFFICE], 20)
    watch.serve(room.mailbox, sales)
    wait_for(lambda: watch.done == [OFFICE, SALES], 20)  # who was there already is not called again
    old_thread = watch.crew.workers[OFFICE][1]
    watch.serve(sales, replace(room.mailbox, is_active=False))
    assert list(watch.crew.workers) == [SALES]
    old_thread.join(20)
    assert not old_thread.is_alive()

    def broken() -> Office:
        raise OfficeError(["mailboxes.yaml:3: no such key"])

    caplog.set_level(logging.INFO)
    watch.crew.look(broken)
    watch.crew.look(broken)
    assert caplog.text.count("the old one stays in force: ") == 1
    assert list(watch.crew.workers) == [SALES]


def test_a_changed_password_is_tried_at_once(watch: Watch, room: MailRoom) -> None:
    watch.secret_file.write_text("wrong", encoding="utf-8")
    watch.serve(room.mailbox)
    wait_for(lambda: watch.crew.watchers, 20)
    assert watch.done == []
    watch.secret_file.write_text(PASSWORD, encoding="utf-8")
    watch.serve(room.mailbox)
    wait_for(lambda: watch.done == [OFFICE], 20)


def test_a_pop3_mailbox_is_polled_and_beats_while_it_can_be_read(watch: Watch, room: MailRoom) -> None:
    watch.serve(replace(room.mailbox, protocol="pop3"))
    wait_for(lambda: watch.done == [OFFICE], 20)
    assert watch.beats() == []
    with writing(watch.crew.desk.engine) as connection:
        row = {"source": "mail:office", "last_success_at": datetime.now(UTC)}
        connection.execute(insert(connection, source_health), [row])
    assert watch.beats() == ["office"]
