"""The listener hears a chat answer at once, through a real XMPP server, and once, whoever else hears it too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from deployments.listener import chat_watching
from deployments.listener.chat_watching import watch_chat
from deployments.listener.working import DEALS
from deployments.listener.worklist import Worklist
from sql import schema
from tasks.channels import send_messages
from tasks.chat_answers import take_heard
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.rules.errors import StoreError
from tests.samples.xmpp_house import OFFICE, PASSWORD, Person, XmppHouse, in_chat, open_xmpp_house
from tests.tasks.test_chat_answers import FILLED, MORNING, ChatRoom, at

pytestmark = pytest.mark.debian


@dataclass
class Listening:
    """A listener at its line; `desk` may be another's: a new connection to the same store."""

    room: ChatRoom
    desk: Desk
    worklist: Worklist

    @property
    def kept(self) -> list[Any]:
        """Messages in the ledger."""
        return [row for row in self.room.rows(schema.intake_item) if row.source.startswith("chat:")]


async def until(is_so: Callable[[], Any], seconds: float = 15.0) -> float:
    """Wait for something; how long it took, in seconds."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds
        await asyncio.sleep(0.02)
    return time.monotonic() - began


@pytest.fixture
def room(sqlite_engine: sa.Engine, tmp_path: Path) -> ChatRoom:
    return ChatRoom(sqlite_engine, tmp_path, MORNING)


def _desk(room: ChatRoom, house: XmppHouse, tmp_path: Path) -> Desk:
    (tmp_path / "office-chat").write_text(PASSWORD)
    desk = room.desk
    office = replace(desk.office, channels=replace(desk.office.channels, chat=house.chat))
    return Desk(office, desk.engine, SecretSource(tmp_path), desk.files, desk.reports)


@asynccontextmanager
async def listening(
    room: ChatRoom, house: XmppHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Listening]:
    """The listener's line is open until the block ends."""
    desk, worklist, stop = _desk(room, house, tmp_path), Worklist(), Event()
    is_open = Event()
    monkeypatch.setattr(chat_watching._log, "info", lambda *_: is_open.set())
    monkeypatch.setattr(chat_watching, "datetime", SimpleNamespace(now=lambda _zone: at(1)))
    watcher = Thread(target=watch_chat, args=(desk, worklist, stop), daemon=True)
    watcher.start()
    await until(is_open.is_set)
    try:
        yield Listening(room, desk, worklist)
    finally:
        stop.set()
        await asyncio.to_thread(watcher.join, 10)
        assert not watcher.is_alive()


def say(person: Person, text: str, our_id: str) -> list[str]:
    """Somebody says something to the office; the receipts they have got so far."""
    receipts: list[str] = []
    person.client.add_event_handler("receipt_received", lambda stanza: receipts.append(stanza["receipt"]))
    stanza = person.client.make_message(mto=OFFICE, mbody=text, mtype="chat")
    stanza["id"], stanza["request_receipt"] = our_id, True
    stanza.send()
    return receipts


async def test_an_answer_is_heard_at_once_and_once(
    room: ChatRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = room.order()
    with open_xmpp_house(tmp_path / "xmpp", "daria") as house:
        async with in_chat(house, "daria") as daria, listening(room, house, tmp_path, monkeypatch) as there:
            receipts = say(daria, FILLED, "said-1")
            assert await until(lambda: there.kept and receipts) < 5
            assert there.worklist.take(DEALS, 1), "the deals are looked at"
            assert not there.worklist.take(DEALS, 0.1)
            room.advance(at(2))
            assert room.stage(order) == "agreeing"
            commands = len(room.events("item.command"))
            say(daria, FILLED, "said-1")  # the same message once more
            await until(lambda: len(receipts) > 1)
            assert (await send_messages.fn(there.desk, "xmpp", at(3))).counts.get("heard", 0) == 0
    assert len(there.kept) == 1
    room.advance(at(4))
    assert len(room.events("reply")) == 1
    assert len(room.events("item.command")) == commands


async def test_what_the_schedule_hears_too_is_kept_once(
    room: ChatRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.order()
    with open_xmpp_house(tmp_path / "xmpp", "daria") as house:
        async with in_chat(house, "daria") as daria, listening(room, house, tmp_path, monkeypatch) as there:
            runs = [asyncio.ensure_future(send_messages.fn(there.desk, "xmpp", at(60 * n))) for n in (1, 2)]
            for number in range(40):
                say(daria, f"сообщение {number}", f"said-{number}")
                await asyncio.sleep(0.05)
            await asyncio.gather(*runs)
            await until(lambda: len(there.kept) == 40)
    assert len(there.kept) == 40
    assert len(room.events("reply")) == 40


async def test_what_cannot_be_stored_is_tried_again_and_receipted_only_then(
    room: ChatRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def fail_twice(*given: Any) -> int:
        tried.append(1)
        if len(tried) < 3:
            raise StoreError("the database is locked")
        return take_heard(*given)

    monkeypatch.setattr(chat_watching, "take_heard", fail_twice)
    with open_xmpp_house(tmp_path / "xmpp", "daria") as house:
        async with in_chat(house, "daria") as daria, listening(room, house, tmp_path, monkeypatch) as there:
            receipts = say(daria, "Привет", "said-1")
            await until(lambda: tried)
            assert receipts == []
            await until(lambda: receipts)
            assert len(there.kept) == 1


async def test_a_lost_line_is_opened_anew_and_other_settings_are_taken_up(
    room: ChatRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_watching, "FIRST_PAUSE_SECONDS", 0.2)
    with open_xmpp_house(tmp_path / "xmpp", "daria") as house:
        async with listening(room, house, tmp_path, monkeypatch) as there:
            async with in_chat(house, "daria") as daria:
                chat = replace(house.chat, receipt_seconds=3)
                there.desk.office = replace(there.desk.office, channels=replace(there.desk.office.channels, chat=chat))
                await asyncio.sleep(3)
                say(daria, "Слышно?", "said-1")
                await until(lambda: len(there.kept) == 1)
            off = replace(chat, is_on=False)
            there.desk.office = replace(there.desk.office, channels=replace(there.desk.office.channels, chat=off))
            await asyncio.sleep(2)
            async with in_chat(house, "daria") as daria:
                say(daria, "А теперь?", "said-2")
                await asyncio.sleep(1)
            assert len(there.kept) == 1
