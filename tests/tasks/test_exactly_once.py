"""One ledger row per message, on both engines: whatever the server renumbers, repeats or shows to two at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from tasks.desk import Desk
from tasks.mailbox_visits import take_mailbox
from tests.samples.desks import desk_with
from tests.samples.mail_desk import fetch, open_mail_desk, rows, take_in
from tests.samples.mail_room import EVENING, MailRoom, message, pymap_room

pytestmark = pytest.mark.long
_NUMBERS = count()
_COUNTS = "select count(*), count(distinct natural_key), count(distinct meaning_key) from intake_item"
_FETCHER = """
import sys
from dataclasses import replace
from pathlib import Path
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import open_store
from tasks.mailbox_visits import take_mailbox
from tests.samples.mail_room import EVENING, MailRoom
from tests.samples.small_office import small_office

url, home, port, folder = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
desk = Desk(small_office(home), open_store(url), SecretSource(home / "secrets"), home, home)
print("ready", flush=True)
sys.stdin.readline()
take_mailbox(desk, MailRoom(home, port, folder).mailbox, EVENING)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    with pymap_room(tmp_path_factory.mktemp("pymap")) as opened:
        yield opened


@pytest.fixture
def room(server: MailRoom) -> MailRoom:
    return server.new_folder(f"e{next(_NUMBERS)}")


@pytest.fixture
def desk(engine: sa.Engine, room: MailRoom, tmp_path: Path) -> Desk:
    return open_mail_desk(engine, room, tmp_path)[0]


def nameless(name: str) -> bytes:
    """A mail whose Message-ID is missing or empty."""
    head = f"From: {name}@example.com\r\nTo: office@north-service.example\r\nSubject: Вопрос {name}\r\n"
    return f"{head}Date: Tue, 17 Nov 2026 09:00:00 +0300\r\n\r\n{name}\r\n".encode()


def test_two_processes_at_once_store_each_message_once(desk: Desk, room: MailRoom, tmp_path: Path) -> None:
    for number in range(250):
        room.put(f"m{number}", message(f"m{number}"))
    url = desk.engine.url.render_as_string(hide_password=False)
    argv = [sys.executable, "-c", _FETCHER, url, str(tmp_path), str(room.port), room.name]
    project = Path(__file__).resolve().parents[2]
    both = [
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=project) for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    assert [process.communicate("go\n", timeout=120) and process.returncode for process in both] == [0, 0]
    assert rows(desk.engine, _COUNTS) == [(250, 250, 250)]
    assert rows(desk.engine, "select seen_total from source_cursor where source like 'mail:%'") == [(250,)]
    assert fetch(desk, EVENING)["seen"] == 0


def test_a_reused_message_id_loses_no_mail(desk: Desk, room: MailRoom) -> None:
    for number in range(3):
        room.put(f"m{number}", message("reused", f"c{number}@example.com", text=f"Письмо {number}\n"))
    fetch(desk, EVENING)
    assert rows(desk.engine, _COUNTS) == [(3, 3, 3)]
    assert take_in(desk, EVENING)["leads"] == 3


def test_missing_and_empty_message_ids_lose_no_mail(desk: Desk, room: MailRoom) -> None:
    for name in ("a", "b"):
        room.put(f"missing-{name}", nameless(name))
        room.put(f"empty-{name}", b"Message-ID: <>\r\n" + nameless(f"{name}2"))
    fetch(desk, EVENING)
    assert rows(desk.engine, _COUNTS) == [(4, 4, 4)]
    assert take_in(desk, EVENING)["leads"] == 4


def test_a_mail_delivered_again_is_a_row_and_no_second_lead(desk: Desk, room: MailRoom) -> None:
    room.put("first", message("m"))
    room.put("again", b"Received: from a.example by b.example; Tue, 17 Nov 2026 10:00:00 +0300\r\n" + message("m"))
    fetch(desk, EVENING)
    counts = take_in(desk, EVENING)
    assert (counts["leads"], counts["duplicates"]) == (1, 1)
    assert rows(desk.engine, _COUNTS) == [(2, 2, 1)]
    assert rows(desk.engine, "select count(*) from intake_item where duplicate_of_id is not null") == [(1,)]


def test_the_same_mail_in_two_boxes_is_one_lead(desk: Desk, room: MailRoom, server: MailRoom) -> None:
    other = server.new_folder(f"e{next(_NUMBERS)}")
    room.put("m", message("m"))
    other.put("m", message("m"))
    second = replace(other.mailbox, name="sales", address="sales@north-service.example")
    desk = desk_with(desk, replace(desk.office, mailboxes=(room.mailbox, second)))
    for mailbox in desk.office.mailboxes:
        take_mailbox(desk, mailbox, EVENING)
    counts = take_in(desk, EVENING)
    assert (counts["leads"], counts["duplicates"]) == (1, 1)
    assert rows(desk.engine, "select source from intake_item order by source") == [("office",), ("sales",)]


def test_equal_mails_stay_two_when_the_folder_is_renumbered(engine: sa.Engine, tmp_path: Path) -> None:
    folder = tmp_path / "mailbox"
    folder.mkdir()
    with pymap_room(folder) as room:
        for number in range(2):
            room.put(f"twin{number}", message("twin"))
            room.put(f"nameless{number}", nameless("twin"))
        desk, _ = open_mail_desk(engine, room, tmp_path)
        fetch(desk, EVENING)
    for path in (folder / "Maildir").glob("dovecot-uidlist*"):
        path.unlink()
    with pymap_room(folder) as room:
        room.put("twin2", message("twin"))
        desk = desk_with(desk, replace(desk.office, mailboxes=(room.mailbox,)))
        assert fetch(desk, EVENING)["fetched"] == 1
        assert fetch(desk, EVENING)["seen"] == 0
    assert rows(engine, _COUNTS) == [(5, 5, 2)]
