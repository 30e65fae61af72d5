"""A real SMTP server on loopback that fails the way each recipient's address asks, and books what it accepted.

`drop-inside-data+busy.7@example.com` fails its first two attempts in these ways; from the third on it is served well.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from ssl import SSLContext
from typing import Any

from tests.samples.loop_thread import LoopThread

_AT_RCPT = {
    "busy": "451 4.3.0 try later",
    "gone": "550 5.1.1 no such user",
    "ending": "421 4.3.2 shutting down",
}
_AFTER_DOT = {"full": "452 4.2.2 mailbox full", "never": "554 5.7.1 not wanted"}
_TAKEN = ("taken-then-drop", "taken-then-tarpit")
WAYS = (
    *_AT_RCPT,
    *_AFTER_DOT,
    *_TAKEN,
    *("drop-at-rcpt", "drop-at-data", "drop-inside-data", "lost-then-drop", "tarpit-at-rcpt", "lost-then-tarpit"),
)
_LARGEST_MAIL_BYTES = 64 << 20
_TARPIT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A mail the server took responsibility for, whether or not it could say so."""

    message_id: str
    recipient: str
    digest: str


class WaywardServer:
    """Listens on `port` from `start` to `stop`; can be started again on the same port, with the same book."""

    def __init__(self, tls: SSLContext | None = None) -> None:
        self.accepted: list[Acceptance] = []
        self.offers: Counter[str] = Counter()
        self.ways: Counter[str] = Counter()
        self.port = 0
        self._tls = tls
        self._loop = LoopThread()
        self._lines: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    def start(self) -> None:
        """Begin to listen, on the same port as before if there was one."""
        made = asyncio.start_server(
            self._talk, "127.0.0.1", self.port, ssl=self._tls, limit=_LARGEST_MAIL_BYTES, reuse_address=True
        )
        self._server = self._loop.run(made)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Go away as a killed server does: nobody listens, every connection is reset."""
        self._loop.run(self._stop())

    def close(self) -> None:
        """End for good."""
        self.stop()
        self._loop.close()

    def way_of(self, recipient: str) -> str:
        """How this attempt goes; each call is an attempt."""
        ways = recipient.partition(".")[0].split("+")
        self.offers[recipient] += 1
        attempt = self.offers[recipient]
        way = ways[attempt - 1] if attempt <= len(ways) else "good"
        self.ways[way] += 1
        return way

    def accept(self, recipient: str, raw: bytes) -> None:
        """Book a mail."""
        message_id = BytesHeaderParser().parsebytes(raw)["Message-ID"]
        self.accepted.append(Acceptance(str(message_id), recipient, hashlib.sha256(raw).hexdigest()))

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for line in tuple(self._lines):
            line.transport.abort()
        self._server = None

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _Talk(self, reader, writer).run()
        self._lines.discard(writer)
        writer.transport.abort()


class _Talk:
    """One connection; an end of `run` resets it."""

    def __init__(self, server: WaywardServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._recipient = ""
        self._way = "good"

    async def run(self) -> None:
        await self._say("220 wayward.example ESMTP")
        known: dict[bytes, Callable[[bytes], Coroutine[Any, Any, bool]]] = {
            b"RCPT": self._rcpt, b"DATA": self._data, b"QUIT": self._quit
        }  # fmt: skip
        is_going_on = True
        while is_going_on and (line := await self._reader.readline()):
            answer = known.get(line[:4].upper())
            if answer is None:
                await self._say("250 OK")
            else:
                is_going_on = await answer(line)

    async def _rcpt(self, line: bytes) -> bool:
        self._recipient = line.decode().partition("<")[2].partition(">")[0]
        self._way = self._server.way_of(self._recipient)
        if self._way == "drop-at-rcpt":
            return False
        if self._way == "tarpit-at-rcpt":
            await self._tarpit()
        await self._say(_AT_RCPT.get(self._way, "250 OK"))
        return self._way != "ending"

    async def _data(self, _line: bytes) -> bool:
        if self._way == "drop-at-data":
            return False
        await self._say("354 go on")
        if self._way == "drop-inside-data":
            await self._reader.readexactly(100)
            return False
        content = (await self._reader.readuntil(b"\r\n.\r\n"))[:-3]
        if self._way in ("good", *_TAKEN):
            self._server.accept(self._recipient, content)
        if self._way.endswith("then-drop"):
            return False
        if self._way.endswith("then-tarpit"):
            await self._tarpit()
        await self._say(_AFTER_DOT.get(self._way, "250 2.0.0 accepted"))
        return True

    async def _quit(self, _line: bytes) -> bool:
        await self._say("221 bye")
        return False

    async def _tarpit(self) -> None:
        """An answer that never ends: it keeps a client that waits for the next byte for ever."""
        while True:
            self._writer.write(b"250-slowly\r\n")
            await self._writer.drain()
            await asyncio.sleep(_TARPIT_SECONDS)

    async def _say(self, answer: str) -> None:
        self._writer.write(answer.encode() + b"\r\n")
        await self._writer.drain()


@contextmanager
def wayward_server(tls: SSLContext | None = None) -> Iterator[WaywardServer]:
    """A running server, until the block ends."""
    server = WaywardServer(tls)
    server.start()
    try:
        yield server
    finally:
        server.close()
