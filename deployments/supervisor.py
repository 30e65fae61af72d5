"""`./callout up`: Prefect's server, then what must be in order before work begins, then the worker and the listener.

One process watches them. A child that ends is started again after a growing pause, because an office must not stand
still till somebody looks; whoever prefers the opposite runs the four commands under systemd. Ctrl-C and SIGTERM end the
children in order, the server last, so that every run can still report its end.
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
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from types import FrameType

from deployments.prefect_environment import api_address, callout_environment
from deployments.prefect_server import require_free_port, server_address, start_server, wait_healthy
from deployments.processes import Child, end_left_overs, start_child, stop_children
from deployments.settings import Settings
from tasks.gateways.office_folder import load_office
from tasks.gateways.running_processes import WORK_POOL, host_name, worker_name
from tasks.rules.errors import OutsideError, PortTakenError

_LOOK_SECONDS = 1.0
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_HEALTHY_AFTER_SECONDS = 120.0
_RUNS_AT_ONCE = "3"


@dataclass(slots=True)
class Keeper:
    """Keeps one child running: started again after a pause that doubles until the child stays up."""

    child: Child
    pause_seconds: float = _FIRST_PAUSE_SECONDS
    started: float = field(default_factory=time.monotonic)
    again_at: float | None = None

    def look(self) -> str:
        """Restart the child if it is due; what to tell people, '' for nothing new."""
        now = time.monotonic()
        if self.child.is_running:
            if now - self.started > _HEALTHY_AFTER_SECONDS:
                self.pause_seconds = _FIRST_PAUSE_SECONDS
            return ""
        if self.again_at is None:
            self.again_at = now + self.pause_seconds
            code = self.child.process.returncode
            return f"ended (code {code}), starts again in {self.pause_seconds:.0f} s; see {self.child.log_file}"
        if now < self.again_at:
            return ""
        self._start_again(now)
        return f"started again (process {self.child.process.pid})"

    def _start_again(self, now: float) -> None:
        old = self.child
        self.child = start_child(
            old.name, old.argv, old.env, old.log_file, old.pid_file.parent if old.pid_file else None
        )
        self.started, self.again_at = now, None
        self.pause_seconds = min(self.pause_seconds * 2, _LONGEST_PAUSE_SECONDS)


def run_up(settings: Settings) -> int:
    """Run the office until Ctrl-C or SIGTERM; the exit code.

    Raises PortTakenError, OfficeError or OutsideError, each one line, when it cannot start.
    """
    home = settings.home.resolve()
    time_zone = load_office(settings.office).time_zone
    with _only_one(home / "run"):
        for name in end_left_overs(home / "run"):
            _say(f"{name} of an earlier start was still running and has been ended")
        require_free_port(settings.prefect_port)
        env = callout_environment(settings)
        server = start_server(home, settings.prefect_port, env)
        keepers = [Keeper(server)]
        stop = _stop_on_signals()
        try:
            _prepare(settings, env, server, time_zone, stop)
            if not stop.is_set():
                keepers += [Keeper(child) for child in _start_workers(home, env)]
                _say_running(settings)
            _watch(keepers, stop)
        finally:
            _say("stopping")
            stop_children([keeper.child for keeper in reversed(keepers)])
    _say("stopped")
    return 0


def _prepare(settings: Settings, env: Mapping[str, str], server: Child, time_zone: str, stop: Event) -> None:
    """What must be in order before anyone polls: a healthy server, our deployments, no left-over runs."""
    _say(f"starting Prefect's server on {server_address(settings.prefect_port)}")
    wait_healthy(api_address(settings.prefect_port), is_alive=lambda: server.is_running and not stop.is_set())
    argv = [sys.executable, "-m", "deployments.prepare", time_zone]
    done = subprocess.run(argv, env=dict(env), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise OutsideError(lines[-1])
    told = json.loads(done.stdout.splitlines()[-1])
    _say(f"{told['deployments']} deployments applied" + "".join(f", {name!r} removed" for name in told["removed"]))
    _say(f"{told['closed']} left-over runs closed, {told['missed_skipped']} missed runs skipped")


def _start_workers(home: Path, env: Mapping[str, str]) -> Iterator[Child]:
    python, logs, run = sys.executable, home / "logs", home / "run"
    worker = ["worker", "start", "--pool", WORK_POOL, "--name", worker_name(host_name()), "--limit", _RUNS_AT_ONCE]
    yield start_child("worker", [python, "-m", "prefect", *worker], env, logs / "worker.log", run)
    yield start_child("listener", [python, "-m", "deployments.listener"], env, logs / "listener.log", run)


def _watch(keepers: list[Keeper], stop: Event) -> None:
    while not stop.wait(_LOOK_SECONDS):
        for keeper in keepers:
            news = keeper.look()
            if news:
                _say(f"{keeper.child.name} {news}")


def _say_running(settings: Settings) -> None:
    home = settings.home.resolve()
    _say(f"the office is open: {server_address(settings.prefect_port)} (Prefect), logs in {home / 'logs'}, Ctrl-C ends")


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
