"""`python -m deployments.prefect_serving`: Prefect's server, with Python's collector on a thread of its own.

The collector works on whichever thread allocates, so also on the event loop's. There it may free the cursor of a failed
statement (sqlite3_reset), which waits for that cursor's connection; when this connection waits in its own thread for
SQLite's write lock, and the holder of the lock for the event loop, the whole server stands still until SQLite's busy
timeout of 60 seconds. Seen with Prefect 3.8.8 about once in fifty runs that followed each other closely.
"""

from __future__ import annotations

import gc
import sys
from threading import Thread
from time import sleep

_YOUNG_SECONDS = 0.5
_LOOKS_TO_WHOLE = 60
_YOUNG, _WHOLE = 1, 2


def main() -> None:
    """Serve until told to stop."""
    gc.disable()
    Thread(target=_collect, name="collector", daemon=True).start()
    from prefect.cli import app

    sys.argv = ["prefect", "server", "start"]
    app()


def _collect() -> None:
    """What is young often, everything now and then."""
    look = 0
    while True:
        sleep(_YOUNG_SECONDS)
        look = (look + 1) % _LOOKS_TO_WHOLE
        gc.collect(_YOUNG if look else _WHOLE)


if __name__ == "__main__":
    main()
