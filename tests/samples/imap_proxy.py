"""A proxy before a real IMAP server that cuts the line inside a literal, and can say that everything was renumbered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ssl import SSLContext

from tests.samples.loop_thread import LoopThread

_LITERAL = re.compile(rb"\{(\d+)\}\r\n$")
_VALIDITY = re.compile(rb"UIDVALIDITY \d+")
_LONGEST_LINE_BYTES = 8 << 20


class ImapProxy:
    """Listens on `port`. `cut_after` literal bytes each connection is reset (None: never); `cuts` counts it.

    `uid_validity` replaces the server's own (0: the server's); `stalls` keeps the line open after the cut instead.
    `said` is what clients have sent.
    """

    def __init__(self, server_port: int) -> None:
        self.cut_after: int | None = None
        self.uid_validity = 0
        self.stalls = False
        self.cuts = 0
        self.said: list[bytes] = []
        self.port = 0
        self._server_port = server_port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            there, here = await asyncio.open_connection("127.0.0.1", self._server_port, limit=_LONGEST_LINE_BYTES)
            upward = asyncio.create_task(self._upward(reader, here))
            with suppress(ConnectionError):
                await self._downward(there, writer)
            upward.cancel()
            here.transport.abort()
        writer.transport.abort()

    async def _upward(self, client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await client.read(65536):
                self.said.append(chunk)
                server.write(chunk)
                await server.drain()
        server.transport.abort()

    async def _downward(self, server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        left = self.cut_after
        while line := await server.readline():
            if self.uid_validity:
                line = _VALIDITY.sub(b"UIDVALIDITY %d" % self.uid_validity, line)
            client.write(line)
            if literal := _LITERAL.search(line):
                content = await server.readexactly(int(literal[1]))
                if left is not None and left < len(content):
                    client.write(content[:left])
                    await client.drain()
                    self.cuts += 1
                    if self.stalls:
                        await asyncio.sleep(600)
                    return
                client.write(content)
                left = None if left is None else left - len(content)
            await client.drain()


@contextmanager
def imap_proxy(server_port: int, tls: SSLContext | None = None) -> Iterator[ImapProxy]:
    """A running proxy, until the block ends; clients speak `tls` with it."""
    loop = LoopThread()
    proxy = ImapProxy(server_port)
    server = loop.run(asyncio.start_server(proxy.serve, "127.0.0.1", 0, ssl=tls))
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        loop.run(_closed(server))
        loop.close()


async def _closed(server: asyncio.Server) -> None:
    """In its own loop: from another thread it may be closed twice at once."""
    server.close()
