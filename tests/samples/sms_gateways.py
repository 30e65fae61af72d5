"""SMS gateways on loopback that speak the documented interfaces of SMS.RU and SMSC.RU, and a plain JSON one.

Each keeps what it took. By the last digits of the number a gateway refuses, is busy, loses the line or talks nonsense.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "key-of-the-test"
REFUSED, BUSY, CUT, GARBAGE, BROKEN, LOST = "0901", "0902", "0903", "0904", "0905", "0906"
Answer = tuple[int, Any]


class CutLineError(Exception):
    """The line ends before an answer."""


@dataclass(slots=True)
class SmsGateways:
    """What was taken: (our id or '', number, text); `trouble` answers every request instead.

    While `answers` is not set, requests hang; `hanging` counts those that did.
    """

    port: int = 0
    taken: list[tuple[str, str, str]] = field(default_factory=list)
    trouble: Answer | None = None
    answers: threading.Event = field(default_factory=threading.Event)
    hanging: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where they are."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, said: dict[str, str], key: str) -> Answer:
        """The answer to one request."""
        if self.trouble is not None:
            return self.trouble
        ways: dict[str, Callable[[dict[str, str], str], Answer]] = {
            "/sms/send": self._sms_ru_send,
            "/sms/status": self._sms_ru_status,
            "/sys/send.php": self._smsc_send,
            "/sys/status.php": self._smsc_status,
            "/any/send": self._any_send,
            "/any/status": self._any_status,
        }
        return ways[path](said, key)

    def _take(self, our_id: str, number: str, text: str) -> str:
        """Take a message, or lose it; the line may be cut after either."""
        ending = number[-4:]
        if ending != LOST:
            with self.lock:
                self.taken.append((our_id, number, text))
                self.statuses[our_id or f"000000-{len(self.taken)}"] = 1
        if ending in (CUT, LOST):
            raise CutLineError
        return f"000000-{len(self.taken)}"

    def _sms_ru_send(self, said: dict[str, str], _key: str) -> Answer:
        if said["api_id"] != KEY:
            return 200, {"status": "ERROR", "status_code": 200, "status_text": "Неправильный api_id"}
        number, code = said["to"], {REFUSED: 207, BUSY: 230}.get(said["to"][-4:])
        if code:
            return 200, _sms_ru(number, {"status": "ERROR", "status_code": code, "status_text": "Нельзя"})
        if number[-4:] == GARBAGE:
            return 200, b"<html>100</html>"
        if number[-4:] == BROKEN:
            return 502, b"Bad Gateway"
        sms_id = self._take("", number, said["msg"])
        return 200, _sms_ru(number, {"status": "OK", "status_code": 100, "sms_id": sms_id})

    def _sms_ru_status(self, said: dict[str, str], _key: str) -> Answer:
        self.asked += 1
        code = {1: 103, 20: 105, 0: 102}.get(self.statuses.get(said["sms_id"], -3), -1)
        return 200, _sms_ru(said["sms_id"], {"status": "OK", "status_code": code})

    def _smsc_send(self, said: dict[str, str], _key: str) -> Answer:
        assert (said["fmt"], said["charset"]) == ("3", "utf-8")
        if said["psw"] != KEY:
            return 200, {"error": "authorise error", "error_code": 2}
        code = {REFUSED: 8, BUSY: 9}.get(said["phones"][-4:])
        if code:
            return 200, {"error": "no", "error_code": code, "id": said["id"]}
        if said["phones"][-4:] == GARBAGE:
            return 200, b"OK - 1 SMS, ID - 1"
        if said["phones"][-4:] == BROKEN:
            return 500, b""
        self._take(said["id"], said["phones"], said["mes"])
        return 200, {"id": said["id"], "cnt": 1}

    def _smsc_status(self, said: dict[str, str], _key: str) -> Answer:
        self.asked += 1
        if said["id"] not in self.statuses:
            return 200, {"error": "message not found", "error_code": 3}
        return 200, {"status": self.statuses[said["id"]], "last_timestamp": 1763361000}

    def _any_send(self, said: dict[str, str], key: str) -> Answer:
        if key != f"Bearer {KEY}":
            return 401, {"error": "who are you"}
        ending = said["to"][-4:]
        if ending in (REFUSED, BUSY, BROKEN):
            return {REFUSED: 422, BUSY: 429, BROKEN: 503}[ending], {"error": "no"}
        if ending == GARBAGE:
            return 200, ["not", "an", "object"]
        self._take(said["id"], said["to"], said["text"])
        return 202, {"data": {"id": f"any-{said['id']}"}}

    def _any_status(self, said: dict[str, str], _key: str) -> Answer:
        self.asked += 1
        status = self.statuses.get(said["id"].removeprefix("any-"))
        names = {1: "delivered", 0: "sent", 20: "failed"}
        return (200, {"status": names[status]}) if status is not None else (404, {"error": "not found"})


def _sms_ru(name: str, own: dict[str, Any]) -> dict[str, Any]:
    return {"status": "OK", "status_code": 100, "sms": {name: own}, "balance": 4122.56}


class _Handler(BaseHTTPRequestHandler):
    gateways: SmsGateways

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        is_json = "json" in self.headers.get("Content-Type", "")
        said = json.loads(body) if is_json else {name: parts[0] for name, parts in parse_qs(body).items()}
        self._reply(urlsplit(self.path).path, said)

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        self._reply(split.path, {name: parts[0] for name, parts in parse_qs(split.query).items()})

    def _reply(self, path: str, said: dict[str, str]) -> None:
        try:
            status, content = self.gateways.answer(path, said, self.headers.get("Authorization", ""))
        except CutLineError:
            self.connection.close()
            return
        if not self.gateways.answers.is_set():
            with self.gateways.lock:
                self.gateways.hanging += 1
            self.gateways.answers.wait()
        body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@contextmanager
def open_sms_gateways() -> Iterator[SmsGateways]:
    """The gateways on a free port of loopback."""
    gateways = SmsGateways()
    gateways.answers.set()
    handler = type("Handler", (_Handler,), {"gateways": gateways})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_args: None  # type: ignore[method-assign]  # cut lines are meant
    gateways.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gateways
    finally:
        gateways.answers.set()
        server.shutdown()
        server.server_close()
        thread.join()
