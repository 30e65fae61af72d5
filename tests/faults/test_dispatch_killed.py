"""The dispatch killed at every boundary and at random: sent = delivered, none twice, every doubt shown.

CALLOUT_FAULT_KILLS says how often on each engine (half of it here, half in the intake).
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.faults.boundaries import DISPATCH
from tests.faults.chance import KILLS, chance
from tests.faults.outbox_room import OutboxRoom
from tests.faults.victim import Ended, Job, Victims
from tests.samples.wayward_server import WaywardServer

pytestmark = pytest.mark.faults

_WAYS = ("good", "good", "good", "good", "good", "busy", "gone", "never", "taken-then-drop", "lost-then-drop")
_NEW_MAILS = 4
_LONGEST_WORK_SECONDS = 0.25


@pytest.fixture
def room(engine: sa.Engine, tmp_path: Path, server: WaywardServer) -> OutboxRoom:
    return OutboxRoom(engine, tmp_path, server)


@pytest.mark.parametrize("boundary", DISPATCH)
def test_killed_at_each_boundary(room: OutboxRoom, victims: Victims, boundary: str) -> None:
    room.plan("good", "good")
    room.plan("good", "good", policy="ask")
    for nth in (1, 2, 3):
        ended = victims.run(replace(room.job, boundary=boundary, nth=nth))
        assert ended.is_killed or not ended.code, ended.said
        assert ended.is_killed or nth > 1, f"{boundary} was not passed"
        assert not ended.left_behind
    room.finish()
    assert room.faults() == []


def test_killed_at_random(room: OutboxRoom, victims: Victims) -> None:
    luck = chance("dispatch")
    kills: Counter[str] = Counter()
    while kills.total() < KILLS / 2:
        names = luck.choices(_WAYS, k=_NEW_MAILS)
        room.plan(*names, policy=luck.choice(("retry", "ask")))
        job = _random_end(room.job, luck)
        ended = victims.run(job)
        _is_fair(ended)
        kills[job.boundary or "moment"] += ended.is_killed
    now = room.finish()
    print(f"killed {kills.total()} times: {dict(kills)}; ways: {dict(room.server.ways)}")
    assert room.faults(now) == []
    assert len(room.server.accepted) > KILLS


def _random_end(job: Job, luck: random.Random) -> Job:
    if luck.random() < 1 / 3:
        return replace(job, kill_after_seconds=luck.uniform(0.001, _LONGEST_WORK_SECONDS))
    return replace(job, boundary=luck.choice(tuple(DISPATCH)), nth=luck.randint(1, 5))


def _is_fair(ended: Ended) -> None:
    assert ended.is_killed or not ended.code, ended.said
    assert not ended.left_behind
