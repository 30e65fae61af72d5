"""A desk before a real mailbox that mail keeps coming into, for tests that break the taking in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.store.connection import open_store
from tasks.rules.errors import OutsideError
from tests.faults.invariants import intake_faults
from tests.faults.victim import Job, desk_of, engine_url
from tests.samples.drop_room import DropFolder
from tests.samples.letters import letters
from tests.samples.mail_desk import fetch, open_mail_desk, picture, take_in
from tests.samples.mail_room import EVENING, MORNING, MailRoom

_COPIED = b"Received: by mx2.example; now\r\n"


def as_dovecot_serves(raw: bytes) -> bytes:
    """Dovecot gives no NUL bytes away."""
    return raw.replace(b"\x00", b"\x80")


class MailboxRoom:
    """The store, the desk and the mailbox of one test; `port` is where the desk finds the mailbox's server.

    `served` is what the server makes of a mail's bytes.
    """

    def __init__(
        self,
        engine: sa.Engine,
        home: Path,
        room: MailRoom | DropFolder,
        port: int = 0,
        *,
        served: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self.room = room
        self.received: list[bytes] = []
        self._put: list[bytes] = []
        self._served = served
        box, at = room.mailbox, port or room.port
        self.job = Job("intake", engine_url(engine), str(home), at, EVENING.isoformat(), room.name)
        self.job = replace(self.job, protocol=box.protocol, after_taking=box.after_taking)
        self.engine = engine
        self._home = home
        self._letters = letters()
        open_mail_desk(engine, room, home)

    @property
    def desk(self) -> Desk:
        """The desk that victims have too."""
        return desk_of(self.job, self.engine)

    def put(self, count: int) -> None:
        """So many more mails arrive, a second apart; every seventh is a copy of the one before."""
        for _ in range(count):
            number = len(self._put) + 1
            raw = _COPIED + self._put[-1] if number % 7 == 0 else next(self._letters)
            self._put.append(raw)
            self.received.append(self._served(raw))
            self.room.put(f"m{number}", raw, at=MORNING + timedelta(seconds=number))

    def visit(self) -> bool:
        """Fetch and take in; False when the mailbox failed."""
        try:
            fetch(self.desk, EVENING)
        except OutsideError:
            return False
        finally:
            take_in(self.desk, EVENING)
        return True

    def finish(self) -> None:
        """Take in what is left, undisturbed."""
        fetch(self.desk, EVENING)
        take_in(self.desk, EVENING)

    def faults(self) -> list[str]:
        """What does not hold."""
        return intake_faults(self.engine, self.desk.files, self.received)

    def differences(self, template: Path) -> dict[str, Any]:
        """Parts of the end that differ from the one of an undisturbed desk that took the whole mailbox in at once."""
        with _quiet_store(template, self._home / "quiet") as quiet:
            desk, _ = open_mail_desk(quiet, self.room, self._home / "quiet")
            fetch(desk, EVENING)
            take_in(desk, EVENING)
            wanted, found = picture(quiet), picture(self.engine)
        return {name: (found[name], wanted[name]) for name in wanted if found[name] != wanted[name]}


@contextmanager
def _quiet_store(template: Path, home: Path) -> Iterator[sa.Engine]:
    home.mkdir()
    copyfile(template, home / "store.db")
    engine = open_store(f"sqlite:///{home / 'store.db'}")
    yield engine
    engine.dispose()
