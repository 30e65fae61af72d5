"""A kept course as a victim plays it: from its beginning, whatever of it has happened already."""

from __future__ import annotations

from pathlib import Path

from tasks.gateways.store.connection import open_store
from tests.samples.course_player import Player
from tests.samples.kept_courses import BY_NAME
from tests.tasks.day_at_office import sample_office

COURSE, LOOKING = "course:", "looking-course:"


def make_ready(work: str) -> None:
    """Read before the victim is born what every victim of this work would read."""
    if work.startswith((COURSE, LOOKING)):
        sample_office()


def play_course(work: str, url: str, home: str) -> None:
    """Play it; the office looks after each act, or only at the end."""
    engine = open_store(url)
    looks = None if work.startswith(LOOKING) else ()
    Player(engine, Path(home)).play(BY_NAME[work.partition(":")[2]], looks)
    engine.dispose()
