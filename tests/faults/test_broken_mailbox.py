"""A mailbox that fails in every way it can: received = settled + quarantined + ignored, none twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tasks.gateways import imap_connection
from tasks.rules.errors import OutsideError
from tests.faults.chance import KILLS, chance
from tests.faults.mailbox_room import MailboxRoom
from tests.faults.victim import DONE, FAILED, Victims
from tests.samples.certificates import self_signed
from tests.samples.imap_proxy import ImapProxy, imap_proxy
from tests.samples.killable_mailbox import KillableMailbox
from tests.samples.mail_desk import fetch, take_in
from tests.samples.mail_room import EVENING, MailRoom

pytestmark = pytest.mark.faults

_PATIENCE_SECONDS = 4.0


@pytest.fixture
def proxy(pymap_server: MailRoom) -> Iterator[ImapProxy]:
    with imap_proxy(pymap_server.port) as opened:
        yield opened


@pytest.fixture
def room(engine: sa.Engine, tmp_path: Path, folder: MailRoom, proxy: ImapProxy) -> MailboxRoom:
    return MailboxRoom(engine, tmp_path, folder, proxy.port)


def _size(room: MailboxRoom, mails: int) -> int:
    return sum(len(raw) for raw in room.received[-mails:])


def test_cut_inside_a_literal_again_and_again(room: MailboxRoom, proxy: ImapProxy, sqlite_template: Path) -> None:
    luck = chance("cut inside a literal")
    for _ in range(max(KILLS // 4, 5)):
        room.put(4)
        proxy.cut_after, cuts = luck.randrange(_size(room, 4)), proxy.cuts
        assert room.visit() == (proxy.cuts == cuts)
    proxy.cut_after = None
    room.finish()
    print(f"cut {proxy.cuts} times; {len(room.received)} mails")
    assert proxy.cuts
    assert room.faults() == []
    assert room.differences(sqlite_template) == {}


def test_renumbered_while_lines_are_cut(room: MailboxRoom, proxy: ImapProxy, sqlite_template: Path) -> None:
    luck = chance("renumbered")
    for validity in range(1, 6):
        room.put(6)
        proxy.uid_validity = validity
        for _ in range(2):
            proxy.cut_after = luck.choice((None, luck.randrange(300), luck.randrange(_size(room, 6))))
            room.visit()
    proxy.cut_after = None
    room.finish()
    assert room.faults() == []
    assert room.differences(sqlite_template).keys() <= {"items"}  # whose keys name the numbering


def test_renumbered_while_the_intake_is_killed(room: MailboxRoom, proxy: ImapProxy, victims: Victims) -> None:
    room.put(3)
    room.finish()
    for validity, boundary in enumerate(("before-store", "stored-not-committed", "committing", "committed"), start=1):
        room.put(6)
        proxy.uid_validity = validity
        for nth in (1, 2):
            assert victims.run(replace(room.job, boundary=boundary, nth=nth)).is_killed
    room.finish()
    assert room.faults() == []


def test_a_line_that_falls_silent_inside_a_literal_ends(
    room: MailboxRoom, proxy: ImapProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.put(5)
    proxy.cut_after, proxy.stalls = 100, True
    with monkeypatch.context() as patch:
        patch.setattr(imap_connection, "READ_SECONDS", _PATIENCE_SECONDS)
        assert not room.visit()
    assert proxy.cuts == 1
    proxy.cut_after = None
    room.finish()
    assert room.faults() == []


def test_a_certificate_that_nobody_vouches_for(
    engine: sa.Engine, tmp_path: Path, folder: MailRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with imap_proxy(folder.port, self_signed(tmp_path)) as proxy:
        room = MailboxRoom(engine, tmp_path, folder, proxy.port)
        room.put(5)
        desk = room.desk
        desk.office = replace(desk.office, mailboxes=(replace(desk.office.mailboxes[0], security="tls"),))
        with pytest.raises(OutsideError, match="certificate"):
            fetch(desk, EVENING)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "self-signed.pem"))
        fetch(desk, EVENING)
        take_in(desk, EVENING)
        assert room.faults() == []


def test_a_server_that_is_killed_and_started_again(engine: sa.Engine, tmp_path: Path, sqlite_template: Path) -> None:
    luck = chance("mailbox server restarts")
    with KillableMailbox(tmp_path / "mailbox") as server:
        room = MailboxRoom(engine, tmp_path, server.room)
        failures = 0
        for _ in range(4):
            room.put(10)
            killing = threading.Timer(luck.uniform(0, 0.6), server.kill)
            killing.start()
            failures += not room.visit()
            killing.join()
            failures += not room.visit()
            server.start()
        room.finish()
        print(f"the mailbox failed {failures} times")
        assert failures >= 4
        assert room.faults() == []
        assert room.differences(sqlite_template) == {}


def test_a_full_disk_loses_no_mail(
    sqlite_engine: sa.Engine, tmp_path: Path, folder: MailRoom, victims: Victims
) -> None:
    room = MailboxRoom(sqlite_engine, tmp_path, folder)
    full = [replace(room.job, free_pages=pages) for pages in (0, 2, 5, 10, 20)]
    full += [replace(room.job, file_bytes=size) for size in (40_000, 90_000, 140_000, 190_000)]
    ends = []
    for job in full:
        room.put(10)
        ends.append(victims.run(job))
    assert {ended.code for ended in ends} <= {DONE, FAILED}, ends
    assert {"full", "I/O"} <= {word for ended in ends for word in ended.said.split()}, ends
    room.finish()
    assert room.faults() == []
