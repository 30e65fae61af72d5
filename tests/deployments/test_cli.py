"""What a user can get wrong at the command line: one line, the right exit code, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.prefect_server import free_port
from deployments.settings import PROJECT
from tasks.gateways.store.connection import open_store, writing
from tasks.gateways.store.revision import upgrade
from tests.deployments.conftest import OfficeServer


def _run(home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "CALLOUT_HOME": str(home), "PYTHONPATH": str(PROJECT), **variables}
    argv = [sys.executable, "-m", "deployments.cli", *words]
    done = subprocess.run(argv, env=env, cwd=home, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr + done.stdout
    return done


def _spoilt_office(home: Path) -> Path:
    folder = home / "spoilt"
    shutil.copytree(PROJECT / "deployments" / "office", folder)
    people = folder / "people.yaml"
    people.write_text(people.read_text(encoding="utf-8").replace("[dispatcher]", "[dispacher]"), encoding="utf-8")
    return folder


def test_a_bad_office_is_refused_with_file_line_and_reason(tmp_path: Path) -> None:
    folder = _spoilt_office(tmp_path)
    for words in (("office", "check"), ("intake-mail",), ("up",)):
        done = _run(tmp_path, *words, CALLOUT_OFFICE=str(folder))
        assert done.returncode == 3
        assert done.stderr.startswith("callout: people.yaml:")
        assert "dispacher" in done.stderr


def test_a_database_newer_than_the_code_is_named(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'callout.db'}")
    upgrade(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    done = _run(tmp_path, "advance", "--json")
    assert done.returncode == 6
    assert "newer than this code" in done.stderr
    assert json.loads(done.stdout)["exit_code"] == 6


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = _run(tmp_path, "up", CALLOUT_PREFECT_PORT=port)
    assert done.returncode == 7
    assert f"port {port} on 127.0.0.1 is taken" in done.stderr


@pytest.mark.parametrize(
    ("variables", "code", "words"),
    [
        ({}, 5, "secret 'office-mailbox' is not set"),
        ({"CALLOUT_SECRET_OFFICE_MAILBOX": "x"}, 4, "mailbox office: cannot reach 127.0.0.1:"),
    ],
)
def test_a_mailbox_that_cannot_be_used_is_one_line(
    tmp_path: Path, office_server: OfficeServer, variables: dict[str, str], code: int, words: str
) -> None:
    ports = {"CALLOUT_IMAP_PORT": str(free_port()), "CALLOUT_PREFECT_PORT": str(office_server.port)}
    done = _run(tmp_path, "intake-mail", **ports, **variables)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert words in done.stderr


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-17T09:30:00"])
def test_a_moment_needs_a_zone(tmp_path: Path, moment: str) -> None:
    done = _run(tmp_path, "advance", "--as-of", moment)
    assert done.returncode == 2
    assert "2026-11-17T09:30:00+03:00" in done.stderr


def test_a_copied_office_is_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "my-office"
    assert _run(tmp_path, "init", str(folder)).returncode == 0
    assert json.loads(_run(tmp_path, "office", "check", str(folder), "--json").stdout)["people"] == 9
    assert _run(tmp_path, "init", str(folder)).returncode == 2
