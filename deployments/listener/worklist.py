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
    """Mail arrived in mailbox `subject`; calls came; deals may move; mails are due (these without subject)."""

    kind: Literal["mail", "calls", "deals", "outbox"]
    subject: str = ""


@dataclass(slots=True)
class Worklist:
    """Jobs wanted, shared by the watchers and those who work; asking for a waiting job again changes nothing.

    Every job has one worker of its own, so that a mail never waits for deals, nor one mailbox for another that hangs.
    """

    clock: Callable[[], float] = time.monotonic
    _due: dict[Job, float] = field(default_factory=dict)
    _pause: dict[Job, float] = field(default_factory=dict)
    _not_before: dict[Job, float] = field(default_factory=dict)
    _changed: Condition = field(default_factory=Condition)

    def want(self, job: Job, after_seconds: float = 0.0) -> None:
        """Ask for a job: at once, or `after_seconds`, and not before the pause of its last failure is over."""
        with self._changed:
            at = max(self.clock() + after_seconds, self._not_before.get(job, 0.0))
            self._due[job] = min(at, self._due.get(job, at))
            self._changed.notify_all()

    def take(self, job: Job, timeout_seconds: float) -> bool:
        """Take the job off the list when it is due; False when it is not within `timeout_seconds`."""
        end = self.clock() + timeout_seconds
        with self._changed:
            while (now := self.clock()) < self._due.get(job, now + 1):
                if now >= end:
                    return False
                self._changed.wait(min(end, self._due.get(job, end)) - now)
            del self._due[job]
            return True

    def forget(self, job: Job) -> None:
        """Nobody works at this job any longer."""
        with self._changed:
            for notes in (self._due, self._pause, self._not_before):
                notes.pop(job, None)

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
