"""PostgreSQL ends our connection at any statement: the run fails in one clear line or goes on, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.faults.chance import KILLS, chance
from tests.faults.mailbox_room import MailboxRoom
from tests.faults.outbox_room import OutboxRoom
from tests.faults.victim import DONE, FAILED, Ended, Victims
from tests.samples.mail_room import MailRoom
from tests.samples.wayward_server import WaywardServer

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("engine", ["postgresql"], indirect=True)]

_ROUNDS = max(KILLS // 2, 10)
_LONGEST = 60  # statements and commits of a run; those after the last strike nobody


def test_in_the_middle_of_the_intake(
    engine: sa.Engine, tmp_path: Path, folder: MailRoom, victims: Victims, sqlite_template: Path
) -> None:
    luck, room = chance("database lost by the intake"), MailboxRoom(engine, tmp_path, folder)
    ends = []
    for _ in range(_ROUNDS):
        room.put(2)
        ends.append(victims.run(replace(room.job, line_lost_at=luck.randint(1, _LONGEST))))
    _are_clear(ends)
    room.finish()
    assert room.faults() == []
    assert room.differences(sqlite_template) == {}


def test_in_the_middle_of_the_dispatch(
    engine: sa.Engine, tmp_path: Path, server: WaywardServer, victims: Victims
) -> None:
    luck, room = chance("database lost by the dispatch"), OutboxRoom(engine, tmp_path, server)
    ends = []
    for _ in range(_ROUNDS):
        room.plan("good", "busy", "gone", "lost-then-drop")
        room.plan("good", "taken-then-drop", policy="ask")
        ends.append(victims.run(replace(room.job, line_lost_at=luck.randint(1, _LONGEST))))
    _are_clear(ends)
    now = room.finish()
    assert room.faults(now) == []


def _are_clear(ends: list[Ended]) -> None:
    failed = [ended for ended in ends if ended.code != DONE]
    print(f"{len(failed)} of {len(ends)} runs failed")
    assert failed
    assert {ended.code for ended in failed} == {FAILED}, [ended.said for ended in failed if ended.code != FAILED]
    assert {ended.said.partition(":")[0] for ended in failed} == {"the database failed"}
    assert not any("\n" in ended.said or ended.left_behind for ended in ends)
