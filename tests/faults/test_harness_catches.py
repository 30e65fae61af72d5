"""The harness itself: senders with a known mistake are caught when they are killed, and pass when they are not."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tasks.gateways.store.connection import writing
from tests.faults.chance import chance
from tests.faults.mailbox_room import MailboxRoom
from tests.faults.naive_sender import MARK_THEN_SEND, SEND_THEN_MARK
from tests.faults.outbox_room import OutboxRoom
from tests.faults.victim import Victims
from tests.samples.mail_room import MailRoom
from tests.samples.wayward_server import WaywardServer

pytestmark = pytest.mark.faults

_MAILS = 40
_LONGEST_TRIES = 100


@pytest.fixture
def room(engine: sa.Engine, tmp_path: Path, server: WaywardServer) -> OutboxRoom:
    return OutboxRoom(engine, tmp_path, server)


@pytest.mark.parametrize("mistake", [SEND_THEN_MARK, MARK_THEN_SEND])
def test_a_naive_sender_that_nobody_kills_is_in_order(room: OutboxRoom, victims: Victims, mistake: str) -> None:
    room.plan("good", "good", "good")
    assert victims.run(replace(room.job, work=mistake)).code == 0
    assert room.faults() == []


@pytest.mark.parametrize(
    ("mistake", "boundary", "caught"),
    [
        (SEND_THEN_MARK, "delivered", "accepted 2 times, 1 attempts explain it"),
        (SEND_THEN_MARK, "committing", "accepted 2 times, 1 attempts explain it"),
        (MARK_THEN_SEND, "before-offer", "says sent, was never accepted"),
        (MARK_THEN_SEND, "inside-data", "says sent, was never accepted"),
    ],
)
def test_a_naive_sender_that_is_killed_is_caught(
    room: OutboxRoom, victims: Victims, mistake: str, boundary: str, caught: str
) -> None:
    room.plan("good", "good", "good")
    job = replace(room.job, work=mistake)
    assert victims.run(replace(job, boundary=boundary, nth=2)).is_killed
    assert victims.run(job).code == 0
    [fault] = room.faults()
    assert caught in fault


def test_a_naive_sender_killed_at_random_moments_is_caught(room: OutboxRoom, victims: Victims) -> None:
    luck = chance("naive sender")
    job = replace(room.job, work=SEND_THEN_MARK)
    room.plan(*["good"] * _MAILS)
    begun = time.monotonic()
    assert victims.run(job).code == 0
    whole_seconds = time.monotonic() - begun
    for _ in range(_LONGEST_TRIES):
        room.plan(*["good"] * _MAILS)
        victims.run(replace(job, kill_after_seconds=luck.uniform(0, whole_seconds)))
        if any("accepted 2 times" in fault for fault in room.faults()):
            return
    raise AssertionError("the harness sees nothing wrong with a sender that doubles mail")


@pytest.mark.parametrize(
    ("damage", "caught"),
    [
        ("DELETE FROM intake_item WHERE id = (SELECT max(id) FROM intake_item)", "lost: 1 of mail"),
        ("UPDATE intake_item SET raw = (SELECT raw FROM intake_item WHERE id = 1) WHERE id = 2", "too often: mail"),
        ("UPDATE source_cursor SET seen_total = seen_total + 1", "the cursors count"),
        ("UPDATE intake_item SET state = 'new' WHERE state = 'ignored'", "is new"),
        ("UPDATE intake_item SET reason = NULL WHERE state = 'ignored'", "without a reason"),
        ("DELETE FROM quarantine_row", "quarantine differs"),
        ("UPDATE lead SET origin_key = origin_key || 'x' WHERE origin_key LIKE 'mail:%'", "which is not settled"),
        ("DELETE FROM process_inbox", "does not wait for the process"),
        ("UPDATE document SET sha256 = 'other'", "missing or damaged"),
    ],
)
def test_a_damaged_ledger_is_caught(
    sqlite_engine: sa.Engine, tmp_path: Path, folder: MailRoom, damage: str, caught: str
) -> None:
    room = MailboxRoom(sqlite_engine, tmp_path, folder)
    room.put(16)
    room.finish()
    assert room.faults() == []
    with writing(sqlite_engine) as connection:
        connection.exec_driver_sql(damage)
    assert any(caught in fault for fault in room.faults()), room.faults()
