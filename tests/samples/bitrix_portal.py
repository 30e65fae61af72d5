"""A Bitrix24 portal on loopback that speaks voximplant.statistic.get as described: filter, order, start, next, 503."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "token-of-the-test"
_PAGE = 50


@dataclass(slots=True)
class Portal:
    """`calls` by ID; `asked` are the requests; `busy` requests are answered with 503 first."""

    port: int = 0
    calls: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    busy: int = 0

    @property
    def url(self) -> str:
        """The address of the webhook without its token."""
        return f"http://127.0.0.1:{self.port}/rest/1"

    def answer(self, path: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What the portal answers."""
        if path != f"/rest/1/{TOKEN}/voximplant.statistic.get":
            return 401, {"error": "NO_AUTH_FOUND"}
        if self.busy:
            self.busy -= 1
            return 503, {"error": "QUERY_LIMIT_EXCEEDED"}
        self.asked.append(said)
        since = said.get("FILTER", {}).get(">=CALL_START_DATE")
        rows = sorted(self.calls, key=lambda row: int(row["ID"]))
        if since:
            bound = datetime.fromisoformat(since)
            rows = [row for row in rows if datetime.fromisoformat(row["CALL_START_DATE"]) >= bound]
        start = int(said.get("start", 0))
        more = {"next": start + _PAGE} if start + _PAGE < len(rows) else {}
        return 200, {"result": rows[start : start + _PAGE], "total": len(rows)} | more


@contextmanager
def open_portal() -> Iterator[Portal]:
    """A portal for the time of the test."""
    portal = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, said = portal.answer(self.path, json.loads(body or b"{}"))
            raw = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    portal.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
