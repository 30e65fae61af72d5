"""What is done on the server to taken mail: only what is stored, also after a kill, and nothing to the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from imapclient import IMAPClient

from deployments.demo.mail_servers import LOGIN
from tasks.desk import Desk
from tasks.gateways.imap_taken import AfterTaking
from tasks.mailbox_visits import take_mailbox
from tasks.rules.errors import OutsideError
from tasks.rules.office import Mailbox
from tests.samples.drop_room import ScriptedDrop, drop_mailbox, scripted_drop, traced
from tests.samples.mail_desk import open_mail_desk, rows
from tests.samples.mail_room import EVENING, MORNING, PASSWORD, MailRoom, dovecot_room, message, pymap_room

_NUMBERS = count()


class Killed(BaseException):
    """Stands for the process's end: nothing of the code catches it."""


@pytest.fixture(scope="module", params=["pymap", pytest.param("dovecot", marks=pytest.mark.debian)])
def server(request: pytest.FixtureRequest) -> Iterator[MailRoom]:
    """A running server. As root Dovecot reads mail as nobody, whom pytest's private folders do not let in."""
    with TemporaryDirectory(prefix="callout-", ignore_cleanup_errors=True) as base:
        folder = Path(base)
        folder.chmod(0o755)
        with (pymap_room if request.param == "pymap" else dovecot_room)(folder) as opened:
            yield opened


@pytest.fixture
def room(server: MailRoom) -> MailRoom:
    return server.new_folder(f"a{next(_NUMBERS)}")


@pytest.fixture
def taken(server: MailRoom) -> MailRoom:
    return server.new_folder(f"taken{next(_NUMBERS)}")


@pytest.fixture
def desk(sqlite_engine: sa.Engine, room: MailRoom, tmp_path: Path) -> Desk:
    return open_mail_desk(sqlite_engine, room, tmp_path)[0]


def seen(room: MailRoom) -> dict[int, bool]:
    """By UID: whether the server calls it seen."""
    with IMAPClient("127.0.0.1", room.port, ssl=False) as client:
        client.login(LOGIN, PASSWORD)
        client.select_folder(room.name, readonly=True)
        uids = client.search("ALL")
        found: dict[int, Any] = client.fetch(uids, ["FLAGS"]) if uids else {}
        return {uid: b"\\Seen" in data[b"FLAGS"] for uid, data in sorted(found.items())}


def kill_before_treating(monkeypatch: pytest.MonkeyPatch, desk: Desk, mailbox: Mailbox) -> None:
    def die(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as patched, suppress(Killed):
        patched.setattr(AfterTaking, "treat", die)
        take_mailbox(desk, mailbox, EVENING)


def test_stored_mail_is_marked_and_other_mail_is_not(desk: Desk, room: MailRoom) -> None:
    marking = replace(room.mailbox, after_taking="mark_seen")
    room.put("now", message("now"))
    room.put("late", message("late"), at=EVENING + timedelta(hours=1))
    take_mailbox(desk, marking, EVENING)
    assert sorted(seen(room).values()) == [False, True]
    take_mailbox(desk, marking, EVENING + timedelta(hours=2))
    assert list(seen(room).values()) == [True, True]


def test_killed_before_marking_the_next_run_marks(desk: Desk, room: MailRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    marking = replace(room.mailbox, after_taking="mark_seen")
    room.put("m", message("m"))
    kill_before_treating(monkeypatch, desk, marking)
    assert rows(desk.engine, "select count(*) from intake_item") == [(1,)]
    assert list(seen(room).values()) == [False]
    assert take_mailbox(desk, marking, EVENING)["seen"] == 0
    assert list(seen(room).values()) == [True]


def test_stored_mail_is_moved_also_after_a_kill(
    desk: Desk, room: MailRoom, taken: MailRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving = replace(room.mailbox, after_taking="move", move_to=taken.name)
    room.put("one", message("one"))
    room.put("late", message("late"), at=EVENING + timedelta(hours=1))
    kill_before_treating(monkeypatch, desk, moving)
    assert (len(seen(room)), len(seen(taken))) == (2, 0)
    room.put("two", message("two"))
    take_mailbox(desk, moving, EVENING)
    assert (len(seen(room)), len(seen(taken))) == (1, 2)
    assert rows(desk.engine, "select count(*) from intake_item") == [(2,)]
    take_mailbox(desk, moving, EVENING + timedelta(hours=2))
    assert (len(seen(room)), len(seen(taken))) == (0, 3)


def test_what_the_first_run_passed_over_is_left_alone(desk: Desk, room: MailRoom) -> None:
    room.put("old", message("old"), at=MORNING - timedelta(days=5))
    limited = replace(room.mailbox, after_taking="mark_seen", take_from=MORNING.date())
    for _ in range(2):
        take_mailbox(desk, limited, EVENING)
    assert list(seen(room).values()) == [False]


def test_moving_to_a_folder_that_is_not_there_loses_nothing(desk: Desk, room: MailRoom) -> None:
    room.put("m", message("m"))
    with pytest.raises(OutsideError, match="the server failed"):
        take_mailbox(desk, replace(room.mailbox, after_taking="move", move_to="Nowhere"), EVENING)
    assert len(seen(room)) == 1
    assert rows(desk.engine, "select count(*) from intake_item") == [(1,)]


def test_by_default_nothing_is_changed(desk: Desk, room: MailRoom) -> None:
    room.put("m", message("m"))
    take_mailbox(desk, room.mailbox, EVENING)
    assert list(seen(room).values()) == [False]


def test_a_maildrop_is_emptied_of_what_is_stored(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    with scripted_drop(ScriptedDrop()) as drop:
        desk, _ = open_mail_desk(sqlite_engine, MailRoom(tmp_path, drop.port), tmp_path)
        drop.put("one", traced(message("one")))
        take_mailbox(desk, drop_mailbox(drop.port), EVENING)
        assert drop.keys_left() == ["one"]
        drop.put("two", traced(message("two")))
        take_mailbox(desk, drop_mailbox(drop.port, after_taking="delete"), EVENING)
        assert drop.keys_left() == []
    assert rows(sqlite_engine, "select natural_key from intake_item order by id") == [("pop3:one",), ("pop3:two",)]


def test_mail_left_in_a_maildrop_is_known_under_new_ids(desk: Desk) -> None:
    with scripted_drop(ScriptedDrop()) as drop:
        mailbox = drop_mailbox(drop.port)
        for key in ("one", "two#1", "two#2"):
            drop.put(key, traced(message(key[:3])))
        assert take_mailbox(desk, mailbox, EVENING)["fetched"] == 3
        drop.numbering = "moved-"
        drop.put("two#3", traced(message("two")))
        assert take_mailbox(desk, mailbox, EVENING)["fetched"] == 1
        assert take_mailbox(desk, mailbox, EVENING)["fetched"] == 0
    keys = rows(desk.engine, "SELECT natural_key FROM intake_item ORDER BY natural_key")
    assert [key for (key,) in keys] == ["pop3:moved-one", "pop3:moved-two", "pop3:moved-two 2", "pop3:moved-two 3"]
