"""A child process that works for this one, frame by frame: what it is asked and what it answers are bytes.

It serves until this process is gone, also by SIGKILL (its line ends), or until nothing was asked for so long as its
module says. The module is run as `python -m MODULE FD ARGUMENTS…`, imports what it needs, and calls `serve`.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import RLock
from typing import Any, Literal

from tasks.rules.errors import OutsideError

_START_SECONDS = 60.0
_START_TRIES = 2  # one that was begun early may have been killed meanwhile
_READY = b"ready"
_PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers that came, in order, and why the rest did not: the child took too long, or its process ended."""

    frames: list[bytes]
    failure: Literal["", "late", "ended"] = ""


class WorkingChild:
    """One child process at a time, replaced when it is gone. `does` says in words what for; one caller at a time."""

    def __init__(self, does: str, module: str, *arguments: str, answer_seconds: float) -> None:
        self._does = does
        self._command = (module, *arguments)
        self._answer_seconds = answer_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._line: Connection[Any, Any] | None = None
        self._is_ready = False
        self._owner_pid = 0
        self._changing = RLock()

    @property
    def pid(self) -> int | None:
        """The running child, for those who measure what it costs."""
        return self._child.pid if self._child is not None else None

    def start(self) -> None:
        """Have a child of ours, without waiting until it is ready. Any thread may call this."""
        with self._changing:
            if self._child is not None and self._owner_pid == os.getpid() and self._child.poll() is None:
                return
            self.close()  # a fork's copy: its child answers somebody else
            ours, theirs = socket.socketpair()
            with theirs:
                # A limit on the socket: waiting by select would cost each answer as much again.
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(self._answer_seconds))
                module, *arguments = self._command
                self._child = subprocess.Popen(  # noqa: S603 (our own module)
                    [sys.executable, "-m", module, str(theirs.fileno()), *arguments],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    cwd=_PROJECT,
                )
            self._line, self._owner_pid, self._is_ready = Connection(ours.detach()), os.getpid(), False

    def make_ready(self) -> bool:
        """Wait until a child of ours can be asked; whether it is a new one, which nobody asked yet.

        Raises OutsideError when it does not start.
        """
        for _ in range(_START_TRIES):
            self.start()
            if self._is_ready:
                return False
            if self._is_heard():
                self._is_ready = True
                return True
            self.close()
        raise OutsideError(f"the process that {self._does} does not start")

    def _is_heard(self) -> bool:
        """Whether the child says that it is ready."""
        if self._line is None:
            return False
        try:
            return self._line.poll(_START_SECONDS) and self._line.recv_bytes() == _READY
        except (EOFError, OSError):
            return False

    def ask(self, frames: Sequence[bytes]) -> Answers:
        """What the child answers to each frame, at most `answer_seconds` after another; it is ended when it fails."""
        if self._line is None:
            raise RuntimeError("ask() follows make_ready()")
        answers: list[bytes] = []
        try:
            self._line.send_bytes(b"%d" % len(frames))
            for frame in frames:
                self._line.send_bytes(frame)
            for _ in frames:
                answers.append(self._line.recv_bytes())
        except BlockingIOError:
            self.close()
            return Answers(answers, "late")
        except (EOFError, OSError):
            self.close()
            return Answers(answers, "ended")
        return Answers(answers)

    def close(self) -> None:
        """End the child; the next one who needs it starts another."""
        with self._changing:
            if self._line is not None:
                self._line.close()
            if self._child is not None and self._owner_pid == os.getpid():
                self._child.kill()
                self._child.wait()
            self._child = self._line = None
            self._is_ready = False


def serve(answer: Callable[[bytes], bytes], idle_seconds: float | None = None) -> None:
    """The child's side: answer until the other side is gone, or has asked nothing for `idle_seconds`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for our parent, whose end we notice
    line: Connection[Any, Any] = Connection(int(sys.argv[1]))
    try:
        line.send_bytes(_READY)
        while line.poll(idle_seconds):
            # Taken in whole before the first answer: two sides that both write fill the line and wait for ever.
            frames = [line.recv_bytes() for _ in range(int(line.recv_bytes()))]
            for frame in frames:
                line.send_bytes(answer(frame))
    except (EOFError, ConnectionError, MemoryError):
        return


def _timeval(seconds: float) -> bytes:
    whole = int(seconds)
    return struct.pack("ll", whole, int((seconds - whole) * 1_000_000))
