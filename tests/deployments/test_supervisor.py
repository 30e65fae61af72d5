"""`up` on a real home: all three run, a killed one comes back, and whatever is killed, nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import psutil
import pytest

from deployments.prefect_server import START_SECONDS, free_port
from deployments.processes import end_left_overs
from deployments.settings import PROJECT
from deployments.supervisor import watch
from deployments.supervisord import (
    Program,
    Seen,
    configuration,
    start_supervisord,
    stop_supervisord,
    wait_answering,
)
from tasks.rules.errors import OutsideError
from tests.samples.waiting import is_gone, wait_for

pytestmark = pytest.mark.long

_WAIT_SECONDS = 40

_UP = "import sys; from deployments.settings import Settings; from deployments.supervisor import run_up; "
_UP += "sys.exit(run_up(Settings()))"
_PROGRAMS = ("server", "worker", "listener", "door")


def _pid(run: Path, name: str) -> int:
    file = run / f"{name}.pid"
    return int(json.loads(file.read_text())["pid"]) if file.exists() and file.read_text() else 0


class _Office:
    """`up` in a process of its own, and what it said."""

    def __init__(self, home: Path) -> None:
        self.home, self.said = home, home / "said"
        own = {"CALLOUT_HOME": str(home), "PYTHONPATH": str(PROJECT)}
        own |= {"CALLOUT_PREFECT_PORT": str(free_port()), "CALLOUT_DOOR_PORT": str(free_port())}
        self.env = {**os.environ, **own, "CALLOUT_DATABASE_URL": f"sqlite:///{home}/password-inside.db"}
        home.mkdir()

    def open(self) -> subprocess.Popen[bytes]:
        self.said.write_text("")
        with self.said.open("ab") as said:
            up = subprocess.Popen([sys.executable, "-c", _UP], env=self.env, stdout=said, stderr=said)
        wait_for(lambda: "the office is open" in self.said.read_text() or up.poll() is not None, 2 * START_SECONDS)
        assert up.poll() is None, self.said.read_text()
        wait_for(lambda: all(_pid(self.home / "run", name) for name in _PROGRAMS), _WAIT_SECONDS)
        return up

    def left(self) -> list[str]:
        """Commands of living processes that run in this home."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("CALLOUT_HOME") == str(self.home) and not is_gone(process.pid):
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return found

    def pids(self) -> dict[str, int]:
        return {name: _pid(self.home / "run", name) for name in (*_PROGRAMS, "supervisord")}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[_Office]:
    office = _Office(tmp_path / "home 100%")
    yield office
    for process in psutil.process_iter():
        try:
            if process.environ().get("CALLOUT_HOME") == str(office.home):
                process.kill()
        except psutil.Error:
            continue


def test_up_keeps_all_four_running_and_leaves_nothing_behind(office: _Office) -> None:
    up = office.open()
    before = office.pids()
    os.kill(before["worker"], signal.SIGKILL)
    wait_for(
        lambda: "worker" in office.said.read_text() and _pid(office.home / "run", "worker") != before["worker"],
        _WAIT_SECONDS,
    )
    now = office.pids()
    assert not is_gone(now["worker"])
    assert {**now, "worker": 0} == {**before, "worker": 0}
    assert "password-inside" not in (office.home / "run" / "supervisord.conf").read_text()
    up.kill()
    up.wait()
    wait_for(lambda: not office.left(), _WAIT_SECONDS)

    up = office.open()
    up.terminate()
    assert up.wait(60) == 0
    assert office.left() == []
    assert not list((office.home / "run").glob("*.pid"))
    assert office.said.read_text().endswith("stopped\n")


def test_a_killed_supervisord_closes_the_office_and_its_deaf_child_is_found(tmp_path: Path) -> None:
    script = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    programs = [Program("deaf", (sys.executable, "-c", script), 1, is_first=True)]
    supervisord = start_supervisord(tmp_path, programs, {**os.environ, "PYTHONPATH": str(PROJECT)})
    log, run = tmp_path / "logs" / "deaf.log", tmp_path / "run"
    wait_for(lambda: log.is_file() and "deaf" in log.read_text(), _WAIT_SECONDS)
    deaf = _pid(run, "deaf")
    supervisord.child.process.kill()
    with pytest.raises(OutsideError, match="supervisord was killed"):
        watch(supervisord, Event())
    stop_supervisord(supervisord)
    assert not is_gone(deaf)
    assert end_left_overs(run, stop_seconds=0.5) == ["deaf"]
    wait_for(lambda: is_gone(deaf), _WAIT_SECONDS)


def test_a_steady_child_is_started_again_and_ends_with_a_killed_supervisord(tmp_path: Path) -> None:
    programs = [Program("calm", (sys.executable, "-c", "import time; time.sleep(600)"), 1, is_first=True)]
    supervisord = start_supervisord(tmp_path, programs, {**os.environ, "PYTHONPATH": str(PROJECT)})
    wait_for(lambda: supervisord.look().get("calm", Seen("calm", "", 0)).state == "RUNNING", _WAIT_SECONDS)
    first = _pid(tmp_path / "run", "calm")
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: _pid(tmp_path / "run", "calm") not in (0, first), seconds=10)
    second = _pid(tmp_path / "run", "calm")
    assert not is_gone(second)
    supervisord.child.process.kill()
    wait_for(lambda: is_gone(second), seconds=10)
    stop_supervisord(supervisord)


def test_a_program_that_cannot_start_is_tried_again_and_a_long_home_has_a_short_socket(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    program = Program("brief", (sys.executable, "-c", "raise SystemExit(3)"), priority=1, is_first=True)
    supervisord = start_supervisord(home, [program], {**os.environ, "PYTHONPATH": str(PROJECT)})
    try:
        assert len(str(supervisord.socket_file)) < 100 < len(str(home))
        wait_answering(supervisord)
        wait_for(lambda: supervisord.has_ended("brief"), _WAIT_SECONDS)
        first = _pid(home / "run", "brief")
        wait_for(lambda: _pid(home / "run", "brief") != first, _WAIT_SECONDS)
    finally:
        stop_supervisord(supervisord)
    assert not supervisord.socket_file.parent.exists()
    assert supervisord.look() == {}


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        (("RUNNING", 7), ("RUNNING", 7), ""),
        (("STOPPED", 0), ("STARTING", 7), ""),
        (("RUNNING", 7), ("STARTING", 8), "ended and was started again (process 8)"),
        (("STARTING", 7), ("BACKOFF", 0), "ended, starts again; see logs/worker.log"),
        (("BACKOFF", 0), ("BACKOFF", 0), ""),
        (("BACKOFF", 0), ("STARTING", 8), "started again (process 8)"),
    ],
)
def test_news_are_told_once(before: tuple[str, int], now: tuple[str, int], news: str) -> None:
    assert Seen("worker", *now).news(Seen("worker", *before)) == news


def test_the_configuration_takes_any_path(tmp_path: Path) -> None:
    program = Program("worker", ("/a b/100%",), priority=2)
    text = configuration([program], tmp_path / "50% logs", tmp_path / "run", tmp_path / "socket")
    assert "'/a b/100%%'" in text
    assert "50%% logs/supervisord.log" in text
    assert "priority = 2\nautostart = false\nautorestart = true\n" in text
