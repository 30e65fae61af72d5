"""Telling people by the ladder: told once, by the way that reaches them, and by the next when that one fails."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.message_story import read_story
from tasks.gateways.store.presence import note_chat, note_seen, note_signed_out
from tasks.notifications import climb_ladders, reachable, tell
from tasks.rules.message_words import story_json, story_lines
from tasks.rules.notify.channel_settings import Channels, ChatLine, SmsGateway
from tasks.rules.office import Office
from tasks.rules.outgoing import Notice, Recipient
from tests.tasks.outbox_at_work import NOW, dispatch, rows

MINUTE = timedelta(minutes=1)
ON = Channels(chat=ChatLine(is_on=True), sms=SmsGateway(gateway="sms_ru"))


@dataclass(frozen=True)
class _Round:
    office: Office
    now: datetime


@pytest.fixture
def daria(desk: Desk) -> int:
    """Somebody with mail, chat and a telephone."""
    with writing(desk.engine) as connection:
        return int(
            connection.execute(
                sa.insert(schema.person)
                .values(key="daria", name="Дарья", mail="daria@north-service.example", jid="daria@chat.example")
                .returning(schema.person.c.id)
            ).scalar_one()
        )


def message(person_id: int, name: str = "a", *, kind: str = "task", ref: str = "person", mail: str = "") -> Notice:
    to = Recipient(
        f"{ref}:{person_id}", "Дарья", mail or ("daria@north-service.example" if ref == "person" else ""), "ru"
    )
    return Notice(f"k:{name}", kind, to, "note", {"text": "Заказ ждёт"}, "deal", 1, NOW)


def say(desk: Desk, *messages: Notice, now: datetime = NOW, channels: Channels = ON) -> int:
    with writing(desk.engine) as connection:
        return tell(connection, _Round(replace(desk.office, channels=channels), now), messages)


def climb(desk: Desk, now: datetime) -> int:
    with writing(desk.engine) as connection:
        return climb_ladders(connection, replace(desk.office, channels=ON), now)


def set_state(desk: Desk, outbox_id: int, state: str) -> None:
    with writing(desk.engine) as connection:
        connection.execute(sa.update(schema.outbox).where(schema.outbox.c.id == outbox_id).values(state=state))


def boxes(desk: Desk) -> list[tuple[str, str, str]]:
    return [(row.channel, row.recipient, row.state) for row in rows(desk)]


def seen(desk: Desk, person_id: int, at: datetime) -> None:
    with writing(desk.engine) as connection:
        note_seen(connection, person_id, at)


def online(desk: Desk, at: datetime = NOW, *, is_online: bool = True) -> None:
    with writing(desk.engine) as connection:
        assert note_chat(connection, {"Daria@chat.example": is_online, "x@chat.example": True}, at) == 1


async def test_nobody_there_gets_a_notice_and_a_mail(desk: Desk, daria: int) -> None:
    assert say(desk, message(daria), message(daria)) == 1
    assert say(desk, message(daria), now=NOW + MINUTE) == 0
    assert boxes(desk) == [("mail", "daria@north-service.example", "planned")]
    (notice,) = rows(desk, schema.notice)
    assert (notice.person_id, notice.subject, notice.read_at) == (daria, "Заметка для Дарья", None)
    assert "Заказ ждёт" in notice.body
    assert await dispatch(desk) == {"sent": 1}
    assert climb(desk, NOW + 60 * MINUTE) == 0
    (told,) = rows(desk, schema.notification)
    assert (told.state, told.steps[0]["why"], told.raw) == ("told", "not_signed_in", None)


def test_chat_without_a_receipt_leads_to_the_inbox_and_mail(desk: Desk, daria: int) -> None:
    online(desk)
    assert say(desk, message(daria)) == 1
    assert boxes(desk) == [("xmpp", "daria@chat.example", "planned")]
    assert climb(desk, NOW) == 0
    set_state(desk, 1, "ambiguous")
    assert climb(desk, NOW) == 2
    assert climb(desk, NOW) == 0
    assert boxes(desk) == [
        ("xmpp", "daria@chat.example", "ambiguous"),
        ("mail", "daria@north-service.example", "planned"),
    ]
    assert rows(desk)[1].after_id == 1
    assert rows(desk)[1].key == "k:a"
    assert len(rows(desk, schema.notice)) == 1


def story(desk: Desk, word: str, language: str = "en") -> list[str]:
    with reading(desk.engine) as connection:
        found = read_story(connection, word)
    assert found is not None
    assert json.loads(json.dumps(story_json(found)))
    return story_lines(found, language, desk.office.zone)


def test_why_tells_the_whole_ladder(desk: Desk, daria: int) -> None:
    seen(desk, daria, NOW)
    online(desk)
    say(desk, message(daria))
    ways = ["way 1, since online in chat: chat (waits)", "way 2, if needed: inbox", "way 3, if needed: mail"]
    assert [line for line in story(desk, "1") if line.startswith("way")] == ways
    set_state(desk, 1, "ambiguous")
    climb(desk, NOW)
    ways[0] = "way 1, since online in chat: chat (no answer)"
    ways[1] = "way 2, since at the door just now: inbox (shown, not read)"
    assert [line for line in story(desk, "k:a") if line.startswith("way")] == ways
    climb(desk, NOW + 60 * MINUTE)
    assert "way 3, since the notice stayed unread: mail (waits)" in story(desk, "2")
    assert all("state." not in line and "why." not in line for line in story(desk, "2", "ru"))


def test_why_knows_what_only_lies_in_the_inbox(desk: Desk, daria: int) -> None:
    seen(desk, daria, NOW)
    say(desk, message(daria))
    assert "way 1, since at the door just now: inbox (shown, not read)" in story(desk, "k:a")


def test_a_receipt_ends_the_ladder(desk: Desk, daria: int) -> None:
    online(desk)
    say(desk, message(daria))
    set_state(desk, 1, "sent")
    assert climb(desk, NOW + 60 * MINUTE) == 0
    assert rows(desk, schema.notification)[0].state == "done"
    assert len(boxes(desk)) == 1


def test_what_no_server_took_in_time_is_overtaken(desk: Desk, daria: int) -> None:
    online(desk)
    say(desk, message(daria))
    assert climb(desk, NOW + timedelta(seconds=14)) == 0
    set_state(desk, 1, "claimed")
    assert climb(desk, NOW + MINUTE) == 0
    set_state(desk, 1, "retry")
    assert climb(desk, NOW + MINUTE) == 2
    assert boxes(desk)[0] == ("xmpp", "daria@chat.example", "refused")
    assert rows(desk)[0].hold_reason == "overtaken"


def test_a_notice_is_mailed_only_when_it_stays_unread_and_they_are_away(desk: Desk, daria: int) -> None:
    seen(desk, daria, NOW - 2 * MINUTE)
    say(desk, message(daria), message(daria, "b"))
    assert (len(boxes(desk)), len(rows(desk, schema.notice))) == (0, 2)
    seen(desk, daria, NOW + 5 * MINUTE)
    assert climb(desk, NOW + 9 * MINUTE) == 0
    with writing(desk.engine) as connection:
        connection.execute(sa.update(schema.notice).where(schema.notice.c.id == 2).values(read_at=NOW + MINUTE))
    assert climb(desk, NOW + 14 * MINUTE) == 0
    assert climb(desk, NOW + 15 * MINUTE) == 1
    assert [row.key for row in rows(desk)] == ["k:a"]
    assert [row.state for row in rows(desk, schema.notification)] == ["told", "done"]


def test_signing_out_is_being_away(desk: Desk, daria: int) -> None:
    seen(desk, daria, NOW)
    seen(desk, daria, NOW - MINUTE)
    with writing(desk.engine) as connection:
        note_signed_out(connection, daria)
    say(desk, message(daria))
    assert [channel for channel, _, _ in boxes(desk)] == ["mail"]


def _client(desk: Desk, *points: tuple[str, str]) -> int:
    with writing(desk.engine) as connection:
        new = sa.insert(schema.contact).values(name="Анна", created_at=NOW).returning(schema.contact.c.id)
        contact_id = int(connection.execute(new).scalar_one())
        for kind, value in points:
            point = {"contact_id": contact_id, "kind": kind, "value": value, "raw": value}
            connection.execute(sa.insert(schema.contact_point).values(point))
    return contact_id


async def test_a_client_whose_mail_is_refused_gets_an_sms(desk: Desk) -> None:
    anna = _client(desk, ("mail", "gone@example.com"), ("phone", "+74951234567"), ("phone", "+79000000201"))
    say(desk, message(anna, ref="contact", mail="gone@example.com"))
    assert await dispatch(desk) == {"refused": 1}
    assert climb(desk, NOW) == 1
    assert boxes(desk)[1] == ("sms", "+79000000201", "planned")
    assert rows(desk)[1].policy == "ask"


def test_a_client_without_mail(desk: Desk) -> None:
    anna = _client(desk, ("phone", "+79000000201"))
    nobody = _client(desk, ("phone", "+74951234567"))
    refs = [f"contact:{anna}", f"contact:{nobody}"]
    with reading(desk.engine) as connection:
        assert reachable(connection, replace(desk.office, channels=ON), refs) == {refs[0]}
        assert reachable(connection, desk.office, refs) == frozenset()
    assert say(desk, message(anna, ref="contact"), message(nobody, "b", ref="contact")) == 1
    assert boxes(desk) == [("sms", "+79000000201", "planned")]


def test_a_confirmation_goes_both_ways(desk: Desk) -> None:
    anna = _client(desk, ("mail", "anna@example.com"), ("phone", "+79000000201"))
    say(desk, message(anna, ref="contact", kind="confirmation", mail="anna@example.com"))
    assert [channel for channel, _, _ in boxes(desk)] == ["mail", "sms"]
    assert len({row.message_id for row in rows(desk)}) == 2


def test_a_wording_that_fails_is_quarantined(desk: Desk, daria: int) -> None:
    assert say(desk, replace(message(daria), wording="broken"), message(daria, "b")) == 1
    assert [row.row_key for row in rows(desk, schema.quarantine_row)] == ["k:a"]
    assert [row.key for row in rows(desk, schema.notification)] == ["k:b"]
