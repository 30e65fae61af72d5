"""The chat sender killed at a real server: nobody is told twice in chat, and who was not is told by the next way."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.channels import send_messages, take_next_steps
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.presence import note_chat
from tasks.notifications import tell
from tasks.rules.outgoing import Notice, Recipient
from tests.faults.victim import engine_url
from tests.samples.send_chat import chat_desk
from tests.samples.small_office import write_wordings
from tests.samples.xmpp_house import HOST, XmppHouse, in_chat, open_xmpp_house

pytestmark = [pytest.mark.faults, pytest.mark.debian]
NOW = datetime(2026, 11, 17, 6, 30, tzinfo=UTC)


class ChatRoom:
    """Daria is in chat and has a message to come."""

    def __init__(self, engine: sa.Engine, folder: Path, house: XmppHouse) -> None:
        write_wordings(folder / "templates")
        self.desk: Desk = chat_desk(engine, folder, house.port)
        self.folder, self.house, self.office, self.now = folder, house, self.desk.office, NOW
        person = {"key": "daria", "name": "Дарья", "mail": "daria@north-service.example", "jid": f"daria@{HOST}"}
        with writing(engine) as connection:
            new = sa.insert(schema.person).values(person).returning(schema.person.c.id)
            ref = f"person:{connection.execute(new).scalar_one()}"
            note_chat(connection, {f"daria@{HOST}": True}, NOW)
            to = Recipient(ref, "Дарья", "daria@north-service.example", "ru")
            assert tell(connection, self, [Notice("k", "task", to, "note", {"text": "ждёт"}, "deal", 1, NOW)]) == 1

    def victim(self, boundary: str = "") -> subprocess.Popen[bytes]:
        told = [engine_url(self.desk.engine), str(self.folder), str(self.house.port), NOW.isoformat()]
        words = [*told, boundary] if boundary else told
        return subprocess.Popen([sys.executable, "-m", "tests.samples.send_chat", *words])

    async def send(self) -> None:
        await send_messages.fn(self.desk, "xmpp", NOW)

    def states(self) -> list[tuple[str, str]]:
        box = schema.outbox
        with reading(self.desk.engine) as connection:
            return [(row.channel, row.state) for row in connection.execute(sa.select(box).order_by(box.c.id))]

    def kinds(self) -> list[str]:
        with reading(self.desk.engine) as connection:
            return list(connection.scalars(sa.select(schema.event.c.kind).order_by(schema.event.c.id)))


@pytest.fixture
def room(engine: sa.Engine, tmp_path: Path) -> Iterator[ChatRoom]:
    with open_xmpp_house(tmp_path / "xmpp", "daria") as house:
        yield ChatRoom(engine, tmp_path, house)


async def test_killed_between_the_message_and_its_receipt(room: ChatRoom) -> None:
    async with in_chat(room.house, "daria", gives_receipts=False) as daria:
        victim = room.victim()
        while not daria.heard:
            assert victim.poll() is None
            await asyncio.sleep(0.02)
        victim.kill()
        victim.wait()
        await room.send()
        assert room.states() == [("xmpp", "ambiguous")]
        assert "mail.ambiguous" in room.kinds()
        assert take_next_steps(room.desk, NOW) == 2
        assert take_next_steps(room.desk, NOW) == 0
        await room.send()
        assert len(daria.heard) == 1
    assert room.states() == [("xmpp", "ambiguous"), ("mail", "planned")]


@pytest.mark.parametrize(
    ("boundary", "state", "heard"),
    [
        ("chat-claimed-not-committed", "sent", 1),
        ("chat-in-doubt-not-committed", "sent", 1),
        ("chat-in-doubt", "ambiguous", 0),
        ("chat-receipted", "ambiguous", 1),
        ("chat-recorded-not-committed", "ambiguous", 1),
    ],
)
async def test_killed_at_each_boundary(room: ChatRoom, boundary: str, state: str, heard: int) -> None:
    async with in_chat(room.house, "daria") as daria:
        victim = room.victim(boundary)
        while victim.poll() is None:
            await asyncio.sleep(0.02)
        assert victim.returncode == -9
        await room.send()
        assert room.states() == [("xmpp", state)]
        assert len(daria.heard) == heard
    assert take_next_steps(room.desk, NOW) == (2 if state == "ambiguous" else 0)
