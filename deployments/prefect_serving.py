"""`python -m deployments.prefect_serving`: Prefect's server, with two habits that keep it moving on SQLite.

Python's collector has a thread of its own. It works on whichever thread allocates, so also on the event loop's. There
it may free the cursor of a failed statement (sqlite3_reset), which waits for that cursor's connection; when this
connection waits in its own thread for SQLite's write lock, and the holder of the lock for the event loop, the whole
server stands still until SQLite's busy timeout of 60 seconds. Seen with Prefect 3.8.8 about once in fifty runs that
followed each other closely.

A transaction that writes takes the write lock when it begins, as some of Prefect's own do. One that reads first and
writes then fails at once when anybody else has written in between (SQLite: SQLITE_BUSY_SNAPSHOT), and Prefect's client
sleeps for seconds: seen several times for each call that came.
"""

from __future__ import annotations

import gc
import sys
from contextlib import AbstractAsyncContextManager
from threading import Thread
from time import sleep
from typing import Any

_YOUNG_SECONDS = 0.5
_LOOKS_TO_WHOLE = 60
_YOUNG, _WHOLE = 1, 2


def main() -> None:
    """Serve until told to stop."""
    gc.disable()
    Thread(target=_collect, name="collector", daemon=True).start()
    from prefect.cli import app

    lock_at_the_beginning()
    sys.argv = ["prefect", "server", "start"]
    app()


def lock_at_the_beginning() -> None:
    """Let every writing transaction of Prefect's server on SQLite begin with the write lock (BEGIN IMMEDIATE)."""
    from prefect.server.database.configurations import AioSqliteConfiguration

    begin = AioSqliteConfiguration.begin_transaction

    def begin_locked(
        own: AioSqliteConfiguration, session: Any, with_for_update: bool = False
    ) -> AbstractAsyncContextManager[Any]:
        return begin(own, session, with_for_update=True)

    # setattr: the type checker takes no other method for one of the class
    setattr(AioSqliteConfiguration, "begin_transaction", begin_locked)  # noqa: B010


def _collect() -> None:
    """What is young often, everything now and then."""
    look = 0
    while True:
        sleep(_YOUNG_SECONDS)
        look = (look + 1) % _LOOKS_TO_WHOLE
        gc.collect(_YOUNG if look else _WHOLE)


if __name__ == "__main__":
    main()
