"""`python -m deployments.listener`: quick work at once. Mail arrived: intake, deals, dispatch; mails due: dispatch.

SIGTERM and Ctrl-C end it after the run in hand. Nothing is lost by ending it otherwise: the schedules are the net.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Sequence
from threading import Event, Thread
from types import FrameType

from flows.opening import open_desk
from tasks.desk import Desk
from tasks.rules.errors import CalloutError

_log = logging.getLogger("callout.listener")
_LAST_RUN_SECONDS = 15.0


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
    """Run every watcher and the worker until `stop`, then give the run in hand a moment to end.

    False when one of them failed: then all end, because a listener that half works looks well and is not.
    """
    from deployments.listener.day_flows import run_job, warm_up
    from deployments.listener.watching import watch_mailbox, watch_outbox, work
    from deployments.listener.worklist import Worklist

    worklist, broken = Worklist(), Event()

    def begin(target: Callable[..., None], *args: object) -> Thread:
        thread = Thread(target=_surely, args=(target, args, broken, stop), daemon=True)
        thread.start()
        return thread

    mailboxes = [mailbox for mailbox in desk.office.mailboxes if mailbox.is_active]
    begin(warm_up)
    worker = begin(work, desk, worklist, run_job, stop)
    begin(watch_outbox, desk, worklist, stop)
    for mailbox in mailboxes:
        begin(watch_mailbox, desk, mailbox, worklist, stop)
    _log.info("listening at %d mailboxes and the outbox", len(mailboxes))
    stop.wait()
    worker.join(_LAST_RUN_SECONDS)
    _log.info("stopped%s", " in the middle of a run: it is taken up again" if worker.is_alive() else "")
    return not broken.is_set()


def _surely(target: Callable[..., None], args: Sequence[object], broken: Event, stop: Event) -> None:
    try:
        target(*args)
    except Exception:
        _log.exception("%s failed", target.__name__)
        broken.set()
        stop.set()


if __name__ == "__main__":
    sys.exit(main())
