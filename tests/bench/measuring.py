"""What a run costs: CPU and memory of this process and its children, and the time inside our tasks."""

from __future__ import annotations

import functools
import inspect
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import psutil

_LOOK_SECONDS = 0.1
_MEGABYTE = 1024**2


def print_figures(figures: Mapping[str, Any], *, as_json: bool) -> None:
    """One JSON object, or a line for each name with what was measured of it."""
    if as_json:
        print(json.dumps(figures))
        return
    for name, one in figures.items():
        said = "  ".join(f"{key} {value}" for key, value in one.items()) if isinstance(one, dict) else str(one)
        print(f"{name}: {said}")


def measured_processes() -> dict[str, psutil.Process]:
    """This process, and the children that parse mail and judge rows, those that run."""
    from tasks.gateways.mail_parsing import MAIL_PARSER
    from tasks.gateways.quality_gate import GATE

    pids = {"intake": os.getpid(), "parser": MAIL_PARSER.child_pid, "gate": GATE.child_pid}
    return {name: psutil.Process(pid) for name, pid in pids.items() if pid is not None and psutil.pid_exists(pid)}


def cpu_seconds() -> float:
    """User and system time of the measured processes so far."""
    return sum(times.user + times.system for times in (one.cpu_times() for one in measured_processes().values()))


class Memory:
    """Resident memory of the measured processes: at the start, and the most while the context lasts.

    By process, and `together` in one moment. When `count_mails` tells of more, the most so far goes to `course`.
    """

    def __init__(self, count_mails: Callable[[], int] = lambda: 0) -> None:
        self._count_mails = count_mails
        self.before: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.course: dict[int, dict[str, int]] = {}

    def __enter__(self) -> Self:
        self._stop = Event()
        self.before = self.most = _resident()
        self._looking = Thread(target=self._look, daemon=True)
        self._looking.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._looking.join()
        self._note()

    def _look(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            with suppress(psutil.Error):
                self._note()

    def _note(self) -> None:
        now = _resident()
        self.most = {name: max(now.get(name, 0), self.most.get(name, 0)) for name in now | self.most}
        if count := self._count_mails():
            self.course.setdefault(count, self.most)


def _resident() -> dict[str, int]:
    """Megabytes by process, and together."""
    found = {name: int(one.memory_info().rss) for name, one in measured_processes().items()}
    return {name: size // _MEGABYTE for name, size in (found | {"together": sum(found.values())}).items()}


class OwnTime:
    """Seconds spent inside the functions of the intake's tasks, and the mails that they settled.

    What is left of a run's wall time is Prefect's.
    """

    seconds = 0.0
    settled_count = 0
    _depth = 0

    def watch_intake(self) -> None:
        """Count from now on, whatever calls them."""
        from tasks import mail, quality

        mail.settle_mail.fn = self._settling(mail.settle_mail.fn)
        for task in (mail.fetch_mail, mail.interpret_mail, quality.gate_batch, mail.settle_mail):
            task.fn = self._counted(inspect.unwrap(task.fn))
        mail.MailFetch.wait = self._counted(inspect.unwrap(mail.MailFetch.wait))

    def _settling(self, function: Callable[..., dict[str, int]]) -> Callable[..., dict[str, int]]:
        def settling(*args: Any, **kwargs: Any) -> dict[str, int]:
            counts = function(*args, **kwargs)
            self.settled_count += counts["interpreted"]
            return counts

        return settling

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            self._depth += 1
            try:
                return function(*args, **kwargs)
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.seconds += time.perf_counter() - began

        return counted
