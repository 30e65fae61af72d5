"""The intake killed at every boundary and at random: received = settled + quarantined + ignored, none twice.

CALLOUT_FAULT_KILLS says how often on each engine (half of it here, half in the dispatch).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.faults.boundaries import INTAKE, NEEDS_GATE
from tests.faults.chance import KILLS, chance
from tests.faults.mailbox_room import MailboxRoom
from tests.faults.victim import Job, Victims, warm_victims
from tests.samples.mail_room import MailRoom, pymap_room

pytestmark = pytest.mark.faults

_NUMBERS = count()
_NEW_MAILS = 5
# the first commit keeps what came, the second what became of it; the gate takes seconds to start
_PASSINGS = {"committing": (1, 2), "committed": (1, 2), NEEDS_GATE: (1,)}
_LONGEST_WORK_SECONDS = 0.6


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    with warm_victims() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    with pymap_room(tmp_path_factory.mktemp("pymap")) as opened:
        yield opened


@pytest.fixture
def room(engine: sa.Engine, tmp_path: Path, server: MailRoom) -> MailboxRoom:
    return MailboxRoom(engine, tmp_path, server.new_folder(f"k{next(_NUMBERS)}"))


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
