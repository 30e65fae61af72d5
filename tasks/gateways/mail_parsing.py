"""Parsing mail in a child process under limits of memory and time: one mail can never take the batch down with it.

The child is started when first needed and serves this process until it ends; it ends by itself when we are gone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Lock
from typing import Any

from tasks.rules.errors import OutsideError
from tasks.rules.mail.parsed import ParsedMail, UnreadableMail

Parsed = ParsedMail | UnreadableMail
_SECONDS_PER_MAIL = 20.0
_MEMORY_BYTES = 2 * 1024**3
_START_SECONDS = 60.0
_BATCH_MAILS = 50
_BATCH_BYTES = 4 * 1024**2
_PROJECT = Path(__file__).resolve().parents[2]


class MailParser:
    """One child process at a time, replaced when a mail was the end of it. `seconds_per_mail` is wall time."""

    def __init__(self, seconds_per_mail: float = _SECONDS_PER_MAIL, memory_bytes: int = _MEMORY_BYTES) -> None:
        self._seconds_per_mail = seconds_per_mail
        self._memory_bytes = memory_bytes
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._line: Connection[int, Any] | None = None
        self._owner_pid = 0

    @property
    def child_pid(self) -> int | None:
        """The running child, for those who measure what it costs."""
        return self._child.pid if self._child is not None else None

    def parse(self, raws: Iterable[bytes]) -> Iterator[Parsed]:
        """Each mail as understood, in order; one that is too much for a child is unreadable, with the reason."""
        for batch in _batches(raws):
            with self._lock:
                parsed = self._parse_batch(batch)
            yield from parsed

    def close(self) -> None:
        """End the child; the next mail starts another."""
        if self._line is not None:
            self._line.close()
        if self._child is not None and self._owner_pid == os.getpid():
            self._child.kill()
            self._child.wait()
        self._child = self._line = None

    def _parse_batch(self, batch: list[bytes]) -> list[Parsed]:
        parsed: list[Parsed] = []
        while len(parsed) < len(batch):
            is_new = self._start()
            answers, failure = self._ask(batch[len(parsed) :])
            parsed += answers
            # a child may end for reasons of its own: a mail is to blame only when it was a new child's first
            if failure and is_new and not answers:
                parsed.append(UnreadableMail(failure))
        return parsed

    def _ask(self, batch: list[bytes]) -> tuple[list[Parsed], str]:
        """The answers that came, and why the rest did not ('' when all did)."""
        if self._line is None:
            raise RuntimeError("_ask() follows _start()")
        answers: list[Parsed] = []
        try:
            self._line.send(len(batch))
            for raw in batch:
                self._line.send_bytes(raw)
            for _ in batch:
                if not self._line.poll(self._seconds_per_mail):
                    raise TimeoutError
                answers.append(self._line.recv())
        except TimeoutError:
            failure = f"reading it takes more than {self._seconds_per_mail:g} s"
        except (EOFError, OSError):
            failure = "the reader's process ended over it"
        else:
            return answers, ""
        self.close()
        return answers, failure

    def _start(self) -> bool:
        """Make sure that there is a child of ours; whether it is a new one."""
        if self._child is not None and self._owner_pid == os.getpid():
            return False
        self.close()  # a fork's copy: its child answers somebody else
        ours, theirs = Pipe()
        module = "tasks.gateways.mail_parsing_child"
        self._child = subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", module, str(theirs.fileno()), str(self._memory_bytes)],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            cwd=_PROJECT,
        )
        theirs.close()
        self._line, self._owner_pid = ours, os.getpid()
        if not ours.poll(_START_SECONDS):
            raise OutsideError("the process that reads mail does not start")
        ours.recv()
        return True


def _batches(raws: Iterable[bytes]) -> Iterator[list[bytes]]:
    """A few at a time; a large mail goes alone, so that the others never pay for it."""
    batch: list[bytes] = []
    size_bytes = 0
    for raw in raws:
        if batch and (len(batch) == _BATCH_MAILS or size_bytes + len(raw) > _BATCH_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(raw)
        size_bytes += len(raw)
    if batch:
        yield batch


MAIL_PARSER = MailParser()
"""The one of this process."""
