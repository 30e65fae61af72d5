"""`./callout balance` against a real mailbox: even, lost, and not reached."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from deployments.prefect_server import free_port
from deployments.settings import PROJECT
from sql import schema
from tasks.gateways.store.connection import open_store, writing
from tests.samples.mail_desk import fetch, open_mail_desk, take_in
from tests.samples.mail_room import EVENING, PASSWORD, MailRoom, message, pymap_room

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    with pymap_room(tmp_path_factory.mktemp("mail")) as opened:
        for number in range(3):
            opened.put(f"m{number}", message(f"m{number}", f"p{number}@example.com"))
        yield opened


def _balance(home: Path, imap_port: int, *words: str) -> subprocess.CompletedProcess[str]:
    home_only = {"CALLOUT_HOME": str(home), "CALLOUT_IMAP_PORT": str(imap_port), "PYTHONPATH": str(PROJECT)}
    env = {**os.environ, **home_only, "CALLOUT_SECRET_OFFICE_MAILBOX": PASSWORD}
    argv = [sys.executable, "-m", "deployments.cli", "balance", *words]
    done = subprocess.run(argv, env=env, cwd=home, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr + done.stdout
    return done


def test_even_then_a_row_lost_then_nobody_answers(room: MailRoom, sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    desk, _ = open_mail_desk(sqlite_engine, room, tmp_path)
    fetch(desk, EVENING)
    take_in(desk, EVENING)
    sqlite_engine.dispose()  # folds the write-ahead log into the file
    (tmp_path / "store.db").rename(tmp_path / "callout.db")
    even = _balance(tmp_path, room.port, "--json")
    assert even.returncode == 0, even.stdout + even.stderr
    [source] = [one for one in json.loads(even.stdout)["sources"] if one["source"].startswith("mail:office")]
    assert (source["seen"], source["settled"], source["waiting"]) == (3, 3, 0)
    _lose_one(f"sqlite:///{tmp_path / 'callout.db'}")
    lost = _balance(tmp_path, room.port)
    assert lost.returncode == 1
    assert "есть на сервере, но не принято" in lost.stdout
    silent = _balance(tmp_path, free_port())
    assert silent.returncode == 1
    assert "не проверено" in silent.stdout


def _lose_one(url: str) -> None:
    engine = open_store(url)
    with writing(engine) as connection:
        connection.execute(sa.delete(schema.activity))
        connection.execute(sa.delete(schema.intake_item).where(schema.intake_item.c.id == 2))
    engine.dispose()
