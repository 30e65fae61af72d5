"""Real POP3 servers for tests: a small one of our own with faults on order, and Dovecot where CI installs it."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from deployments.demo.mail_servers import LOGIN, imap_command, prepare_mailbox
from tasks.rules.office import Mailbox
from tests.samples.mail_room import MORNING, PASSWORD, MailRoom, free_port, running_server


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
    """A maildrop kept in memory. The flags say what its server cannot do; `cut_in` breaks the line inside a message."""

    mails: dict[str, bytes] = field(default_factory=dict)
    port: int = 0
    has_uidl: bool = True
    has_top: bool = True
    login_answer: bytes = b"+OK\r\n"
    token: str = ""
    cut_in: str = ""
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
        keys = (f"{number} {key.split('#')[0]}\r\n" for number, (key, _) in enumerate(self.shown, 1))
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
        for key in self.deleted:
            self.drop.mails.pop(key, None)
        self.say(b"+OK")
        return False


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def scripted_drop(drop: ScriptedDrop) -> Iterator[ScriptedDrop]:
    """Serve the maildrop on a free port of loopback."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.drop = drop  # type: ignore[attr-defined]
        drop.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield drop
        server.shutdown()


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
