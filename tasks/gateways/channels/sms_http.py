"""Speaking HTTP to an SMS gateway: what never left, what may have left, and what came back as JSON.

A connection that was not made means that nothing left. Anything that fails later (no answer in time, a cut line, a
server's error, an answer that cannot be read) leaves the outcome open.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from tasks.gateways.channels.channel import TemporaryError, one_line
from tasks.rules.errors import OutsideError

_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_SERVER_ERROR = 500
_TOO_MANY = 429
_MOST_BYTES = 100_000
_NOTHING_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class OpenOutcomeError(Exception):
    """The request left, and nobody knows what became of it."""


def http_client(headers: Mapping[str, str] | None = None, timeout: httpx.Timeout = _TIMEOUT) -> httpx.AsyncClient:
    """A client that follows no redirects: they could carry our key elsewhere."""
    return httpx.AsyncClient(timeout=timeout, headers=dict(headers or {}), follow_redirects=False)


class HttpGateway:
    """A gateway at an address over TLS, with the connections to it; closed at the end of its `async with`."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self._url = require_tls(url)
        self._client = http_client(headers)

    @property
    def lanes(self) -> int:
        """How many requests may be under way at once; the strictest gateway refuses more than 15."""
        return 4

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()


async def post_form(client: httpx.AsyncClient, url: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """POST a form; see `answer_of`."""
    return await answer_of(client, client.build_request("POST", url, data=dict(fields)))


async def post_json(client: httpx.AsyncClient, url: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """POST a JSON object; see `answer_of`."""
    return await answer_of(client, client.build_request("POST", url, json=dict(fields)))


async def answer_of(client: httpx.AsyncClient, request: httpx.Request) -> dict[str, Any]:
    """The JSON object that answers `request`, with its HTTP status as `http_status`.

    Raises TemporaryError when nothing has left or the server says that it is too busy (429), OpenOutcomeError when the
    outcome is open.
    """
    try:
        response = await client.send(request)
    except _NOTHING_LEFT as error:
        raise TemporaryError(f"cannot be reached: {one_line(error)}") from error
    except httpx.HTTPError as error:
        raise OpenOutcomeError(f"no answer: {one_line(error)}") from error
    if response.status_code == _TOO_MANY:
        raise TemporaryError("HTTP 429: too many requests")
    if response.status_code >= _SERVER_ERROR:
        raise OpenOutcomeError(f"HTTP {response.status_code}")
    return _as_object(response) | {"http_status": response.status_code}


def _as_object(response: httpx.Response) -> dict[str, Any]:
    try:
        if len(response.content) > _MOST_BYTES:
            raise ValueError("a very long answer")
        found = response.json()
    except (ValueError, RecursionError) as error:
        raise OpenOutcomeError(f"HTTP {response.status_code}, no JSON: {one_line(response.text[:100])}") from error
    if not isinstance(found, dict):
        raise OpenOutcomeError(f"HTTP {response.status_code}, no JSON object: {one_line(response.text[:100])}")
    return found


def require_tls(url: str) -> str:
    """`url` itself. Raises OutsideError for plain http to another machine: keys and texts could be read on the way."""
    split = httpx.URL(url)
    if split.scheme != "https" and split.host not in ("127.0.0.1", "localhost", "::1"):
        raise OutsideError(f"SMS go to {split.host} over https only", is_permanent=True)
    return url
