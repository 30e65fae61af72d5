"""The door over uvicorn on a real port, in a thread of the test."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from deployments.door.app import build_door
from deployments.door.room import Room


@contextmanager
def served(room: Room) -> Iterator[str]:
    """The address of the running door; it takes no more requests afterwards."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    room.local_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(build_door(room), access_log=False, log_config=None))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield room.local_url
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
