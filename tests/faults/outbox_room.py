"""A desk with an outbox before a wayward mail server, for tests that break the sending."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks import outbox
from tasks.desk import Desk
from tasks.gateways.smtp_sender import MailServer
from tasks.gateways.store.connection import reading, writing
from tasks.outbox import plan_notices, send_batch
from tasks.rules.outgoing import AmbiguousPolicy, Notice, Recipient
from tests.faults.invariants import dispatch_faults
from tests.faults.victim import Job, desk_of, engine_url
from tests.samples.small_office import write_wordings
from tests.samples.wayward_server import WaywardServer

NOW = datetime(2026, 11, 17, 6, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
_LONGEST_HOURS = 60
_TEXT = "Добрый день, это заметка. " * 40  # longer than a command line, so that half a mail can be told from one


class OutboxRoom:
    """The store, the desk and the server of one test."""

    def __init__(self, engine: sa.Engine, home: Path, server: WaywardServer) -> None:
        write_wordings(home / "templates")
        self.server = server
        self.job = Job("dispatch", engine_url(engine), str(home), server.port, NOW.isoformat())
        self.desk = desk_of(self.job, engine)
        self._planned = 0

    def plan(self, *names: str, policy: AmbiguousPolicy = "retry", now: datetime = NOW) -> None:
        """One mail for each name, each to an address of its own: NAME.NUMBER@example.com."""
        notices = []
        for name in names:
            self._planned += 1
            number = self._planned
            to = Recipient(f"contact:{number}", name, f"{name}.{number}@example.com", "ru")
            text = {"text": f"{number} {_TEXT}"}
            notices.append(Notice(f"k:{number}", "notice", to, "note", text, "deal", number, now, policy=policy))
        with writing(self.desk.engine) as connection:
            assert plan_notices(connection, self.desk.office, notices, now) == len(names)

    def finish(self, now: datetime = NOW) -> datetime:
        """Dispatch, hour by hour, until nothing waits; returns the last moment."""
        for _ in range(_LONGEST_HOURS):
            asyncio.run(dispatch(self.desk, now))
            if outbox.look_at_outbox.fn(self.desk).waiting == 0:
                return now
            now += HOUR
        raise AssertionError(f"{outbox.look_at_outbox.fn(self.desk).waiting} mails wait for ever")

    def faults(self, now: datetime = NOW) -> list[str]:
        """What does not hold."""
        return dispatch_faults(self.desk, self.server.accepted, now)

    def rows(self, table: sa.Table = schema.outbox) -> Sequence[Any]:
        """All rows in order."""
        with reading(self.desk.engine) as connection:
            return connection.execute(sa.select(table).order_by(table.c.id)).all()

    @property
    def states(self) -> dict[str, str]:
        """State by the recipient's name."""
        return {row.recipient.partition(".")[0]: row.state for row in self.rows()}


async def dispatch(desk: Desk, now: datetime) -> None:
    """Send what is due, as the flow does."""
    while (await send_batch.fn(desk, now)).claimed:
        pass


def shorten_patience(patch: pytest.MonkeyPatch, seconds: float) -> None:
    """Wait this long for the mail server's answers, instead of minutes."""
    patch.setattr("tasks.sending.MailServer", partial(MailServer, timeout_seconds=seconds))
