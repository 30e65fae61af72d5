"""The intake killed at every boundary and at random: received = settled + quarantined + ignored, none twice.

CALLOUT_FAULT_KILLS says how often on each engine (half of it here, half in the dispatch).
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.faults.boundaries import INTAKE, NEEDS_GATE
from tests.faults.chance import KILLS, chance
from tests.faults.mailbox_room import MailboxRoom, as_dovecot_serves
from tests.faults.victim import Job, Victims

pytestmark = pytest.mark.faults

_NEW_MAILS = 5
# the first commit keeps what came, the second what became of it; the gate takes seconds to start
_PASSINGS = {"committing": (1, 2), "committed": (1, 2), NEEDS_GATE: (1,)}
_LONGEST_WORK_SECONDS = 0.6


@pytest.fixture(params=["pymap", pytest.param("dovecot", marks=pytest.mark.debian)])
def room(request: pytest.FixtureRequest, engine: sa.Engine, tmp_path: Path) -> MailboxRoom:
    """A mailbox by IMAP."""
    if request.param == "pymap":
        return MailboxRoom(engine, tmp_path, request.getfixturevalue("folder"))
    return MailboxRoom(engine, tmp_path, request.getfixturevalue("dovecot_folder"), served=as_dovecot_serves)


@pytest.mark.parametrize("boundary", INTAKE)
def test_killed_at_each_boundary(room: MailboxRoom, victims: Victims, sqlite_template: Path, boundary: str) -> None:
    for nth in _PASSINGS.get(boundary, (1, 1)):
        room.put(16)
        ended = victims.run(replace(room.job, boundary=boundary, nth=nth))
        assert ended.is_killed, f"{boundary} was not passed: {ended.said}"
        assert not ended.left_behind
    room.finish()
    assert room.faults() == []
    assert room.differences(sqlite_template) == {}


def test_killed_at_random(room: MailboxRoom, victims: Victims, sqlite_template: Path) -> None:
    luck = chance("intake")
    kills: Counter[str] = Counter()
    while kills.total() < KILLS / 2:
        room.put(_NEW_MAILS)
        job = _random_end(room.job, luck)
        ended = victims.run(job)
        assert ended.is_killed or not ended.code, ended.said
        assert not ended.left_behind
        kills[job.boundary or "moment"] += ended.is_killed
    room.finish()
    print(f"killed {kills.total()} times: {dict(kills)}; {len(room.received)} mails")
    assert room.faults() == []
    assert room.differences(sqlite_template) == {}


def _random_end(job: Job, luck: random.Random) -> Job:
    if luck.random() < 1 / 3:
        return replace(job, kill_after_seconds=luck.uniform(0.001, _LONGEST_WORK_SECONDS))
    quick = [boundary for boundary in INTAKE if boundary != NEEDS_GATE]
    return replace(job, boundary=luck.choice(quick), nth=luck.choice((1, 1, 1, 1, 2, 3)))
