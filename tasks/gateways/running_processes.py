"""The process table of this host, and the names by which runs and workers tell which process they live in."""

from __future__ import annotations

import os
import platform
from contextlib import suppress

import psutil

from tasks.rules.left_overs import LiveProcess

WORK_POOL = "office"
_TAG = "process:"
_RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"  # set by the worker for the process it starts for a run


def host_name() -> str:
    """This host's name, as runs and workers carry it."""
    return platform.node() or "localhost"


def worker_name(host: str) -> str:
    """The name under which a host's worker serves the pool; `host_of_worker` reads it back."""
    return f"{WORK_POOL}@{host}"


def host_of_worker(name: str) -> str:
    """The host in a worker's name, '' when the worker was not named by us."""
    return name.removeprefix(f"{WORK_POOL}@") if name.startswith(f"{WORK_POOL}@") else ""


def process_tag() -> str:
    """`process:HOST/PID/START` of the process that asks; START tells it from a later process with the same number."""
    return f"{_TAG}{host_name()}/{os.getpid()}/{psutil.Process().create_time():.2f}"


def read_process_tag(tag: str) -> tuple[str, int, float] | None:
    """Host, pid and start time out of a tag, or None when it is another kind of tag."""
    if not tag.startswith(_TAG):
        return None
    with suppress(ValueError):
        host, pid, start = tag.removeprefix(_TAG).rsplit("/", 2)
        return host, int(pid), float(start)
    return None


def live_processes() -> list[LiveProcess]:
    """Every process of this host; ended ones that nobody has waited for yet are not alive."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess), process.oneshot():
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(LiveProcess(process.pid, process.create_time(), _run_of(process)))
    return found


def _run_of(process: psutil.Process) -> str | None:
    try:
        return str(process.environ().get(_RUN_VARIABLE, ""))
    except psutil.AccessDenied:
        return None
