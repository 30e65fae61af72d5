"""Group commit: what several senders want to write meanwhile goes into one transaction, and each waits until it lasts.

A commit costs a write to the disk; while one is under way, the wishes of all others gather for the next. Nobody goes
on before the commit that holds their own wish is done, so the record is as exact as with one commit each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Generic, Self, TypeVar

Wish = TypeVar("Wish")
Result = TypeVar("Result")


# Less than any answer from a mail server elsewhere takes, and less than most disks take for a commit.
_LINGER_SECONDS = 0.002


class GroupCommit(Generic[Wish, Result]):
    """`async with GroupCommit(commit, members) as group: await group.write(wish)`.

    `commit` writes many wishes in one transaction and returns their results in order; it runs in a thread. When it
    raises, everyone whose wish was in that group gets the error. A group waits two milliseconds for `members` wishes.
    """

    def __init__(self, commit: Callable[[Sequence[Wish]], Sequence[Result]], members: int) -> None:
        self._commit = commit
        self._members = members
        self._is_full = asyncio.Event()
        self._waiting: list[tuple[Wish, asyncio.Future[Result]]] = []
        self._called = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_groups())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer

    async def write(self, wish: Wish) -> Result:
        """The result of `wish`, once the transaction that holds it is committed."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((wish, done))
        self._called.set()
        if len(self._waiting) >= self._members:
            self._is_full.set()
        return await done

    async def _write_groups(self) -> None:
        while True:
            await self._called.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_full.wait(), _LINGER_SECONDS)
            self._called.clear()
            self._is_full.clear()
            group, self._waiting = self._waiting, []
            try:
                results = await asyncio.to_thread(self._commit, [wish for wish, _ in group])
            except Exception as error:
                _tell(group, error)
                continue
            for (_, done), result in zip(group, results, strict=True):
                if not done.done():
                    done.set_result(result)


def _tell(group: Sequence[tuple[Wish, asyncio.Future[Result]]], error: Exception) -> None:
    for _, done in group:
        if not done.done():
            done.set_exception(error)
