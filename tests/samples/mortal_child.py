"""A child process that dies of whatever it is asked."""

from __future__ import annotations

import os

from tasks.gateways.working_child import serve


def _answer(_frame: bytes) -> bytes:
    os.kill(os.getpid(), 9)
    return b""


if __name__ == "__main__":
    serve(_answer)
