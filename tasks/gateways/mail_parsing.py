"""Parsing mail in a child process under limits of memory and time: one mail can never take the batch down with it."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from threading import Lock

from tasks.gateways.working_child import WorkingChild
from tasks.rules.mail.parsed import ParsedMail, UnreadableMail

Parsed = ParsedMail | UnreadableMail
_SECONDS_PER_MAIL = 20.0
_MEMORY_BYTES = 2 * 1024**3
_BATCH_MAILS = 50
_BATCH_BYTES = 4 * 1024**2


class MailParser:
    """One child process at a time, replaced when a mail was the end of it. `seconds_per_mail` is wall time."""

    def __init__(self, seconds_per_mail: float = _SECONDS_PER_MAIL, memory_bytes: int = _MEMORY_BYTES) -> None:
        module = "tasks.gateways.mail_parsing_child"
        self._child = WorkingChild("reads mail", module, str(memory_bytes), answer_seconds=seconds_per_mail)
        self._lock = Lock()
        self._reasons = {
            "late": f"reading it takes more than {seconds_per_mail:g} s",
            "ended": "the reader's process ended over it",
        }

    @property
    def child_pid(self) -> int | None:
        """The running child, for those who measure what it costs."""
        return self._child.pid

    def parse(self, raws: Iterable[bytes]) -> Iterator[Parsed]:
        """Each mail as understood, in order; one that is too much for a child is unreadable, with the reason."""
        for batch in _batches(raws):
            with self._lock:
                parsed = self._parse_batch(batch)
            yield from parsed

    def close(self) -> None:
        """End the child; the next mail starts another."""
        self._child.close()

    def _parse_batch(self, batch: list[bytes]) -> list[Parsed]:
        parsed: list[Parsed] = []
        while len(parsed) < len(batch):
            is_new = self._child.make_ready()
            answers = self._child.ask(batch[len(parsed) :])
            parsed += [pickle.loads(frame) for frame in answers.frames]  # noqa: S301 (our own child's)
            # a child may end for reasons of its own: a mail is to blame only when it was a new child's first
            if answers.failure and is_new and not answers.frames:
                parsed.append(UnreadableMail(self._reasons[answers.failure]))
        return parsed


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
