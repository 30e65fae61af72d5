"""Answers in chat act as answers by mail do, once; all else is a letter for an operator."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.chat_answers import take_heard
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.presence import note_chat
from tasks.office_round import begin_round
from tasks.process_acts import Act, acting, start_item
from tasks.rules.notify.channel_settings import ChatLine
from tasks.rules.notify.chat_answer import Heard
from tests.tasks.day_at_office import DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)  # 09:00 in Moscow
LINE = ChatLine(True, "office@chat.example", presence_minutes=600)
FILLED = "позиция: Выезд = 3000\nисполнитель: egor\nвремя: 2026-11-19 10:00\nготово"


def at(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


class ChatRoom(DayAtOffice):
    """The sample office, whose people are all in chat."""

    def __post_init__(self) -> None:
        super().__post_init__()
        channels = replace(self.desk.office.channels, chat=LINE)
        self.desk.office = replace(self.desk.office, channels=channels)
        with writing(self.engine) as connection:
            jid = schema.person.c.key + "@chat.example"
            connection.execute(sa.update(schema.person).values(jid=jid))
            jids = list(connection.scalars(sa.select(schema.person.c.jid)))
            note_chat(connection, dict.fromkeys(jids, True), MORNING)

    def ref(self, key: str) -> str:
        return f"person:{next(row.id for row in self.rows(schema.person) if row.key == key)}"

    def order(self) -> int:
        """A started order: the dispatcher is asked in chat."""
        self.counter += 1
        with writing(self.engine) as connection:
            client = connection.scalar(sa.select(sa.func.min(schema.contact_point.c.contact_id)))
            people = {"manager": self.ref("maria"), "dispatcher": self.ref("daria")}
            fields = {"client": f"contact:{client}", "kind": "urgent", **people}
            run = begin_round(connection, self.desk.office, at(0))
            key = f"form:{self.counter}"
            item_id = start_item(connection, run, "service", key=key, actor=people["manager"], fields=fields)
        act = Act(f"start:{self.counter}", item_id, "start", people["manager"], "door", at=at(1))
        acting(self.engine, self.desk.office, at(1), act)
        with writing(self.engine) as connection:
            connection.execute(sa.update(schema.outbox).values(state="sent"))
        return item_id

    def hear(self, minute: int, who: str, text: str, *, answers: str = "", name: str = "") -> int:
        """Somebody says something in chat, and it takes effect."""
        self.counter += 1
        key = name or f"s{self.counter}"
        sender = who if "@" in who else f"{who}@chat.example"
        heard = Heard(f"{sender}/phone:{key}", sender, text, f"<message>{text}</message>".encode(), answers)
        taken = take_heard(self.desk, [heard], at(minute))
        self.advance(at(minute))
        return taken

    def said(self, to: str) -> list[Any]:
        """What was sent to somebody in chat."""
        rows = self.rows(schema.outbox)
        return [row for row in rows if row.channel == "xmpp" and row.recipient == f"{to}@chat.example"]

    def stage(self, item_id: int) -> str:
        with reading(self.engine) as connection:
            item = schema.process_item
            return str(connection.scalar(sa.select(item.c.stage).where(item.c.id == item_id)))

    def events(self, kind: str) -> list[Any]:
        return [row for row in self.rows(schema.event) if row.kind == kind]


@pytest.fixture
def room(engine: sa.Engine, tmp_path: Path) -> ChatRoom:
    return ChatRoom(engine, tmp_path, MORNING)


def test_an_answer_acts_once_and_is_confirmed_in_chat(room: ChatRoom) -> None:
    order = room.order()
    before = len(room.said("daria"))
    assert room.hear(2, "daria", FILLED, name="same") == 1
    assert room.stage(order) == "agreeing"
    assert {row.kind for row in room.rows(schema.event) if row.data.get("channel") == "chat"} > {"reply"}
    confirmed = room.said("daria")[before:]
    assert any("reply_accepted" in row.key for row in confirmed)
    there = len(room.rows(schema.event))
    assert room.hear(3, "daria", FILLED, name="same") == 0
    assert len(room.rows(schema.event)) == there


def test_which_of_two_orders_is_meant_must_be_said(room: ChatRoom) -> None:
    first, second = room.order(), room.order()
    room.hear(2, "daria", FILLED)
    assert (room.stage(first), room.stage(second)) == ("planning", "planning")
    numbers = {row.id: row.number for row in room.rows(schema.process_item)}
    assert "chat_unclear" in room.said("daria")[-1].key
    room.hear(3, "daria", f"{numbers[second]} {FILLED}")
    assert (room.stage(first), room.stage(second)) == ("planning", "agreeing")


def test_the_message_answered_says_what_is_meant(room: ChatRoom) -> None:
    first, second = room.order(), room.order()
    asked = [row for row in room.said("daria") if row.work_task_id and "price" in row.key and row.item_id == first]
    room.hear(2, "daria", FILLED, answers=asked[0].message_id.strip("<>").partition("@")[0])
    assert (room.stage(first), room.stage(second)) == ("agreeing", "planning")


def test_somebody_elses_message_is_not_answered(room: ChatRoom) -> None:
    order = room.order()
    asked = next(row for row in room.said("daria") if row.work_task_id and "price" in row.key)
    room.hear(2, "egor", FILLED, answers=asked.message_id.strip("<>").partition("@")[0])
    assert room.stage(order) == "planning"


@pytest.mark.parametrize("who", ["daria", "stranger@elsewhere.example"])
def test_all_else_is_a_letter_for_an_operator(room: ChatRoom, who: str) -> None:
    order = room.order()
    room.hear(2, who, "Привет! Где ключи от машины?")
    assert room.stage(order) == "planning"
    letters = [row for row in room.rows(schema.outbox) if row.key.startswith("letter_received")]
    assert [row.recipient for row in letters] == ["olga@chat.example"]
    (passed,) = room.events("letter.passed_on")
    assert passed.data["to"] == room.ref("olga")


def test_strangers_cannot_flood_the_operator(room: ChatRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.chat_answers._MOST_OF_STRANGERS", 2)
    for minute in range(4):
        room.hear(minute, "stranger@elsewhere.example", f"купите {minute}")
    items = [row for row in room.rows(schema.intake_item) if row.source.startswith("chat:")]
    assert [row.state for row in items] == ["settled", "settled", "ignored", "ignored"]
    assert len(room.events("letter.passed_on")) == 2


def test_a_refusal_says_why(room: ChatRoom) -> None:
    order = room.order()
    room.hear(2, "daria", "готово")
    assert room.stage(order) == "planning"
    assert "reply_refused" in room.said("daria")[-1].key
