"""Zadarma's and Twilio's lists of calls on loopback, as described: they check the login, page, and fail on demand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

ZADARMA_SECRET = "zadarma-key:zadarma-secret"
TWILIO_SID = "AC" + "0" * 32
TWILIO_SECRET = f"{TWILIO_SID}:twilio-token"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; `seconds` passes before each of the body's bytes."""

    status: int = 200
    said: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def body(self) -> bytes:
        """The bytes: text as it is, all else as JSON."""
        return self.said.encode() if isinstance(self.said, str) else json.dumps(self.said).encode()


class ListHost(Protocol):
    """A provider."""

    calls: list[Any]
    asked: list[dict[str, str]]
    faults: list[Reply | None]
    port: int

    def answer(self, path: str, query: str, login: str) -> Reply:
        """What is answered to GET path?query."""


Host = TypeVar("Host", bound=ListHost)


@dataclass(slots=True)
class ZadarmaHost:
    """`calls` are its records; of `faults` the first is given instead of the next answer, None is none."""

    calls: list[Any] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    faults: list[Reply | None] = field(default_factory=list)
    port: int = 0

    def answer(self, path: str, query: str, login: str) -> Reply:
        """The records between start and end, both of them too, after skip."""
        asked = dict(parse_qsl(query, keep_blank_values=True))
        ordered = urlencode(sorted(asked.items()))
        key, _, secret = ZADARMA_SECRET.partition(":")
        told = f"{path}{ordered}{hashlib.md5(ordered.encode(), usedforsecurity=False).hexdigest()}"
        signature = hmac.new(secret.encode(), told.encode(), "sha1").hexdigest()
        if path != "/v1/statistics/pbx/" or login != f"{key}:{base64.b64encode(signature.encode()).decode()}":
            return Reply(401, {"status": "error", "message": "Not authorized"})
        self.asked.append(asked)
        first, limit = int(asked["skip"]), int(asked["limit"])
        days = (datetime.fromisoformat(asked["end"]) - datetime.fromisoformat(asked["start"])).days
        if limit > 1000 or days > 30 or asked["version"] != "2":
            return Reply(400, {"status": "error", "message": "Wrong parameters"})
        newest = max((row["callstart"] for row in self.calls if isinstance(row, dict)), default="")
        inside = [
            row
            for row in self.calls
            if asked["start"] <= (row["callstart"] if isinstance(row, dict) else newest) <= asked["end"]
        ]
        return Reply(200, {"status": "success", "version": 2, "stats": inside[first : first + limit]})


@dataclass(slots=True)
class TwilioHost:
    """`calls` newest first in the answers; `page_size` makes pages smaller than asked for."""

    calls: list[Any] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    faults: list[Reply | None] = field(default_factory=list)
    port: int = 0
    page_size: int = 1000

    def answer(self, path: str, query: str, login: str) -> Reply:
        """The calls since StartTime>, those that never began by their creation."""
        if login != f"Basic {base64.b64encode(TWILIO_SECRET.encode()).decode()}":
            return Reply(401, {"code": 20003, "message": "Authenticate", "status": 401})
        place = f"/2010-04-01/Accounts/{TWILIO_SID}/Calls.json"
        if path != place:
            return Reply(404, {"code": 20404})
        asked = dict(parse_qsl(query))
        self.asked.append(asked)
        since = datetime.fromisoformat(asked.get("StartTime>", "1970-01-01T00:00:00Z"))
        rows = [row for row in self.calls if _began(row) >= since]
        rows.sort(key=_began, reverse=True)
        size, page = min(self.page_size, int(asked["PageSize"])), int(asked.get("Page", 0))
        following = asked | {"Page": str(page + 1), "PageToken": f"PA{page + 1}"}
        more = (page + 1) * size < len(rows)
        return Reply(
            200,
            {
                "calls": rows[page * size : (page + 1) * size],
                "page": page,
                "next_page_uri": f"{place}?{urlencode(following)}" if more else None,
            },
        )


@contextmanager
def open_host(host: Host) -> Iterator[Host]:
    """The provider for the time of the test."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            reply = host.answer(place.path, place.query, self.headers.get("authorization", ""))
            if reply.status == 200 and host.faults:
                reply = host.faults.pop(0) or reply
            self.send_response(reply.status)
            for name, value in {"content-length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                _send(self, reply)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    if not reply.seconds:
        handler.wfile.write(reply.body)
        return
    for byte in reply.body:
        handler.wfile.write(bytes([byte]))
        time.sleep(reply.seconds)


def _began(row: Any) -> datetime:
    if not isinstance(row, dict):
        return datetime.max.replace(tzinfo=UTC)
    return parsedate_to_datetime(row.get("start_time") or row["date_created"])
