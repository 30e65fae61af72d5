"""Twelve kept courses, killed at every commit, and played by two processes at once: they end as if nothing had been."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.gateways.store.connection import open_store
from tests.faults.course_work import COURSE, LOOKING
from tests.faults.victim import Job, Victims, engine_url, warm_victims
from tests.samples.course_player import MORNING, Player
from tests.samples.kept_courses import COURSES, Course

pytestmark = pytest.mark.faults

ALL = pytest.mark.parametrize("course", COURSES, ids=lambda course: course.name)
_MOST_COMMITS = 200


@pytest.fixture(scope="session")
def helpers() -> Iterator[Victims]:
    """A second warm process, to work beside the first."""
    with warm_victims() as opened:
        yield opened


def _undisturbed(course: Course, template: Path, folder: Path, looks: tuple[int, ...] | None) -> dict[str, Any]:
    folder.mkdir()
    copyfile(template, folder / "store.db")
    engine = open_store(f"sqlite:///{folder / 'store.db'}")
    player = Player(engine, folder)
    player.play(course, looks)
    assert player.ends() == course.ends
    picture = player.picture()
    engine.dispose()
    return picture


@ALL
def test_killed_at_every_commit(
    course: Course, engine: sa.Engine, sqlite_template: Path, tmp_path: Path, victims: Victims
) -> None:
    """The n-th victim dies before or after its n-th commit; the next begins the course again."""
    expected = _undisturbed(course, sqlite_template, tmp_path / "undisturbed", ())
    job = Job(f"{COURSE}{course.name}", engine_url(engine), str(tmp_path), 0, MORNING.isoformat())
    kills = 0
    for nth in range(1, _MOST_COMMITS):
        ended = victims.run(replace(job, boundary="committed" if nth % 2 else "committing", nth=nth))
        if not ended.is_killed:
            assert not ended.code, ended.said
            break
        kills += 1
    assert kills > len(course.said)
    assert Player(engine, tmp_path).picture() == expected


@ALL
def test_two_processes_at_once(
    course: Course, engine: sa.Engine, sqlite_template: Path, tmp_path: Path, victims: Victims, helpers: Victims
) -> None:
    expected = _undisturbed(course, sqlite_template, tmp_path / "undisturbed", None)
    job = Job(f"{LOOKING}{course.name}", engine_url(engine), str(tmp_path), 0, MORNING.isoformat())
    with ThreadPoolExecutor(2) as both:
        for ended in both.map(lambda workers: workers.run(job), (victims, helpers)):
            assert not ended.is_killed
            assert not ended.code, ended.said
    assert Player(engine, tmp_path).picture() == expected
