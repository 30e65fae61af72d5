"""What the listener has to do: each job at most once at a time, later when it failed, never forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition
from typing import Literal

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Job:
    """Mail arrived in mailbox `subject`; deals may move; mails are due in the outbox (both without subject)."""

    kind: Literal["mail", "deals", "outbox"]
    subject: str = ""


@dataclass(slots=True)
class Worklist:
    """Jobs wanted, shared by the watchers and the one who works; asking for a waiting job again changes nothing."""

    clock: Callable[[], float] = time.monotonic
    _due: dict[Job, float] = field(default_factory=dict)
    _pause: dict[Job, float] = field(default_factory=dict)
    _not_before: dict[Job, float] = field(default_factory=dict)
    _changed: Condition = field(default_factory=Condition)

    def want(self, job: Job) -> None:
        """Ask for a job: at once, or after the pause of its last failure."""
        with self._changed:
            self._due.setdefault(job, max(self.clock(), self._not_before.get(job, 0.0)))
            self._changed.notify()

    def take(self, timeout_seconds: float) -> Job | None:
        """The job due longest, taken off the list; None when nothing is due within `timeout_seconds`."""
        with self._changed:
            job = self._first_due()
            if job is None:
                self._changed.wait(timeout_seconds)
                job = self._first_due()
            if job is not None:
                del self._due[job]
            return job

    def done(self, job: Job) -> None:
        """The job went well: its next one needs no pause."""
        with self._changed:
            self._pause.pop(job, None)
            self._not_before.pop(job, None)

    def failed(self, job: Job, *, again: bool = True) -> float:
        """The job did not help: it waits longer each time; returns the pause in seconds. `again` asks for it anew."""
        with self._changed:
            pause = self._pause.get(job, FIRST_PAUSE_SECONDS)
            self._pause[job] = min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._not_before[job] = self.clock() + pause
            if again or job in self._due:
                self._due[job] = self._not_before[job]
            return pause

    def _first_due(self) -> Job | None:
        now = self.clock()
        due = [(at, job.kind, job.subject, job) for job, at in self._due.items() if at <= now]
        return min(due)[-1] if due else None
