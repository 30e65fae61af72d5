"""One line to Prefect's server for a whole run, and quick further tries when its database is busy for a moment.

Prefect's server on SQLite answers 503 when two writers meet, and Prefect's client then sleeps for two seconds, four,
eight and so on. The writers are gone after a few hundredths: quick tries come first, which the client does not see, so
that its own patience begins at its beginning. The server that we start has its writers wait (prefect_serving); the
temporary one that Prefect starts for a single command has not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.context import AsyncClientContext, SyncClientContext

_BUSY = 503
_QUICK_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


@asynccontextmanager
async def prefect_lines() -> AsyncIterator[PrefectClient]:
    """The client that the flow run and all its tasks share, instead of one for each."""
    async with AsyncClientContext() as here:
        with SyncClientContext() as in_tasks:
            own, tasks = here.client._client, in_tasks.client._client
            own._transport = QuickTries(own._transport)
            tasks._transport = QuickTriesInTasks(tasks._transport)
            yield here.client


class QuickTries(httpx.AsyncBaseTransport):
    """A transport that asks a busy server again before anybody hears of it."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The first answer that is not "busy", or the last."""
        for pause_seconds in _QUICK_SECONDS:
            response = await self._transport.handle_async_request(request)
            if not _is_busy(response):
                return response
            await response.aread()  # the connection is free for the next try
            await asyncio.sleep(pause_seconds)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


class QuickTriesInTasks(httpx.BaseTransport):
    """The same for tasks, which run in threads."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The first answer that is not "busy", or the last."""
        for pause_seconds in _QUICK_SECONDS:
            response = self._transport.handle_request(request)
            if not _is_busy(response):
                return response
            response.read()
            time.sleep(pause_seconds)
        return self._transport.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


def _is_busy(response: httpx.Response) -> bool:
    """A server that says itself when to come again (RFC 9110, 10.2.3) is believed."""
    return response.status_code == _BUSY and "Retry-After" not in response.headers
