"""A manager interface as Asterisk speaks it: banner, MD5 challenge, login, ping, and events as a test tells them."""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

from tasks.rules.office_telephony import Manager

SECRET = "manager-secret"
_CHALLENGE = "194612"
_FIELDS = (
    "AccountCode", "Source", "Destination", "DestinationContext", "CallerID", "Channel", "DestinationChannel",
    "LastApplication", "LastData", "StartTime", "AnswerTime", "EndTime", "Duration", "BillableSeconds", "Disposition",
    "AMAFlags", "UniqueID", "UserField",
)  # fmt: skip


@dataclass(slots=True)
class ManagerServer:
    """Listens on a loopback port; `actions` are what it was asked, `told` goes to each who logs in.

    With `mute` pings get no answer.
    """

    listener: socket.socket
    banner: bytes = b"Asterisk Call Manager/9.0.0\r\n"
    told: bytes = b""
    has_challenge: bool = True
    mute: bool = False
    context: ssl.SSLContext | None = None
    actions: list[dict[str, str]] = field(default_factory=list)
    lines: list[socket.socket] = field(default_factory=list)

    def place(self, *, is_tls: bool = False) -> Manager:
        """Where it is, as the office says."""
        return Manager(f"127.0.0.1:{self.listener.getsockname()[1]}", "callout", "pbx-manager", is_tls)

    def tell(self, content: bytes) -> None:
        """Say something to everybody who is logged in."""
        for line in list(self.lines):
            line.sendall(content)

    def drop(self) -> None:
        """Cut every line."""
        while self.lines:
            line = self.lines.pop()
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def count(self, action: str) -> int:
        """How often an action was asked for."""
        return sum(one["action"] == action for one in self.actions)

    def serve(self) -> None:
        """Take lines until the listener is closed."""
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with suppress(OSError), line:
            talking = self.context.wrap_socket(line, server_side=True) if self.context else line
            talking.sendall(self.banner)
            said = b""
            while part := talking.recv(4096):
                *whole, said = (said + part).split(b"\r\n\r\n")
                for one in whole:
                    self._answer(talking, _fields(one))

    def _answer(self, line: socket.socket, action: dict[str, str]) -> None:
        self.actions.append(action)
        name, number = action["action"], action.get("actionid", "")
        if name == "Challenge":
            said = f"Response: Success\r\nChallenge: {_CHALLENGE}" if self.has_challenge else "Response: Error"
        elif name == "Login":
            key = hashlib.md5((_CHALLENGE + SECRET).encode(), usedforsecurity=False).hexdigest()
            is_right = key == action.get("key") or action.get("secret") == SECRET
            said = "Response: Success" if is_right else "Response: Error\r\nMessage: Authentication failed"
        elif self.mute:
            return
        else:
            said = "Response: Success\r\nPing: Pong"
        line.sendall(f"{said}\r\nActionID: {number}\r\n\r\n".encode())
        if name == "Login" and said == "Response: Success":
            line.sendall(self.told)
            self.lines.append(line)


def cdr_fields(cells: Sequence[str]) -> dict[str, str]:
    """The event that tells a line of Master.csv with all its columns, as cdr_manager.conf has to map it."""
    return {"Event": "Cdr", **dict(zip(_FIELDS, cells, strict=False)), "LinkedID": cells[-2], "Sequence": cells[-1]}


def event_bytes(fields: Mapping[str, str]) -> bytes:
    """An event as it travels."""
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n"


@contextmanager
def manager_server(context: ssl.SSLContext | None = None) -> Iterator[ManagerServer]:
    """A server for the time of a test."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ManagerServer(listener, context=context)
        thread = Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
        server.drop()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _fields(block: bytes) -> dict[str, str]:
    pairs = (line.partition(": ") for line in block.decode().split("\r\n"))
    return {name.casefold(): value for name, _, value in pairs}
