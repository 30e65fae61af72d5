"""A child process, `FD IDLE_SECONDS`: answers every frame backwards, but for `die` and `sleep`."""

from __future__ import annotations

import os
import sys
import time

from tasks.gateways.working_child import serve


def _answer(frame: bytes) -> bytes:
    if frame == b"die":
        os.kill(os.getpid(), 9)
    if frame == b"sleep":
        time.sleep(60)
    return frame[::-1]


if __name__ == "__main__":
    serve(_answer, float(sys.argv[2]) or None)
