"""`python -m deployments.listener`: quick work at once. Mail, a call: intake, deals, dispatch; mails due: dispatch.

SIGTERM and Ctrl-C end it after the runs in hand. Nothing is lost by ending it otherwise: the schedules are the net.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable
from threading import Event, Thread
from types import FrameType

from flows.opening import open_desk, read_office
from tasks.desk import Desk
from tasks.rules.errors import CalloutError

_log = logging.getLogger("callout.listener")
_LAST_RUN_SECONDS = 15.0
_OFFICE_LOOK_SECONDS = 10.0


def main() -> int:
    """Listen until told to stop; the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("callout").setLevel(logging.INFO)
    try:
        desk = open_desk()
    except CalloutError as error:
        _log.error("%s", error)
        return error.exit_code
    stop = Event()

    def request_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, request_stop)
    return 0 if listen(desk, stop) else 1


def listen(desk: Desk, stop: Event) -> bool:
    """Run every watcher and worker until `stop`, then give the runs in hand a moment to end.

    False when one of them failed: then all end, because a listener that half works looks well and is not.
    """
    from deployments.listener.beats import keep_beating
    from deployments.listener.call_watching import CALLS, watch_calls
    from deployments.listener.chat_watching import watch_chat
    from deployments.listener.crew import Crew, surely
    from deployments.listener.day_flows import run_job, warm_up
    from deployments.listener.manager_watching import watch_managers
    from deployments.listener.watching import Pulse
    from deployments.listener.working import DEALS, OUTBOX, watch_outbox, work
    from deployments.listener.worklist import Job, Worklist

    worklist, pulse, broken = Worklist(), Pulse(), Event()

    def fail() -> None:
        broken.set()
        stop.set()

    def begin(target: Callable[..., None], *args: object) -> Thread:
        return surely(target, args, fail)

    def run(job: Job) -> None:
        run_job(job, desk.office)

    crew = Crew(desk, worklist, pulse, run, begin)
    crew.look(lambda: desk.office)
    begin(warm_up)
    workers = [begin(work, desk, worklist, job, run, stop) for job in (DEALS, OUTBOX, CALLS)]
    for watch in (watch_outbox, watch_calls, watch_chat):
        begin(watch, desk, worklist, stop)
    begin(watch_managers, desk, worklist, begin, stop)
    begin(keep_beating, desk, pulse, lambda: list(crew.watchers), stop)
    _log.info("listening at %d folders of mailboxes and the outbox", len(crew.watchers))
    while not stop.wait(_OFFICE_LOOK_SECONDS):
        crew.look(read_office)
    _end([*workers, *crew.stop()])
    return not broken.is_set()


def _end(workers: list[Thread]) -> None:
    end = time.monotonic() + _LAST_RUN_SECONDS
    for worker in workers:
        worker.join(max(0.0, end - time.monotonic()))
    is_cut = any(worker.is_alive() for worker in workers)
    _log.info("stopped%s", " in the middle of a run: it is taken up again" if is_cut else "")


if __name__ == "__main__":
    sys.exit(main())
