"""The fetching of recordings killed at every boundary: each kept once, each removed one gone, no file without a row."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.recordings.contents import Contents
from tasks.gateways.store.connection import reading
from tests.faults.boundaries import RECORDINGS
from tests.faults.recordings_work import RECORDINGS_WORK, recordings_desk
from tests.faults.victim import Job, Victims, desk_of, engine_url
from tests.samples.recorded_calls import NOON, fetch_all, put_call, put_file
from tests.samples.sounds import mp3, wav

pytestmark = pytest.mark.faults

_NOW = NOON + timedelta(days=2)
_OLD = {"old1.wav": wav(1.0), "old2.wav": wav(1.1), "old3.mp3": mp3(21)}
_NEW = {"new1.wav": wav(2.0), "new2.wav": wav(1.1), "new3.mp3": mp3(22)}  # new2 has the content of old2
# the ninth commit is that of the removal
_TIMES = [
    *((boundary, nth) for boundary in RECORDINGS for nth in (1, 2)),
    ("recording-committing", 9),
    ("recording-committed", 9),
]


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _contents(desk: Desk) -> set[str]:
    """What lies in place, without what is half received."""
    found = (desk.files / "recordings").glob("??/*")
    return {file.name for file in found}


def _named(desk: Desk, *states: str) -> set[str]:
    table = schema.recording
    with reading(desk.engine) as connection:
        return set(connection.scalars(sa.select(table.c.sha256).where(table.c.state.in_(states))))


def _events(desk: Desk) -> Counter[tuple[str, int]]:
    table = schema.event
    query = sa.select(table.c.kind, table.c.entity_id).where(table.c.entity == "recording")
    with reading(desk.engine) as connection:
        return Counter((row.kind, row.entity_id) for row in connection.execute(query))


@pytest.mark.parametrize(("boundary", "nth"), _TIMES)
def test_killed_at_each_boundary(engine: sa.Engine, tmp_path: Path, victims: Victims, boundary: str, nth: int) -> None:
    job = Job(RECORDINGS_WORK, engine_url(engine), str(tmp_path), 0, _NOW.isoformat(), boundary=boundary, nth=nth)
    desk = recordings_desk(desk_of(job, engine), tmp_path)
    for contents, ended_at in ((_OLD, NOON - timedelta(days=29)), (_NEW, _NOW - timedelta(minutes=5))):
        for name, content in contents.items():
            put_call(engine, name, ended_at=ended_at)
            put_file(tmp_path / "monitor", name, content)
        if contents is _OLD:
            assert fetch_all(desk, NOON)[0] == {"waiting": 3, "kept": 3}
    ended = victims.run(job)
    assert ended.is_killed, f"{boundary} was not passed: {ended.said}"
    assert _contents(desk) - _named(desk, "kept", "waiting") == set()
    for file in (desk.files / "recordings" / ".new").iterdir():
        os.utime(file, (0, 0))
    fetch_all(desk, _NOW)
    assert _contents(desk) == _named(desk, "kept") == {_hash(content) for content in _NEW.values()}
    assert _named(desk, "removed") == {_hash(content) for content in _OLD.values()}
    kinds = _events(desk)
    assert set(kinds.values()) == {1}
    assert Counter(kind for kind, _ in kinds) == {"recording.kept": 6, "recording.removed": 3}
    assert list((desk.files / "recordings" / ".new").iterdir()) == []
    assert Contents(desk.files).path_of(_hash(_NEW["new2.wav"])).read_bytes() == _NEW["new2.wav"]
