"""A line to a real IMAP server that can go dead without a word, and a server on it that seems to lack IDLE."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class ImapLine:
    """Listens on `port`. `is_dead`: what is sent, on every line, arrives nowhere.

    `said_at_once` is put behind the server's go-ahead to IDLE, in the same packet.
    """

    def __init__(self, server_port: int, *, hides_idle: bool) -> None:
        self.is_dead = False
        self.said_at_once = b""
        self.port = 0
        self._server_port = server_port
        self._hides_idle = hides_idle

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client."""
        with suppress(ConnectionError):
            there, here = await asyncio.open_connection("127.0.0.1", self._server_port)
            await asyncio.gather(self._copy(reader, here), self._copy(there, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(65536):
                if not self.is_dead:
                    chunk += self.said_at_once if chunk.startswith(b"+ ") else b""
                    writer.write(chunk.replace(b" IDLE", b"") if self._hides_idle else chunk)
                    await writer.drain()
        writer.transport.abort()


@contextmanager
def imap_line(server_port: int, *, hides_idle: bool = False) -> Iterator[ImapLine]:
    """A running line, until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    line = ImapLine(server_port, hides_idle=hides_idle)
    made = asyncio.start_server(line.serve, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(made, loop).result(20)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
