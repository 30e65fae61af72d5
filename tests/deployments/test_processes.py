"""Children end with us, in order; what a killed supervisor left behind is found; a taken port is said in one line."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from deployments.prefect_environment import callout_environment
from deployments.prefect_server import require_free_port, wait_healthy
from deployments.processes import end_left_overs, start_child, stop_children
from deployments.settings import PROJECT, Settings
from deployments.supervisor import run_up
from tasks.rules.errors import OutsideError, PortTakenError
from tests.samples.waiting import is_gone, wait_for

_WAIT_SECONDS = 20

_SLEEP = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
_DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]


def test_children_are_stopped_and_a_deaf_one_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "deaf.log"
    children = [start_child("deaf", _DEAF, os.environ, log, tmp_path), start_child("calm", _SLEEP, os.environ, log)]
    assert (tmp_path / "deaf.pid").is_file()
    wait_for(lambda: {"deaf", "here"} <= set(log.read_text().split()), _WAIT_SECONDS)
    stop_children(children, stop_seconds=0.5)
    assert not any(child.is_running for child in children)
    assert [child.process.returncode for child in children] == [-signal.SIGKILL, -signal.SIGTERM]
    assert not (tmp_path / "deaf.pid").exists()


def test_children_hear_of_their_parents_death(tmp_path: Path) -> None:
    parent = _parent(tmp_path, _SLEEP)
    child = _child_of(tmp_path)
    parent.kill()
    parent.wait()
    wait_for(lambda: is_gone(child), _WAIT_SECONDS)


def test_what_a_killed_supervisor_left_behind_is_ended_but_never_a_reused_number(tmp_path: Path) -> None:
    parent = _parent(tmp_path, _DEAF)
    child = _child_of(tmp_path)
    parent.kill()
    parent.wait()
    stranger = subprocess.Popen(_SLEEP, stdout=subprocess.DEVNULL)
    old = {"pid": stranger.pid, "start": psutil.Process(stranger.pid).create_time() - 3600}
    (tmp_path / "stranger.pid").write_text(json.dumps(old))
    (tmp_path / "torn.pid").write_text('{"pid": 1')
    assert not is_gone(child)
    assert end_left_overs(tmp_path, stop_seconds=0.5) == ["child"]
    wait_for(lambda: is_gone(child), _WAIT_SECONDS)
    assert stranger.poll() is None
    assert not list(tmp_path.glob("*.pid"))
    stranger.kill()
    stranger.wait()


def _parent(folder: Path, argv: list[str]) -> subprocess.Popen[bytes]:
    script = (
        "import os, sys, time, pathlib\nfrom deployments.processes import start_child\n"
        f"folder = pathlib.Path({str(folder)!r})\n"
        f"start_child('child', {argv!r}, os.environ, folder / 'child.log', folder)\ntime.sleep(600)\n"
    )
    return subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": str(PROJECT)})


def _child_of(folder: Path) -> int:
    log = folder / "child.log"
    wait_for(lambda: log.is_file() and log.read_text() and (folder / "child.pid").is_file(), _WAIT_SECONDS)
    return int(json.loads((folder / "child.pid").read_text())["pid"])


def test_a_taken_port_says_by_whom_and_what_to_do() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"{port} .*process {os.getpid()}.*CALLOUT_PREFECT_PORT"):
            require_free_port(port)
    require_free_port(port)


def test_up_refuses_a_taken_port_and_a_home_that_is_up(tmp_path: Path) -> None:
    import fcntl

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = Settings(home=tmp_path, prefect_port=other.getsockname()[1])
        with pytest.raises(PortTakenError, match="is taken"):
            run_up(settings)
        with (tmp_path / "run" / "up.lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(PortTakenError, match=rf"already up \(process {os.getpid()}\)"):
                run_up(settings)


def test_waiting_for_a_server_that_ended_is_not_waited_out() -> None:
    began = time.monotonic()
    with pytest.raises(OutsideError, match="ended while starting"):
        wait_healthy("http://127.0.0.1:9/api", timeout_seconds=60, is_alive=lambda: False)
    assert time.monotonic() - began < 30


def test_the_environment_is_private_and_passes_the_settings_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://somewhere.example/api")
    settings = Settings(home=tmp_path, prefect_port=4321, database_url="sqlite:///elsewhere.db")
    env = callout_environment(settings)
    assert env["PREFECT_API_URL"] == "http://127.0.0.1:4321/api"
    assert "PREFECT_API_URL" not in callout_environment(settings, has_server=False)
    assert env["CALLOUT_DATABASE_URL"] == "sqlite:///elsewhere.db"
    assert env["PREFECT_HOME"].startswith(str(tmp_path))
    script = (
        "from prefect.settings import get_current_settings as g; s = g().server; v = s.services.db_vacuum; "
        "print(s.analytics_enabled, s.ui.v2_enabled, s.ui.show_promotional_content, s.api.host, "
        "s.events.retention_period, sorted(v.enabled_vacuum_types), v.retention_period)"
    )
    said = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True).stdout
    assert said == "False False False 127.0.0.1 7 days, 0:00:00 ['events', 'flow_runs', 'orphans'] 90 days, 0:00:00\n"
