"""A small OAuth2 server on loopback: gives tokens for a refresh token, and tells a mail server whose they are."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from deployments.demo.mail_servers import LOGIN


@dataclass(slots=True)
class TokenServer:
    """What it knows and was asked. `answer` replaces the usual status and body of a refresh."""

    port: int = 0
    tokens: list[str] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    lasts_seconds: int | None = 3600
    answer: tuple[int, bytes] | None = None
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    @property
    def secret(self) -> str:
        """What the office keeps as the mailbox's secret."""
        said = {"client_id": "callout", "client_secret": "of-the-test", "refresh_token": "long-lived"}
        return json.dumps({"token_url": f"http://127.0.0.1:{self.port}/token", **said})

    def refresh(self, form: dict[str, list[str]]) -> tuple[int, bytes]:
        """Another token for the right refresh token."""
        self.asked.append(form)
        if self.answer:
            return self.answer
        if form.get("refresh_token") != ["long-lived"]:
            return 400, b'{"error": "invalid_grant"}'
        self.tokens.append(f"token-{len(self.tokens) + 1}")
        lasts = {} if self.lasts_seconds is None else {"expires_in": self.lasts_seconds}
        return 200, json.dumps({"access_token": self.tokens[-1], "token_type": "Bearer", **lasts}).encode()

    def owner(self, token: str) -> tuple[int, bytes]:
        """Whose token it is, as Dovecot's tokeninfo_url wants to know."""
        if token in self.tokens and token not in self.revoked:
            return 200, json.dumps({"email": LOGIN}).encode()
        return 401, b'{"error": "invalid_token"}'


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._say(*self.server.known.refresh(parse_qs(body)))  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self._say(*self.server.known.owner(query.get("access_token", [""])[0]))  # type: ignore[attr-defined]

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Say nothing into the test's output."""


@contextmanager
def token_server() -> Iterator[TokenServer]:
    """Serve on a free port of loopback."""
    known = TokenServer()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.known = known  # type: ignore[attr-defined]
        known.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield known
        server.shutdown()
