"""A client that costs next to nothing, so that a benchmark on few cores measures the server: HTTP/1.1, kept open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Answers:
    """What came back: seconds per request, statuses, and the largest body as it was sent."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    largest_bytes: int = 0

    def percentile(self, percent: float) -> float:
        """Milliseconds within which so many per cent were answered."""
        ordered = sorted(self.seconds)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000, 1)


async def ask_side_by_side(port: int, requests: Iterable[Iterable[bytes]], *, warm_up: int = 0) -> Answers:
    """Each inner list is one client's requests, one after another; the first `warm_up` of each are not counted."""
    answers = Answers()
    await asyncio.gather(*(_client(port, list(own), warm_up, answers) for own in requests))
    return answers


async def _client(port: int, requests: list[bytes], warm_up: int, answers: Answers) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number, request in enumerate(requests):
        begun = time.perf_counter()
        writer.write(request)
        status, size = await _read(reader)
        if number >= warm_up:
            answers.seconds.append(time.perf_counter() - begun)
            answers.statuses[status] = answers.statuses.get(status, 0) + 1
            answers.largest_bytes = max(answers.largest_bytes, size)
    writer.close()


async def _read(reader: asyncio.StreamReader) -> tuple[int, int]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    await reader.readexactly(size)
    return int(head.split(b" ", 2)[1]), size


def request(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of a request."""
    said = {"host": "127.0.0.1", "content-length": str(len(body)), "accept-encoding": "gzip", **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
