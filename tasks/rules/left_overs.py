"""Which runs were left open by a dead machine: decided from what is known of their process, never from their age alone.

A long healthy run is never closed: its process is there. A run of another host is that host's to judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

OpenState = Literal["RUNNING", "PENDING", "CANCELLING"]
Verdict = Literal["alive", "gone", "elsewhere", "unknown"]
_SAME_START_SECONDS = 2.0  # process tables round the start time differently


def is_same_start(one: float, other: float) -> bool:
    """Whether two start times (seconds since the epoch) are one process's: process numbers are used again."""
    return abs(one - other) <= _SAME_START_SECONDS


@dataclass(frozen=True, slots=True)
class OpenRun:
    """An open run and the trace of its process.

    `host` is '' and `pid` None when nobody has told them yet; `process_start` (seconds since 1970) is known for runs
    inside a daemon or a command, which carry their process in a tag.
    """

    run_id: str
    state: OpenState
    state_age_seconds: float
    host: str = ""
    pid: int | None = None
    process_start: float | None = None


@dataclass(frozen=True, slots=True)
class LiveProcess:
    """A process of this host. `run_id` is the run it was started for, '' for none, None when we may not look."""

    pid: int
    start: float
    run_id: str | None


@dataclass(frozen=True, slots=True)
class LateRun:
    """A scheduled run whose time has passed without a start."""

    run_id: str
    deployment: str
    due_at: datetime


def judge(run: OpenRun, host: str, processes: Sequence[LiveProcess], grace_seconds: float) -> Verdict:
    """Whether the process of `run` still lives.

    `grace_seconds` is how long a claimed run may stay without a process: a worker needs seconds to start one.
    """
    if run.host and run.host != host:
        return "elsewhere"
    if any(_carries(process, run) for process in processes):
        return "alive"
    if run.process_start is not None:
        return "gone"
    if run.state != "PENDING":
        # A worker's run becomes Running by its own process, so that one has existed; without a trace it is not ours.
        return "gone" if run.host or run.pid is not None else "unknown"
    return "gone" if run.state_age_seconds >= grace_seconds else "unknown"


def _carries(process: LiveProcess, run: OpenRun) -> bool:
    if process.run_id == run.run_id:
        return True
    if process.pid != run.pid:
        return False
    if run.process_start is not None:
        return is_same_start(process.start, run.process_start)
    return process.run_id is None


def superseded(late: Iterable[LateRun]) -> list[str]:
    """The late runs that the newest late run of the same deployment covers: after a night off one run is enough."""
    by_deployment: dict[str, list[LateRun]] = {}
    for run in late:
        by_deployment.setdefault(run.deployment, []).append(run)
    return [
        run.run_id
        for runs in by_deployment.values()
        for run in sorted(runs, key=lambda one: (one.due_at, one.run_id))[:-1]
    ]
