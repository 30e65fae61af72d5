"""Watching a folder of a real server: news, renewal, a server that dies, a line that goes dead, no IDLE at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import pytest

from tasks.gateways import imap_idle
from tasks.gateways.imap_idle import Watch, _has_news, watch_folder
from tasks.rules.errors import CalloutError, OutsideError
from tests.samples.imap_line import imap_line
from tests.samples.mail_room import PASSWORD, MailRoom, dovecot_room, message, pymap_room
from tests.samples.waiting import wait_for


@dataclass(slots=True)
class Ear:
    """What a watcher heard, and how it ended."""

    news: int = 0
    answers: int = 0
    stop: Event = field(default_factory=Event)
    errors: list[CalloutError] = field(default_factory=list)

    def heard_news(self) -> None:
        self.news += 1

    def heard_answer(self) -> None:
        self.answers += 1


@contextmanager
def listening(room: MailRoom, port: int) -> Iterator[Ear]:
    ear = Ear()
    watch = Watch(ear.heard_news, ear.heard_answer, ear.stop.is_set)

    def listen() -> None:
        try:
            watch_folder(replace(room.mailbox, port=port), PASSWORD, room.name, watch)
        except CalloutError as error:
            ear.errors.append(error)

    thread = Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield ear
    finally:
        ear.stop.set()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_idle, "_PROOF_SECONDS", 0.8)
    monkeypatch.setattr(imap_idle, "_ANSWER_SECONDS", 1.5)
    monkeypatch.setattr(imap_idle, "_ASK_SECONDS", 0.3)
    monkeypatch.setattr(imap_idle, "_LOOK_SECONDS", 0.2)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    with pymap_room(tmp_path_factory.mktemp("idle")) as room:
        yield room


def hears_each_mail(room: MailRoom, port: int, key: str) -> None:
    """The same for every server: news at the start, news of each mail, also after the line was proved anew."""
    with listening(room, port) as ear:
        wait_for(lambda: ear.news == 1, 20)
        room.put(f"{key}-1", message(f"{key}-1"))
        wait_for(lambda: ear.news == 2, 20)
        before = ear.answers
        wait_for(lambda: ear.answers >= before + 3, 20)
        assert ear.news == 2
        room.put(f"{key}-2", message(f"{key}-2"))
        wait_for(lambda: ear.news == 3, 20)
    assert not ear.errors


def test_mail_is_heard_before_and_after_the_line_is_renewed(room: MailRoom) -> None:
    hears_each_mail(room, room.port, "idle")


def test_a_server_without_idle_is_asked(room: MailRoom) -> None:
    with imap_line(room.port, hides_idle=True) as line:
        hears_each_mail(room, line.port, "noop")


def test_mail_that_arrives_while_idle_is_renewed_is_heard_at_once(
    room: MailRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with imap_line(room.port) as line:
        line.said_at_once = b"* OK Still here\r\n* 99 EXISTS\r\n"
        monkeypatch.setattr(imap_idle, "_PROOF_SECONDS", 1000.0)
        with listening(room, line.port) as ear:
            wait_for(lambda: ear.news == 2, 20)


@pytest.mark.debian
def test_dovecot_is_heard() -> None:
    with TemporaryDirectory(prefix="callout-", ignore_cleanup_errors=True) as base:
        Path(base).chmod(0o755)  # as root Dovecot reads mail as nobody, whom pytest's folders do not let in
        with dovecot_room(Path(base)) as room:
            hears_each_mail(room, room.port, "dovecot")


@pytest.mark.parametrize("hides_idle", [False, True])
def test_a_line_that_goes_dead_without_a_word_is_lost_soon(room: MailRoom, hides_idle: bool) -> None:
    with imap_line(room.port, hides_idle=hides_idle) as line, listening(room, line.port) as ear:
        wait_for(lambda: ear.answers >= 2, 20)
        line.is_dead = True
        wait_for(lambda: ear.errors, 20)
        assert isinstance(ear.errors[0], OutsideError)


def test_time_that_the_machine_slept_counts(room: MailRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    slept = [0.0]
    monkeypatch.setattr(imap_idle, "_PROOF_SECONDS", 1000.0)
    monkeypatch.setattr(imap_idle, "clock", lambda: slept[0])
    with imap_line(room.port) as line, listening(room, line.port) as ear:
        wait_for(lambda: ear.news == 1, 20)
        line.is_dead = True
        slept[0] = 2000.0
        wait_for(lambda: ear.errors, 20)


def test_a_server_that_is_killed_is_noticed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_idle, "_PROOF_SECONDS", 1000.0)
    with ExitStack() as server:
        room = server.enter_context(pymap_room(tmp_path))
        with listening(room, room.port) as ear:
            wait_for(lambda: ear.news == 1, 20)
            server.close()
            wait_for(lambda: ear.errors, 20)


@pytest.mark.parametrize(
    ("responses", "is_news"),
    [
        ([], False),
        ([(b"OK", b"Still here")], False),
        ([(3, b"EXPUNGE"), (2, b"FETCH", (b"FLAGS", ()))], False),
        ([(b"OK", b"Still here"), (4, b"EXISTS"), (1, b"RECENT")], True),
    ],
)
def test_only_a_grown_folder_is_news(responses: list[tuple[object, ...]], is_news: bool) -> None:
    assert _has_news(responses) is is_news


def test_a_server_that_says_goodbye_is_left() -> None:
    with pytest.raises(ConnectionAbortedError):
        _has_news([(b"BYE", b"shutting down")])
