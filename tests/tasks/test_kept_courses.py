"""Twelve kept courses: events once or twice, looks at the clock after each, in between, or never, end the same way."""

from __future__ import annotations

import random
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.gateways.store.connection import open_store
from tests.samples.course_player import Player
from tests.samples.kept_courses import COURSES, Course

pytestmark = pytest.mark.long

ALL = pytest.mark.parametrize("course", COURSES, ids=lambda course: course.name)


def _anyhow(course: Course) -> list[int]:
    """Looks at random minutes, some of them twice."""
    return random.Random(course.name).choices(range(1, course.until), k=12)


@ALL
def test_a_kept_course_does_not_depend_on_how_it_comes_about(
    course: Course, sqlite_template: Path, tmp_path: Path
) -> None:
    looks: dict[str, dict[str, Any]] = {
        "plainly": {},
        "twice": {"times": 2},
        "never": {"looks": ()},
        "anyhow, twice": {"looks": _anyhow(course), "times": 2},
    }
    found = {name: _played(course, sqlite_template, tmp_path / name, how) for name, how in looks.items()}
    assert found["plainly"].ends() == course.ends
    assert found["plainly"].picture() == found["twice"].picture()
    without_letters = [player.picture(with_letters=False) for player in found.values()]
    assert [one == without_letters[0] for one in without_letters] == [True] * len(looks)


def _played(course: Course, template: Path, folder: Path, how: dict[str, Any]) -> Player:
    folder.mkdir()
    copyfile(template, folder / "store.db")
    player = Player(open_store(f"sqlite:///{folder / 'store.db'}"), folder)
    player.play(course, **how)
    return player


@ALL
def test_a_kept_course_ends_alike_on_both_engines(course: Course, engine: sa.Engine, tmp_path: Path) -> None:
    player = Player(engine, tmp_path)
    player.play(course)
    assert player.ends() == course.ends
    before = player.day.everything()
    player.play(course)
    assert player.day.everything() == before, "a second playing changes nothing"
