"""What a run costs: CPU and memory of this process and its parsing child, and the time inside our tasks."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import psutil

_LOOK_SECONDS = 0.1


def measured_processes() -> list[psutil.Process]:
    """This process, and the child that parses mail where it runs."""
    from tasks.gateways.mail_parsing import MAIL_PARSER

    child = MAIL_PARSER.child_pid
    return [psutil.Process(), *([psutil.Process(child)] if child is not None else [])]


def cpu_seconds() -> float:
    """User and system time of the measured processes so far."""
    return sum(times.user + times.system for times in (process.cpu_times() for process in measured_processes()))


class Memory:
    """Resident memory of the measured processes together: at the start, and the most while the context lasts."""

    before_bytes = 0
    most_bytes = 0

    def __enter__(self) -> Self:
        self._stop = Event()
        self.before_bytes = self.most_bytes = _rss_bytes()
        self._looking = Thread(target=self._look, daemon=True)
        self._looking.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            with suppress(psutil.Error):
                self.most_bytes = max(self.most_bytes, _rss_bytes())


def _rss_bytes() -> int:
    return sum(int(process.memory_info().rss) for process in measured_processes())


class OwnTime:
    """Seconds spent inside the functions of the intake's tasks; what is left of a run's wall time is Prefect's."""

    seconds = 0.0
    _depth = 0

    def watch_intake(self) -> None:
        """Count from now on, whatever calls them."""
        from tasks import mail, quality

        for task in (mail.fetch_mail, mail.interpret_mail, quality.gate_batch, mail.settle_mail):
            task.fn = self._counted(inspect.unwrap(task.fn))
        mail.MailFetch.wait = self._counted(inspect.unwrap(mail.MailFetch.wait))

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
