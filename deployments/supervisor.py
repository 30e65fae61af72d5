"""`./callout up`: Prefect's server, what must be in order before work begins, then worker, listener and door.

supervisord keeps them running: a process that ends is started again after a growing pause, because an office must not
stand still till somebody looks; whoever prefers the opposite runs the five commands under systemd. Ctrl-C and SIGTERM
end them in order, the server last, so that every run can still report its end.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType

from deployments.prefect_environment import api_address, callout_environment
from deployments.prefect_server import SERVER_ARGV, require_free_port, server_address, wait_healthy
from deployments.processes import end_left_overs
from deployments.settings import Settings
from deployments.supervisord import Program, Supervisord, start_supervisord, stop_supervisord, wait_answering
from tasks.gateways.office_folder import load_office
from tasks.gateways.running_processes import WORK_POOL, host_name, worker_name
from tasks.rules.errors import OutsideError, PortTakenError

_LOOK_SECONDS = 2.0
_RUNS_AT_ONCE = "3"


def run_up(settings: Settings) -> int:
    """Run the office until Ctrl-C or SIGTERM; the exit code.

    Raises PortTakenError, OfficeError or OutsideError, each one line, when it cannot start or supervisord was killed.
    """
    home = settings.home.resolve()
    time_zone = load_office(settings.office).time_zone
    with _only_one(home / "run"):
        for name in end_left_overs(home / "run"):
            _say(f"{name} of an earlier start was still running and has been ended")
        require_free_port(settings.prefect_port)
        require_free_port(settings.door_port, "CALLOUT_DOOR_PORT")
        env = callout_environment(settings)
        stop = _stop_on_signals()
        supervisord = start_supervisord(home, _programs(), env)
        try:
            if _is_prepared(settings, env, supervisord, time_zone, stop):
                supervisord.start("worker")
                supervisord.start("listener")
                supervisord.start("door")
                _say_running(settings)
            watch(supervisord, stop)
        finally:
            _say("stopping")
            stop_supervisord(supervisord)
            end_left_overs(home / "run")
    _say("stopped")
    return 0


def _is_prepared(
    settings: Settings, env: Mapping[str, str], supervisord: Supervisord, time_zone: str, stop: Event
) -> bool:
    """Prepare; False when we were asked to stop meanwhile, which may have cut it short."""
    try:
        _prepare(settings, env, supervisord, time_zone, stop)
    except OutsideError:
        if not stop.is_set():
            raise
    return not stop.is_set()


def _prepare(settings: Settings, env: Mapping[str, str], supervisord: Supervisord, time_zone: str, stop: Event) -> None:
    """What must be in order before anyone polls: a healthy server, our deployments, no left-over runs."""
    _say(f"starting Prefect's server on {server_address(settings.prefect_port)}")
    wait_answering(supervisord)
    wait_healthy(
        api_address(settings.prefect_port), is_alive=lambda: not (stop.is_set() or supervisord.has_ended("server"))
    )
    argv = [sys.executable, "-m", "deployments.prepare", time_zone]
    done = subprocess.run(argv, env=dict(env), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise OutsideError(lines[-1])
    told = json.loads(done.stdout.splitlines()[-1])
    _say(f"{told['deployments']} deployments applied" + "".join(f", {name!r} removed" for name in told["removed"]))
    _say(f"{told['closed']} left-over runs closed, {told['missed_skipped']} missed runs skipped")


def _programs() -> list[Program]:
    worker = ["worker", "start", "--pool", WORK_POOL, "--name", worker_name(host_name()), "--limit", _RUNS_AT_ONCE]
    return [
        Program("server", SERVER_ARGV, priority=1, is_first=True),
        Program("worker", (sys.executable, "-m", "prefect", *worker), priority=2),
        Program("listener", (sys.executable, "-m", "deployments.listener"), priority=3),
        Program("door", (sys.executable, "-m", "deployments.door"), priority=4),
    ]


def watch(supervisord: Supervisord, stop: Event) -> None:
    """Tell people what was started again, until `stop`. Raises OutsideError when supervisord itself is gone."""
    before = supervisord.look()
    while not stop.wait(_LOOK_SECONDS):
        if not supervisord.is_running:
            raise OutsideError("supervisord was killed, the office is closed: start it again with ./callout up")
        now = supervisord.look()
        for program in now.values():
            if news := program.news(before.get(program.name)):
                _say(f"{program.name} {news}")
            if program.has_given_up:
                supervisord.start(program.name)
        before = now or before


def _say_running(settings: Settings) -> None:
    home = settings.home.resolve()
    door = f"http://{settings.door_host}:{settings.door_port} (door)"
    _say(f"the office is open: {server_address(settings.prefect_port)} (Prefect), {door}")
    _say(f"logs in {home / 'logs'}, Ctrl-C ends")


def _say(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
    sys.stdout.flush()


def _stop_on_signals() -> Event:
    stop = Event()

    def request_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, request_stop)
    return stop


@contextmanager
def _only_one(run_folder: Path) -> Iterator[None]:
    """Hold the home's lock; the kernel frees it when this process dies, however it dies."""
    run_folder.mkdir(parents=True, exist_ok=True)
    with (run_folder / "up.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise PortTakenError(f"this home is already up (process {holder}): stop it first") from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
