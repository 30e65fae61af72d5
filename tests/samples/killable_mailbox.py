"""A real IMAP server that is killed and started again on the same port, over the same Maildir."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self

from deployments.demo.mail_servers import prepare_mailbox
from tests.samples.mail_room import PASSWORD, MailRoom, free_port
from tests.samples.waiting import wait_for


class KillableMailbox:
    """pymap, from the beginning of the block to its end; `room` reaches it whenever it lives."""

    def __init__(self, folder: Path) -> None:
        prepare_mailbox(folder, PASSWORD)
        self.room = MailRoom(folder, free_port())
        listen = ("--host", "127.0.0.1", "--port", str(self.room.port), "--no-tls")
        self._command = [
            *(sys.executable, "-m", "deployments.demo.serve_pymap"),
            *(*listen, "maildir", str(folder)),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._answers, 60)

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.room.port), 1):
            return True
        return False
