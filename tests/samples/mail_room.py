"""A real IMAP server over a Maildir of this test, and mail to put into it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deployments.demo.mail_servers import LOGIN, deliver, imap_command, prepare_mailbox
from tasks.rules.office import Mailbox

PASSWORD = "mail-room"
MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
EVENING = MORNING + timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class MailRoom:
    """A running server's mailbox."""

    folder: Path
    port: int
    name: str = "INBOX"

    def new_folder(self, name: str) -> MailRoom:
        """The same server with an empty folder of its own, so that tests can share a server."""
        owner = (self.folder / "Maildir").stat()
        base = self.folder / "Maildir" / f".{name}"
        for path in (base, *(base / box for box in ("cur", "new", "tmp"))):
            path.mkdir()
            os.chown(path, owner.st_uid, owner.st_gid)
        return MailRoom(self.folder, self.port, name)

    @property
    def maildir(self) -> Path:
        """Where the folder's mail lies."""
        return self.folder / "Maildir" / ("" if self.name == "INBOX" else f".{self.name}")

    @property
    def mailbox(self) -> Mailbox:
        """How the office reaches it."""
        return Mailbox(
            "office",
            "office@north-service.example",
            "127.0.0.1",
            self.port,
            LOGIN,
            "office-mailbox",
            security="plain",
            folders=(self.name,),
            trusted_verdict_hosts=("mx.north-service.example",),
        )

    def put(self, key: str, raw: bytes, *, at: datetime = MORNING) -> None:
        """Deliver one message; `at` becomes its INTERNALDATE."""
        deliver(self.maildir, key, at, raw)


def message(
    key: str,
    sender: str = "Пётр Новиков <petr@example.com>",
    subject: str = "Ремонт насоса",
    text: str = "Добрый день!\nНужен ремонт насоса, +7 900 000-05-01.\n",
    headers: str = "",
) -> bytes:
    """A plain Russian mail in UTF-8 with CRLF; `headers` are further lines."""
    lines = (
        f"From: {sender}\nTo: office@north-service.example\nSubject: {subject}\nMessage-ID: <{key}@example.com>\n"
        f"Date: Tue, 17 Nov 2026 09:00:00 +0300\n{headers}MIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}"
    )
    return lines.replace("\n", "\r\n").encode()


@contextmanager
def pymap_room(folder: Path, port: int = 0, certificate: Path | None = None) -> Iterator[MailRoom]:
    """pymap over the Maildir in `folder`, at `port` (0: a free one); with a `certificate` it offers STARTTLS."""
    prepare_mailbox(folder, PASSWORD)
    port = port or free_port()
    tls = ("--cert", str(certificate), "--key", f"{certificate}.key") if certificate else ("--no-tls",)
    listen = ("--host", "127.0.0.1", "--port", str(port), *tls)
    with running_server([sys.executable, "-m", "deployments.demo.serve_pymap", *listen, "maildir", str(folder)], port):
        yield MailRoom(folder, port)


@contextmanager
def dovecot_room(folder: Path) -> Iterator[MailRoom]:
    """Dovecot over the Maildir in `folder`; fails where it is not installed or may not enter."""
    prepare_mailbox(folder, PASSWORD)
    port = free_port()
    command = imap_command(folder, port, PASSWORD)
    assert "dovecot" in command[0], f"dovecot-imapd is not installed, or may not enter {folder}"
    with running_server(command, port):
        yield MailRoom(folder, port)


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(command: list[str], port: int) -> Iterator[None]:
    """A server process that listens on `port` while the block runs."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_port(process, port)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the mail server ended at once"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("the mail server did not start within 30 s")
