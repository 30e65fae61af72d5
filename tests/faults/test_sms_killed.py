"""SMS killed at every boundary and at random: each client gets each message once, and no doubt is left unasked.

The gateway knows messages by our own id, so that it can say of every doubt whether it got it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.notifications import tell
from tasks.rules.outgoing import Notice, Recipient
from tests.faults.boundaries import SMS
from tests.faults.chance import KILLS, chance
from tests.faults.sms_work import send_sms, sms_desk
from tests.faults.victim import Job, Victims, desk_of, engine_url
from tests.samples.small_office import write_wordings
from tests.samples.sms_gateways import CUT, SmsGateways, open_sms_gateways

pytestmark = pytest.mark.faults

NOW = datetime(2026, 11, 17, 6, 30, tzinfo=UTC)
_LONGEST_WORK_SECONDS = 0.25


class SmsRoom:
    """The store, the desk and the gateway of one test; every tenth number loses the line after its message is taken."""

    def __init__(self, engine: sa.Engine, home: Path, gateways: SmsGateways) -> None:
        write_wordings(home / "templates")
        self.gateways = gateways
        self.job = Job("sms", engine_url(engine), str(home), gateways.port, NOW.isoformat())
        self.desk = sms_desk(desk_of(self.job, engine), gateways.port)
        self._planned = 0

    office = property(lambda self: self.desk.office)
    now = NOW

    def plan(self, count: int) -> None:
        for _ in range(count):
            self._planned += 1
            number = f"+7901{self._planned:03}{CUT}" if self._planned % 10 == 0 else f"+790100{self._planned:05}"
            with writing(self.desk.engine) as connection:
                new = sa.insert(schema.contact).values(name="Анна", created_at=NOW).returning(schema.contact.c.id)
                contact_id = connection.execute(new).scalar_one()
                point = {"contact_id": contact_id, "kind": "phone", "value": number, "raw": number}
                connection.execute(sa.insert(schema.contact_point).values(point))
                to = Recipient(f"contact:{contact_id}", "Анна", "", "ru")
                key = f"k:{self._planned}"
                assert tell(connection, self, [Notice(key, "notice", to, "note", {"text": ""}, "deal", 1, NOW)]) == 1

    def finish(self) -> None:
        """Rounds, as the minutes bring them, until nothing waits or is in doubt."""
        for _ in range(10):
            asyncio.run(send_sms(self.desk, NOW))
            if {row.state for row in self.rows()} <= {"sent"}:
                return
        raise AssertionError(Counter(row.state for row in self.rows()))

    def rows(self) -> list[Any]:
        with reading(self.desk.engine) as connection:
            return list(connection.execute(sa.select(schema.outbox).order_by(schema.outbox.c.id)).all())

    def faults(self) -> list[str]:
        """Who got their message not exactly once."""
        taken = Counter(number for _, number, _ in self.gateways.taken)
        return [f"{row.recipient}: {taken[row.recipient]} times" for row in self.rows() if taken[row.recipient] != 1]


@pytest.fixture
def room(engine: sa.Engine, tmp_path: Path) -> Iterator[SmsRoom]:
    with open_sms_gateways() as gateways:
        yield SmsRoom(engine, tmp_path, gateways)


@pytest.mark.parametrize("boundary", SMS)
def test_killed_at_each_boundary(room: SmsRoom, victims: Victims, boundary: str) -> None:
    room.plan(12)
    kills = 0
    for nth in (1, 2, 3):
        ended = victims.run(replace(room.job, boundary=boundary, nth=nth))
        assert ended.is_killed or not ended.code, ended.said
        kills += ended.is_killed
    room.finish()
    assert kills, f"{boundary} was not passed"
    assert room.faults() == []


def test_killed_at_random(room: SmsRoom, victims: Victims) -> None:
    luck = chance("sms")
    kills = 0
    while kills < KILLS / 4:
        room.plan(4)
        job = replace(room.job, kill_after_seconds=luck.uniform(0.001, _LONGEST_WORK_SECONDS))
        if luck.random() < 2 / 3:
            job = replace(room.job, boundary=luck.choice(tuple(SMS)), nth=luck.randint(1, 6))
        ended = victims.run(job)
        assert ended.is_killed or not ended.code, ended.said
        kills += ended.is_killed
    room.finish()
    assert room.faults() == []


def test_a_naive_sender_is_caught(room: SmsRoom, victims: Victims) -> None:
    room.plan(3)
    naive = replace(room.job, work="sms-naive")
    assert victims.run(replace(naive, boundary="sms-taken", nth=2)).is_killed
    assert not victims.run(naive).code
    assert room.faults() == ["+79010000002: 2 times"]
