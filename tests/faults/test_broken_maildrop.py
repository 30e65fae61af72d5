"""A POP3 maildrop that fails in every way it can: received = settled + quarantined + ignored, none twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy as sa

from tests.faults.boundaries import INTAKE, NEEDS_GATE, POP3
from tests.faults.chance import KILLS, chance
from tests.faults.mailbox_room import MailboxRoom
from tests.faults.victim import Victims
from tests.samples.drop_room import DropFolder, DropServer, ScriptedDrop, scripted_drop
from tests.samples.mail_desk import rows

pytestmark = pytest.mark.faults

_BY_IMAP = ("mail-downloaded",)
_NEW_MAILS = 4


@pytest.fixture
def drop() -> Iterator[ScriptedDrop]:
    with scripted_drop(ScriptedDrop()) as opened:
        yield opened


def open_room(
    engine: sa.Engine, home: Path, drop: ScriptedDrop, after_taking: Literal["leave", "delete"] = "leave"
) -> MailboxRoom:
    return MailboxRoom(engine, home, DropFolder(drop, after_taking), served=_ended)


def _ended(raw: bytes) -> bytes:
    """POP3 has whole lines only (RFC 1939, 3)."""
    return raw if raw.endswith(b"\n") else raw + b"\r\n"


@pytest.mark.parametrize("boundary", [name for name in INTAKE | POP3 if name not in _BY_IMAP])
def test_killed_at_each_boundary(
    engine: sa.Engine, tmp_path: Path, drop: ScriptedDrop, victims: Victims, boundary: str
) -> None:
    room = open_room(engine, tmp_path, drop, "delete")
    for nth in (1, 1) if boundary != NEEDS_GATE else (1,):
        room.put(16)
        ended = victims.run(replace(room.job, boundary=boundary, nth=nth))
        assert ended.is_killed, f"{boundary} was not passed: {ended.said}"
        assert not ended.left_behind
    room.finish()
    assert room.faults() == []
    assert drop.keys_left() == []


def test_killed_at_random(
    engine: sa.Engine, tmp_path: Path, drop: ScriptedDrop, victims: Victims, sqlite_template: Path
) -> None:
    luck, room, kills = chance("maildrop"), open_room(engine, tmp_path, drop), 0
    boundaries = [name for name in INTAKE | POP3 if name not in (*_BY_IMAP, NEEDS_GATE, "marked-for-deletion")]
    while kills < max(KILLS / 4, 5):
        room.put(_NEW_MAILS)
        job = replace(room.job, boundary=luck.choice(boundaries), nth=luck.choice((1, 1, 2, 3)))
        if luck.random() < 1 / 3:
            job = replace(room.job, kill_after_seconds=luck.uniform(0.001, 0.4))
        ended = victims.run(job)
        assert ended.is_killed or not ended.code, ended.said
        kills += ended.is_killed
    room.finish()
    assert room.faults() == []
    assert room.differences(sqlite_template) == {}


def test_cut_inside_a_message_again_and_again(
    engine: sa.Engine, tmp_path: Path, drop: ScriptedDrop, sqlite_template: Path
) -> None:
    luck, room = chance("cut inside RETR"), open_room(engine, tmp_path, drop)
    for _ in range(max(KILLS // 4, 5)):
        room.put(_NEW_MAILS)
        size = sum(len(raw) for raw in room.received[-_NEW_MAILS:])
        drop.cut_after, cuts = luck.randrange(size), drop.cuts
        assert room.visit() == (drop.cuts == cuts)
    drop.cut_after = None
    room.finish()
    assert drop.cuts
    assert room.faults() == []
    assert room.differences(sqlite_template) == {}


@pytest.mark.parametrize(("moment", "left"), [("before", 6), ("after", 0)])
def test_cut_between_quit_and_its_answer(
    engine: sa.Engine, tmp_path: Path, drop: ScriptedDrop, moment: Literal["before", "after"], left: int
) -> None:
    room = open_room(engine, tmp_path, drop, "delete")
    drop.quit_drops = moment
    for total in (1, 2):
        room.put(6)
        assert not room.visit()
        assert len(drop.keys_left()) == left * total
    drop.quit_drops = ""
    room.finish()
    assert drop.keys_left() == []
    assert room.faults() == []


def test_every_unique_id_changes(engine: sa.Engine, tmp_path: Path, drop: ScriptedDrop, sqlite_template: Path) -> None:
    """A server that breaks RFC 1939, 7: stored mail is known again by its bytes, and only what is new is taken."""
    room = open_room(engine, tmp_path, drop)
    for numbering in ("", "moved-", "again-"):
        drop.numbering = numbering
        room.put(15)
        room.finish()
    assert room.faults() == []
    keys = rows(engine, "SELECT natural_key FROM intake_item")
    assert all(key.startswith("pop3:again-") for (key,) in keys), keys
    assert room.differences(sqlite_template).keys() <= {"items"}  # whose keys name the numbering


def test_ids_change_while_the_intake_is_killed(
    engine: sa.Engine, tmp_path: Path, drop: ScriptedDrop, victims: Victims
) -> None:
    room = open_room(engine, tmp_path, drop)
    room.put(6)
    room.finish()
    for number, boundary in enumerate(("before-store", "stored-not-committed", "committing", "committed")):
        room.put(6)
        drop.numbering = f"moved{number}-"
        assert victims.run(replace(room.job, boundary=boundary, nth=1)).is_killed
    room.finish()
    assert room.faults() == []


def test_a_server_that_is_killed_and_started_again(engine: sa.Engine, tmp_path: Path, sqlite_template: Path) -> None:
    luck, drop = chance("maildrop restarts"), ScriptedDrop()
    server = DropServer(drop)
    server.start()
    room, failures = open_room(engine, tmp_path, drop), 0
    for _ in range(4):
        room.put(10)
        killing = threading.Timer(luck.uniform(0, 0.1), server.kill)
        killing.start()
        failures += not room.visit()
        killing.join()
        failures += not room.visit()
        server.start()
    room.finish()
    assert failures >= 4
    assert room.faults() == []
    assert room.differences(sqlite_template) == {}
    server.kill()
