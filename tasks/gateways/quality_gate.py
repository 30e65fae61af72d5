"""The gate before interpretation, in a child process: it needs more imports and memory than all the rest of an intake.

Rows go and findings come as JSON; the verdict is put together here, from the rows as they were.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any

from tasks.gateways.working_child import WorkingChild
from tasks.rules.errors import OutsideError
from tasks.rules.gate import Finding, GateResult, QualityError, judge_batch

MOMENT = "moment"
_MODULE = "tasks.gateways.quality_gate_child"
_SECONDS_PER_BATCH = 300.0
_IDLE_SECONDS = 120.0


class Gate:
    """One child process at a time, which ends when it is idle so long (0: never), or with us."""

    def __init__(self, seconds_per_batch: float = _SECONDS_PER_BATCH, idle_seconds: float = _IDLE_SECONDS) -> None:
        self._seconds_per_batch = seconds_per_batch
        self._child = self._new_child(idle_seconds)
        self._lock = Lock()

    def _new_child(self, idle_seconds: float) -> WorkingChild:
        return WorkingChild("judges rows", _MODULE, str(idle_seconds), answer_seconds=self._seconds_per_batch)

    @property
    def child_pid(self) -> int | None:
        """The running child, for those who measure what it costs."""
        return self._child.pid

    def begin(self) -> None:
        """Start the child, whose imports take seconds, while its first rows are still on their way."""
        self._child.start()

    def stay(self) -> None:
        """Have a child that never ends for being idle: for a process that must answer in a second at any time."""
        with self._lock:
            self._child.close()
            self._child = self._new_child(0.0)
            self._child.start()

    def judge(self, suite: str, rows: Sequence[Mapping[str, Any]]) -> GateResult:
        """Judge a batch by the suite of this name; an empty batch is an empty verdict.

        Raises QualityError when the batch as a whole cannot be judged (unknown suite, missing column, an expectation
        that failed to run, a child that fails twice): then no row of it may go on.
        """
        if not rows:
            return GateResult()
        question = json.dumps({"suite": suite, "rows": rows}, default=_plain).encode()
        with self._lock:
            answer = json.loads(self._ask(question))
        if "refused" in answer:
            raise QualityError(answer["refused"])
        return judge_batch(rows, (Finding(*finding) for finding in answer["findings"]))

    def close(self) -> None:
        """End the child; the next batch starts another."""
        self._child.close()

    def _ask(self, question: bytes) -> bytes:
        """The answer of a child; one that was there before may have ended for reasons of its own, a new one may not."""
        is_new = False
        while not is_new:
            try:
                is_new = self._child.make_ready()
            except OutsideError as error:
                raise QualityError(str(error)) from error
            answers = self._child.ask([question])
            if answers.frames:
                return answers.frames[0]
            if answers.failure == "late":
                raise QualityError(f"judging a batch takes more than {self._seconds_per_batch:g} s; it is refused")
        raise QualityError("the process that judges rows ended over a batch; it is refused")


def _plain(value: object) -> object:
    """What JSON has no word for: moments are marked, the rest is read from its text like any damaged value."""
    return {MOMENT: value.isoformat()} if isinstance(value, datetime) else str(value)


GATE = Gate()
"""The one of this process."""


def gate_rows(suite: str, rows: Sequence[Mapping[str, Any]]) -> GateResult:
    """Judge a batch by this process's gate. Raises QualityError as `Gate.judge`."""
    return GATE.judge(suite, rows)
