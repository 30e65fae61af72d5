"""A server that is busy for a moment is asked again at once, and one that stays busy with Prefect's own patience."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.prefect_lines import QuickTries, QuickTriesInTasks, prefect_lines


@contextmanager
def busy_server(refusals: int) -> Iterator[tuple[str, list[str]]]:
    """An API whose health is refused so many times with 503; its address and the paths asked for."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            is_busy = self.path.endswith("/health") and asked.count(self.path) <= refusals
            body = json.dumps("3.8.8" if self.path.endswith("version") else True).encode()
            self.send_response(503 if is_busy else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def test_a_busy_server_is_asked_again_at_once_by_the_run_and_by_its_tasks() -> None:
    async def ask(asked: list[str]) -> list[int]:
        counts = []
        async with prefect_lines() as client:
            assert get_client() is client
            assert (await client._client.get("/health")).status_code == 200
            counts.append(asked.count("/api/health"))
            asked.clear()
            assert get_client(sync_client=True)._client.get("/health").status_code == 200
            counts.append(asked.count("/api/health"))
        return counts

    with busy_server(refusals=4) as (address, asked), temporary_settings({PREFECT_API_URL: address}):
        began = time.monotonic()
        assert asyncio.run(ask(asked)) == [5, 5]
        assert time.monotonic() - began < 12  # Prefect's own pauses would be 2, 4, 8 and 16 s, twice


@pytest.mark.parametrize(
    ("status", "given", "tries"), [(503, {}, 7), (503, {"Retry-After": "9"}, 1), (404, {}, 1), (200, {}, 1)]
)
def test_an_answer_that_is_no_momentary_refusal_is_passed_on_at_once(
    status: int, given: dict[str, str], tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the last of a row of refusals is: from there on Prefect's client has its own patience."""
    monkeypatch.setattr("deployments.prefect_lines._QUICK_SECONDS", (0.0,) * 6)
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(status, headers=given, content=b"{}")

    async def ask() -> int:
        async with httpx.AsyncClient(transport=QuickTries(httpx.MockTransport(answer))) as client:
            return (await client.get("http://127.0.0.1/api/health")).status_code

    assert (asyncio.run(ask()), len(asked)) == (status, tries)
    asked.clear()
    with httpx.Client(transport=QuickTriesInTasks(httpx.MockTransport(answer))) as client:
        assert (client.get("http://127.0.0.1/api/health").status_code, len(asked)) == (status, tries)
