"""Posts of web forms that share a commit: as if one after another, none takes another with it, none is lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event

import httpx
import pytest
import sqlalchemy as sa

from deployments.door.form_line import FormLine
from deployments.door.room import Room
from deployments.prefect_server import free_port
from deployments.settings import PROJECT
from sql.schema import activity, form_post, intake_item, lead
from tasks.gateways.store.connection import open_store, writing
from tasks.gateways.store.revision import upgrade
from tasks.rules.forms.turns import turns
from tasks.rules.office_door import SiteForm
from tasks.site_forms import Post, Taken, take_posts
from tests.door.visiting import rows
from tests.samples.waiting import wait_for


def _form(room: Room) -> SiteForm:
    return next(form for form in room.office.forms if form.name == "request")


def _post(number: int, mail: str = "", key: str = "") -> Post:
    values = {"name": ["Иван"], "mail": [mail or f"ivan{number}@somebody.example"], "text": [f"Котёл {number}"]}
    return Post(json.dumps(values).encode(), values, key or f"k{number}", "192.0.2.1")


def _together(room: Room, posts: list[Post]) -> list[Taken | BaseException]:
    """All wait in the line while somebody else writes; what became of each."""
    line, form = FormLine(room), _form(room)

    async def stand_in_line() -> list[Taken | BaseException]:
        with writing(room.desk.engine):
            waiting = [asyncio.create_task(line.take(form, post)) for post in posts]
            await asyncio.sleep(0.1)
        return await asyncio.gather(*waiting, return_exceptions=True)

    try:
        return asyncio.run(stand_in_line())
    finally:
        line.end()


def test_many_posts_share_few_commits(lite_room: Room) -> None:
    commits: list[object] = []
    sa.event.listen(lite_room.desk.engine, "commit", commits.append)
    taken = _together(lite_room, [_post(number) for number in range(20)])
    numbers = {one.number for one in taken if isinstance(one, Taken)}
    assert numbers == {row.number for row in rows(lite_room.desk.engine, lead)}
    assert len(numbers) == 20
    assert len(commits) <= 3  # the test's own, the first post alone, the others


def test_a_post_that_fails_takes_no_other_with_it(room: Room) -> None:
    with writing(room.desk.engine) as connection:  # what a hand in the store could leave: a body without its post
        row = {"source": "form:request", "natural_key": "key:bad", "meaning_key": "x", "sha256": "x", "raw": b""}
        at = {"size_bytes": 0, "received_at": room.now(), "fetched_at": room.now()}
        connection.execute(sa.insert(intake_item).values(row | at))
    posts = [_post(number, key="bad" if number == 5 else "") for number in range(12)]
    taken = _together(room, posts)
    assert [isinstance(one, Taken) for one in taken] == [number != 5 for number in range(12)]
    assert isinstance(taken[5], sa.exc.IntegrityError)
    engine = room.desk.engine
    assert [len(rows(engine, table)) for table in (lead, form_post, activity)] == [11, 11, 11]


def test_together_they_are_what_they_would_be_alone(room: Room) -> None:
    form = replace(_form(room), per_hour_from_one_address=6)
    posts = [
        _post(1),
        _post(2, mail="ivan1@somebody.example"),  # asks again: a word to the open lead
        _post(1),  # the same post again
        _post(3, key="k1"),  # another body under its key
        _post(4),
        _post(5),
        _post(6),  # one too many in this hour
    ]
    taken = take_posts(room.desk, [(form, post) for post in posts], room.now())
    first = taken[0].number
    assert taken[1] == Taken(first)
    assert taken[2] == Taken(first, is_repeated=True)
    assert [one.refusal for one in taken] == ["", "", "", "other_body", "", "", "too_many"]
    assert len({one.number for one in taken if one.number}) == len(rows(room.desk.engine, lead)) == 3
    assert len(rows(room.desk.engine, form_post)) == 4


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ([], []),
        (["a", "b", "c"], [[0, 1, 2]]),
        (["a", "a", "a"], [[0], [1], [2]]),
        (["a", "ab", "b", "c"], [[0, 3], [1], [2]]),
        (["", ""], [[0, 1]]),
    ],
)
def test_turns(names: list[str], wanted: list[list[int]]) -> None:
    assert turns([set(own) for own in names]) == wanted


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    url, port = f"sqlite:///{tmp_path / 'office.db'}", free_port()
    engine = open_store(url)
    upgrade(engine)
    door = subprocess.Popen(
        [sys.executable, "-m", "deployments.door"],
        env={
            **os.environ,
            "CALLOUT_HOME": str(tmp_path),
            "CALLOUT_DATABASE_URL": url,
            "CALLOUT_DOOR_PORT": str(port),
            "CALLOUT_OFFICE": str(PROJECT / "deployments" / "office"),
            "PYTHONPATH": str(PROJECT),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    told: dict[str, str] = {}
    enough = Event()

    def is_open() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
        return False

    def send(number: int) -> None:
        body = {"name": "Иван", "mail": f"ivan{number}@somebody.example", "text": "Котёл"}
        with suppress(httpx.HTTPError):  # those whom nobody answers any more
            answer = httpx.post(
                f"http://127.0.0.1:{port}/forms/request", json=body, headers={"idempotency-key": f"k{number}"}
            )
            assert answer.status_code == 201
            told[f"k{number}"] = answer.json()["number"]
            if len(told) == 10:
                enough.set()

    try:
        wait_for(is_open, 180)
        with ThreadPoolExecutor(8) as pool:
            sent = [pool.submit(send, number) for number in range(28)]
            assert enough.wait(120)
            door.send_signal(signal.SIGKILL)
    finally:
        door.kill()
        door.wait()
    [one.result() for one in sent]
    kept = {row.key: row.number for row in rows(engine, form_post)}
    assert len(told) >= 10
    assert told.items() <= kept.items()
    assert set(kept.values()) == {row.number for row in rows(engine, lead)}
    assert len(kept) == len(rows(engine, intake_item)) == len(rows(engine, activity))
    engine.dispose()
