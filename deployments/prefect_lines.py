"""One line to Prefect's server for a whole run, and a quick second try when its database is busy for a moment.

Prefect's server on SQLite answers 503 when two writers meet, and Prefect's client then sleeps for two seconds or more.
The writers are gone after a few hundredths: three quick tries come first, then Prefect's own patience.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.context import AsyncClientContext, SyncClientContext

_BUSY = 503
_QUICK_SECONDS = (0.05, 0.1, 0.2)
_TRIES = "callout.tries"


@asynccontextmanager
async def prefect_lines() -> AsyncIterator[PrefectClient]:
    """The client that the flow run and all its tasks share, instead of one for each."""
    async with AsyncClientContext() as here:
        with SyncClientContext() as in_tasks:
            here.client._client.event_hooks["response"].append(_ask_again_soon_async)
            in_tasks.client._client.event_hooks["response"].append(ask_again_soon)
            yield here.client


def ask_again_soon(response: httpx.Response) -> None:
    """Tell Prefect's client (which obeys RFC 9110, 10.2.3) to come again at once, the first few times."""
    if response.status_code != _BUSY or "Retry-After" in response.headers:
        return
    extensions = response.request.extensions
    tries = extensions.get(_TRIES, 0)
    if tries < len(_QUICK_SECONDS):
        response.headers["Retry-After"] = str(_QUICK_SECONDS[tries])
        extensions[_TRIES] = tries + 1


async def _ask_again_soon_async(response: httpx.Response) -> None:
    ask_again_soon(response)
