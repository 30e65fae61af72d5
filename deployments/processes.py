"""Child processes that do not outlive us: started with a log file and a pid file, ended in order, found when left over.

On Linux the kernel tells a child when we die. Elsewhere, and when a child did not listen, its pid file (number and
start time, so that a reused number is never hit) finds it at the next start.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tasks.rules.left_overs import is_same_start

_PR_SET_PDEATHSIG = 1
STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Child:
    """A started process and what is needed to start it again."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log_file: Path
    process: subprocess.Popen[bytes]
    pid_file: Path | None = None

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None


def start_child(
    name: str, argv: Sequence[str], env: Mapping[str, str], log_file: Path, run_folder: Path | None = None
) -> Child:
    """Start `argv`; both its outputs are added to `log_file`. With `run_folder` a NAME.pid lies there while it lives.

    The child leads its own process group: Ctrl-C in our terminal reaches us only, and we end the children in order.
    """
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
            list(argv),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent if sys.platform == "linux" else None,
        )
    pid_file = run_folder / f"{name}.pid" if run_folder else None
    if pid_file:
        write_pid(pid_file, process.pid)
    return Child(name, tuple(argv), env, log_file, process, pid_file)


def stop_children(children: Sequence[Child], stop_seconds: float = STOP_SECONDS) -> None:
    """End children one after another, in the order given; who is still there after `stop_seconds` is killed."""
    for child in children:
        if child.is_running:
            child.process.terminate()
        try:
            child.process.wait(stop_seconds)
        except subprocess.TimeoutExpired:
            _kill_group(child.process.pid)
            child.process.wait()
        if child.pid_file:
            child.pid_file.unlink(missing_ok=True)


def end_left_overs(run_folder: Path, stop_seconds: float = STOP_SECONDS) -> list[str]:
    """End the children that a killed supervisor of this home left behind; their names, in the order of their start.

    The oldest first: who keeps the others running must not see them end and start them again.
    """
    found = [(pid_file, _process_of(pid_file)) for pid_file in run_folder.glob("*.pid")]
    left_overs = [(left_over.create_time(), pid_file.stem, left_over) for pid_file, left_over in found if left_over]
    for _start, _name, left_over in sorted(left_overs, key=lambda one: one[:2]):
        _end(left_over, stop_seconds)
    for pid_file, _left_over in found:
        pid_file.unlink(missing_ok=True)
    return [name for _start, name, _left_over in sorted(left_overs, key=lambda one: one[:2])]


def _end(left_over: psutil.Process, stop_seconds: float) -> None:
    with suppress(psutil.NoSuchProcess):
        left_over.terminate()
        try:
            left_over.wait(stop_seconds)
        except psutil.TimeoutExpired:
            _kill_group(left_over.pid)


def _process_of(pid_file: Path) -> psutil.Process | None:
    with suppress(ValueError, KeyError, OSError, psutil.Error):
        told = json.loads(pid_file.read_text(encoding="utf-8"))
        found = psutil.Process(int(told["pid"]))
        if is_same_start(found.create_time(), float(told["start"])):
            return found
    return None


def write_pid(pid_file: Path, pid: int) -> None:
    """Note `pid` and its start time, for `end_left_overs`."""
    with suppress(psutil.NoSuchProcess):  # it ended at once; its exit is noticed by who started it
        pid_file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"pid": pid, "start": psutil.Process(pid).create_time()})
        pid_file.write_text(text, encoding="utf-8")


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def die_with_parent() -> None:
    """Linux only: have the kernel send this process SIGTERM when its parent dies; kept through exec."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
