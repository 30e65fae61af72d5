"""The line before the one who writes down what web forms sent: whoever waits is taken with the next commit.

A commit has to reach the disk, and one transaction after another is all a store can do: twenty posts at once share one
commit instead of waiting for nineteen. Nobody is answered before the commit that holds their post.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from deployments.door.room import Room
from tasks.rules.errors import StoreError
from tasks.rules.office_door import SiteForm
from tasks.site_forms import Post, Taken, take_posts

_log = logging.getLogger("callout.door")
# nobody waits for more than so many others
_MOST_AT_ONCE = 50
_LAST_COMMIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One post in the line, and where its answer goes."""

    form: SiteForm
    post: Post
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Taken]


class FormLine:
    """The posts of one door, written by one thread that begins with the first of them."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._line: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._writer: Thread | None = None

    async def take(self, form: SiteForm, post: Post) -> Taken:
        """What became of the post, once it is committed. Raises StoreError."""
        if self._writer is None:
            self._writer = Thread(target=self._write, name="form-line", daemon=True)
            self._writer.start()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Taken] = loop.create_future()
        self._line.put(_Waiting(form, post, loop, answer))
        return await answer

    def end(self) -> None:
        """Write what waits, and no more."""
        if self._writer is not None:
            self._line.put(None)
            self._writer.join(_LAST_COMMIT_SECONDS)
            self._writer = None

    def _write(self) -> None:
        while waiting := self._next():
            self._take(waiting)

    def _next(self) -> list[_Waiting]:
        """Whoever waits by now, at least one; nobody when the line has ended."""
        first = self._line.get()
        if first is None:
            return []
        waiting = [first]
        with suppress(Empty):
            while len(waiting) < _MOST_AT_ONCE:
                one = self._line.get_nowait()
                if one is None:
                    self._line.put(None)
                    break
                waiting.append(one)
        return waiting

    def _take(self, waiting: Sequence[_Waiting]) -> None:
        """One transaction for all; a post that fails takes nobody with it: the others are taken without it."""
        try:
            taken = take_posts(self._room.desk, [(one.form, one.post) for one in waiting], self._room.now())
        except StoreError as error:
            _tell(waiting, error)
        except Exception as error:
            # whatever it is, the writer goes on and its sender is told
            if len(waiting) == 1:
                _tell(waiting, error)
                return
            middle = len(waiting) // 2
            self._take(waiting[:middle])
            self._take(waiting[middle:])
        else:
            _tell(waiting, taken)


def _tell(waiting: Sequence[_Waiting], said: Sequence[Taken] | Exception) -> None:
    """Wake those who wait, each loop once; one that is gone needs no answer."""
    for loop in {one.loop for one in waiting}:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_answer, waiting, said)


def _answer(waiting: Sequence[_Waiting], said: Sequence[Taken] | Exception) -> None:
    loop = asyncio.get_running_loop()
    for number, one in enumerate(waiting):
        if one.loop is loop and not one.answer.done():
            if isinstance(said, Exception):
                one.answer.set_exception(said)
            else:
                one.answer.set_result(said[number])
