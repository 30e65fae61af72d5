"""`python -m deployments.door`: the pages where people act, and the forms of the sites, until told to stop."""

from __future__ import annotations

import logging
import sys
from threading import Thread

import uvicorn

from deployments.door.app import build_door
from deployments.door.room import carry_out_decisions, follow_office, open_room
from deployments.settings import Settings, read_settings
from flows.opening import open_desk, read_office
from tasks.rules.errors import CalloutError

_log = logging.getLogger("callout.door")
_LAST_REQUEST_SECONDS = 10
_LAST_DECISION_SECONDS = 5.0


def main() -> int:
    """Serve until SIGTERM or Ctrl-C; the exit code."""
    _log_to_stderr()
    settings = read_settings()
    try:
        room = open_room(open_desk(), door_address(settings))
    except CalloutError as error:
        _log.error("%s", error)
        return error.exit_code
    Thread(target=follow_office, args=(room, read_office), daemon=True).start()
    worker = Thread(target=carry_out_decisions, args=(room,), daemon=True)
    worker.start()
    _log.info("the door is open: %s", room.url)
    try:
        uvicorn.run(
            build_door(room),
            host=settings.door_host,
            port=settings.door_port,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=_LAST_REQUEST_SECONDS,
        )
    finally:
        room.stop.set()
        room.news.set()
        worker.join(_LAST_DECISION_SECONDS)
    return 0


def _log_to_stderr() -> None:
    """Our own lines, whatever Prefect does with the root logger in this process."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    ours = logging.getLogger("callout")
    ours.handlers, ours.propagate = [handler], False
    ours.setLevel(logging.INFO)


def door_address(settings: Settings) -> str:
    """Where the door listens."""
    return f"http://{settings.door_host}:{settings.door_port}"


if __name__ == "__main__":
    sys.exit(main())
