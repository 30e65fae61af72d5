"""Group commit: one transaction for all who wait, nobody goes on before it, and a failure is told to each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

from tasks.gateways.group_commit import GroupCommit


async def test_what_gathers_during_a_commit_goes_into_the_next() -> None:
    groups: list[list[int]] = []
    may_end = threading.Event()

    def commit(wishes: Sequence[int]) -> list[int]:
        groups.append(list(wishes))
        assert may_end.wait(20)
        return [wish * 10 for wish in wishes]

    async with GroupCommit(commit, members=1) as group:
        first = asyncio.create_task(group.write(1))
        while not groups:
            await asyncio.sleep(0.01)
        others = [asyncio.create_task(group.write(number)) for number in (2, 3)]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in (first, *others))
        may_end.set()
        assert await asyncio.gather(first, *others) == [10, 20, 30]
    assert groups == [[1], [2, 3]]


async def test_a_failed_commit_is_told_to_all_in_it_and_the_next_goes_on() -> None:
    def commit(wishes: Sequence[str]) -> Sequence[str]:
        if "bad" in wishes:
            raise OSError("the disk is full")
        return wishes

    async with GroupCommit(commit, members=2) as group:
        ends = await asyncio.gather(group.write("bad"), group.write("good"), return_exceptions=True)
        assert [str(end) for end in ends] == ["the disk is full"] * 2
        assert await group.write("good") == "good"
