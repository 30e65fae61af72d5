"""Real POP3 servers for tests: a small one of our own with faults on order, and Dovecot where CI installs it."""

from __future__ import annotations

import base64
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from deployments.demo.mail_servers import LOGIN, imap_command, prepare_mailbox
from tasks.rules.office import Mailbox
from tests.samples.mail_room import MORNING, PASSWORD, MailRoom, free_port, running_server

_VERDICTS_BY = "mx.north-service.example"


class DropRoom(Protocol):
    """A POP3 server's maildrop."""

    port: int

    def put(self, key: str, raw: bytes) -> None: ...
    def keys_left(self) -> list[str]: ...


def drop_mailbox(port: int, **more: Any) -> Mailbox:
    """How the office reaches a maildrop on this machine."""
    plain = {"security": "plain", "protocol": "pop3"} | more
    return Mailbox("office", "office@north-service.example", "127.0.0.1", port, LOGIN, "office-mailbox", **plain)


def traced(raw: bytes, at: datetime = MORNING) -> bytes:
    """The mail with the trace of the last server on top."""
    return f"Received: from a.example by mx.example; {at:%d %b %Y %H:%M:%S} +0000\r\n".encode() + raw


@dataclass(slots=True)
class ScriptedDrop:
    """A maildrop kept in memory. The flags say what its server cannot do.

    `cut_in` breaks the line inside a message, `cut_after` after so many bytes of messages (None: never; `cuts` counts),
    `quit_drops` before or after QUIT has deleted, without its answer. `numbering` is a part of every unique id.
    """

    mails: dict[str, bytes] = field(default_factory=dict)
    port: int = 0
    has_uidl: bool = True
    has_top: bool = True
    login_answer: bytes = b"+OK\r\n"
    token: str = ""
    cut_in: str = ""
    cut_after: int | None = None
    cuts: int = 0
    quit_drops: Literal["", "before", "after"] = ""
    numbering: str = ""
    refused: str = ""
    asked: list[str] = field(default_factory=list)

    def put(self, key: str, raw: bytes) -> None:
        """Deliver a message; `key` is its UIDL."""
        self.mails[key] = raw

    def keys_left(self) -> list[str]:
        """What was not deleted."""
        return sorted(self.mails)


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.drop: ScriptedDrop = self.server.drop  # type: ignore[attr-defined]
        self.shown = list(self.drop.mails.items())
        self.deleted: set[str] = set()
        self.left = self.drop.cut_after
        self.say(b"+OK ready")
        for line in self.rfile:
            command, _, rest = line.decode().strip().partition(" ")
            self.drop.asked.append(command)
            if getattr(self, f"on_{command.lower()}", self.on_unknown)(rest) is False:
                return

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def say_lines(self, body: bytes) -> None:
        lines = body.split(b"\n")
        stuffed = b"\n".join(b"." + line if line.startswith(b".") else line for line in lines)
        end = b"" if not stuffed or stuffed.endswith(b"\n") else b"\r\n"
        self.wfile.write(b"+OK\r\n" + stuffed + end + b".\r\n")

    def on_unknown(self, _rest: str) -> None:
        self.say(b"-ERR what?")

    def on_user(self, _rest: str) -> None:
        self.say(b"+OK")

    def on_pass(self, rest: str) -> None:
        self.wfile.write(self.drop.login_answer if rest == PASSWORD else b"-ERR [AUTH] no\r\n")

    def on_auth(self, _rest: str) -> None:
        self.say(b"+ ")
        said = base64.b64decode(self.rfile.readline())
        if said == f"user={LOGIN}\x01auth=Bearer {self.drop.token}\x01\x01".encode():
            self.say(b"+OK")
            return
        self.say(b"+ " + base64.b64encode(b'{"status":"401"}'))
        assert self.rfile.readline() == b"\r\n"
        self.say(b"-ERR [AUTH] token")

    def on_uidl(self, rest: str) -> None:
        if not self.drop.has_uidl:
            self.on_unknown(rest)
            return
        ids = (f"{self.drop.numbering}{key.split('#')[0]}" for key, _ in self.shown)
        keys = (f"{number} {uid}\r\n" for number, uid in enumerate(ids, 1))
        self.say_lines("".join(keys).encode())

    def on_list(self, _rest: str) -> None:
        self.say_lines("".join(f"{number} {len(raw)}\r\n" for number, (_, raw) in enumerate(self.shown, 1)).encode())

    def on_retr(self, rest: str) -> bool | None:
        key, raw = self.shown[int(rest) - 1]
        if key == self.drop.refused:
            self.say(b"-ERR cannot read it")
            return None
        if key == self.drop.cut_in:
            self.wfile.write(b"+OK\r\n" + raw[: len(raw) // 2])
            return False
        if self.left is not None and self.left < len(raw):
            self.wfile.write(b"+OK\r\n" + raw[: self.left])
            self.drop.cuts += 1
            return False
        self.left = None if self.left is None else self.left - len(raw)
        self.say_lines(raw)
        return None

    def on_top(self, rest: str) -> None:
        if not self.drop.has_top:
            self.on_unknown(rest)
            return
        self.say_lines(self.shown[int(rest.split()[0]) - 1][1].partition(b"\r\n\r\n")[0] + b"\r\n\r\n")

    def on_dele(self, rest: str) -> None:
        self.deleted.add(self.shown[int(rest) - 1][0])
        self.say(b"+OK")

    def on_quit(self, _rest: str) -> bool:
        if self.drop.quit_drops == "before":
            return False
        for key in self.deleted:
            self.drop.mails.pop(key, None)
        if not self.drop.quit_drops:
            self.say(b"+OK")
        return False


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, drop: ScriptedDrop) -> None:
        super().__init__(("127.0.0.1", drop.port), _Session)
        self.drop = drop
        self._lines: list[socket.socket] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        self._lines.append(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no news."""

    def kill(self) -> None:
        """End at once, whatever is being said."""
        self.shutdown()
        self.server_close()
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class DropServer:
    """Serves a maildrop on one port of loopback, from `start` to `kill`, again and again."""

    def __init__(self, drop: ScriptedDrop) -> None:
        self._drop = drop
        self._server: _Server | None = None

    def start(self) -> None:
        """Listen; the first time at a free port."""
        self._server = _Server(self._drop)
        self._drop.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def kill(self) -> None:
        """Listen no more, and break every line."""
        if self._server is not None:
            self._server.kill()
            self._server = None


@contextmanager
def scripted_drop(drop: ScriptedDrop) -> Iterator[ScriptedDrop]:
    """Serve the maildrop on a free port of loopback."""
    server = DropServer(drop)
    server.start()
    try:
        yield drop
    finally:
        server.kill()


@dataclass(frozen=True, slots=True)
class DropFolder:
    """A scripted maildrop in the place of a folder by IMAP."""

    drop: ScriptedDrop
    after_taking: str = "leave"
    name: str = "INBOX"

    @property
    def port(self) -> int:
        """Where it is served."""
        return self.drop.port

    @property
    def mailbox(self) -> Mailbox:
        """How the office reaches it."""
        return drop_mailbox(self.port, after_taking=self.after_taking, trusted_verdict_hosts=(_VERDICTS_BY,))

    def put(self, key: str, raw: bytes, *, at: datetime = MORNING) -> None:
        """Deliver a message; when it came stands nowhere but in its own trace."""
        self.drop.put(key, raw)


@dataclass(frozen=True, slots=True)
class DovecotDrop:
    """Dovecot's INBOX by POP3."""

    room: MailRoom
    port: int

    def put(self, key: str, raw: bytes) -> None:
        """Deliver a message."""
        self.room.put(key, raw)

    def keys_left(self) -> list[str]:
        """What was not deleted."""
        found = [path for box in ("new", "cur") for path in (self.room.maildir / box).iterdir()]
        return sorted(path.name.partition(".demo")[0] for path in found)


@contextmanager
def dovecot_drop(folder: Path) -> Iterator[DovecotDrop]:
    """Dovecot by POP3 over the Maildir in `folder`; fails where it is not installed or may not enter."""
    prepare_mailbox(folder, PASSWORD)
    command, port = imap_command(folder, free_port(), PASSWORD), free_port()
    assert "dovecot" in command[0], f"dovecot is not installed, or may not enter {folder}"
    listening = (
        f"inet_listener pop3 {{\n address = 127.0.0.1\n port = {port}\n}}\ninet_listener pop3s {{\n port = 0\n}}"
    )
    with (folder / "dovecot.conf").open("a", encoding="utf-8") as config:
        config.write(f"\nprotocols = pop3\nservice pop3-login {{\nchroot =\n{listening}\n}}\n")
    with running_server(command, port):
        yield DovecotDrop(MailRoom(folder, port), port)
