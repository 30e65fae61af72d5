"""A server of recordings on loopback, by TLS or plain, which answers as its paths say and remembers who asked."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.samples.sounds import wav

_DRIPS = 200


@dataclass(slots=True)
class RecordingHost:
    """What it gives out (path → content), and what it was asked: path and Authorization. `down`: answer 500 to all."""

    port: int
    is_secure: bool
    contents: dict[str, bytes] = field(default_factory=lambda: {"/good.wav": wav()})
    asked: list[tuple[str, str]] = field(default_factory=list)
    down: int = 0
    elsewhere: str = "https://other.example/good.wav"

    @property
    def host(self) -> str:
        """As `hosts` of telephony.yaml has it."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{'https' if self.is_secure else 'http'}://{self.host}{path}"


@contextmanager
def recording_host(tls: ssl.SSLContext | None = None) -> Iterator[RecordingHost]:
    """The server, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    host = RecordingHost(server.server_address[1], tls is not None)
    server.RequestHandlerClass = type("Answers", (_Answers,), {"room": host})
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Answers(BaseHTTPRequestHandler):
    room: RecordingHost

    def do_GET(self) -> None:
        self.room.asked.append((self.path, self.headers.get("authorization", "")))
        path = self.path.partition("?")[0]
        with suppress(OSError):
            if self.room.down:
                self._say(self.room.down, b"down")
            elif path[1:4].isdigit():
                self._say(int(path[1:4]), wav())
            elif path in self.room.contents:
                self._say(200, self.room.contents[path])
            else:
                getattr(self, f"_{path[1:].replace('-', '_')}", self._nothing)()

    def _nothing(self) -> None:
        self._say(404, b"not found")

    def _moved(self) -> None:
        self._say(302, b"", {"location": "/good.wav"})

    def _away(self) -> None:
        self._say(302, b"", {"location": self.room.elsewhere})

    def _circle(self) -> None:
        self._say(302, b"", {"location": "/circle"})

    def _page(self) -> None:
        self._say(200, b"<html>sign in</html>", {"content-type": "audio/wav"})

    def _packed(self) -> None:
        self._say(200, wav(), {"content-encoding": "gzip"})

    def _told_large(self) -> None:
        self._say(200, wav(), length=10**12)

    def _cut(self) -> None:
        self._say(200, wav(), length=len(wav()) + 1)

    def _endless(self) -> None:
        self._begin(200, {})
        self.wfile.write(wav(10.0))
        while True:
            self.wfile.write(bytes(65536))

    def _slow(self) -> None:
        self._begin(200, {})
        for _ in range(_DRIPS):
            self.wfile.write(b"R")
            time.sleep(0.05)

    def _silent(self) -> None:
        time.sleep(_DRIPS * 0.05)

    def _say(self, status: int, content: bytes, headers: dict[str, str] | None = None, length: int = -1) -> None:
        self._begin(status, {"content-length": str(length if length >= 0 else len(content)), **(headers or {})})
        self.wfile.write(content)

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what was asked stands in `asked`."""
