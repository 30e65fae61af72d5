"""Chat and SMS through the outbox: sent once, never again in doubt, and no channel waits for another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
import sqlalchemy as sa

from sql import schema
from tasks import channel_sending
from tasks.channels import all_of, other_channels, send_messages, take_next_steps
from tasks.desk import Desk
from tasks.gateways.channels import sms_http
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import writing
from tasks.gateways.store.presence import note_chat, note_seen
from tasks.notifications import tell
from tasks.outbox import look_at_outbox, send_batch
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.notify.channel_settings import Channels, SmsGateway
from tasks.rules.outgoing import Notice, Recipient
from tests.samples.sms_gateways import BUSY, CUT, GARBAGE, KEY, LOST, REFUSED, SmsGateways, open_sms_gateways
from tests.samples.xmpp_house import HOST, PASSWORD, XmppHouse, in_chat, open_xmpp_house
from tests.tasks.outbox_at_work import NOW, notice, plan, rows

MINUTE = timedelta(minutes=1)
SMS, CHAT = "sms", "xmpp"


@pytest.fixture
def gateways() -> Iterator[SmsGateways]:
    with open_sms_gateways() as opened:
        yield opened


@pytest.fixture
def sms_desk(desk: Desk, tmp_path: Path, gateways: SmsGateways) -> Desk:
    return _with(desk, tmp_path, Channels(sms=SmsGateway("smsc", login="office", secret="sms-key", url=gateways.url)))


def _with(desk: Desk, folder: Path, channels: Channels) -> Desk:
    (folder / "sms-key").write_text(KEY)
    (folder / "office-chat").write_text(PASSWORD)
    return Desk(replace(desk.office, channels=channels), desk.engine, SecretSource(folder), desk.files, desk.reports)


class _Round:
    def __init__(self, desk: Desk) -> None:
        self.office, self.now = desk.office, NOW


def say(desk: Desk, *notices: Notice) -> None:
    with writing(desk.engine) as connection:
        assert tell(connection, _Round(desk), notices) == len(notices)


def text(desk: Desk, ending: str) -> None:
    """A message to a client who has nothing but a telephone."""
    with writing(desk.engine) as connection:
        new = sa.insert(schema.contact).values(name="Анна", created_at=NOW).returning(schema.contact.c.id)
        contact_id = int(connection.execute(new).scalar_one())
        number = f"+7900000{ending}"
        point = {"contact_id": contact_id, "kind": "phone", "value": number, "raw": number}
        connection.execute(sa.insert(schema.contact_point).values(point))
    to = Recipient(f"contact:{contact_id}", "Анна", "", "ru")
    say(desk, Notice(f"k:{ending}", "notice", to, "note", {"text": "ждёт"}, "deal", 1, NOW))


def staff(desk: Desk, name: str) -> int:
    with writing(desk.engine) as connection:
        values = {"key": name, "name": name, "mail": f"{name}@north-service.example", "jid": f"{name}@{HOST}"}
        return int(
            connection.execute(sa.insert(schema.person).values(values).returning(schema.person.c.id)).scalar_one()
        )


def to_person(person_id: int, name: str) -> Notice:
    to = Recipient(f"person:{person_id}", name, f"{name}@north-service.example", "ru")
    return Notice(f"k:{name}", "task", to, "note", {"text": "ждёт"}, "deal", 1, NOW)


def states(desk: Desk) -> list[str]:
    return [row.state for row in rows(desk)]


async def send(desk: Desk, channel: str = SMS) -> dict[str, int]:
    counts = (await send_messages.fn(desk, channel, NOW)).counts
    return {name: count for name, count in counts.items() if count}


async def test_an_sms_is_sent_once(sms_desk: Desk, gateways: SmsGateways) -> None:
    for n in range(10):
        text(sms_desk, f"03{n:02}")
    assert await send(sms_desk) == {"sent": 10}
    assert await send(sms_desk) == {}
    assert len({number for _, number, _ in gateways.taken}) == len(gateways.taken) == 10
    assert gateways.taken[0][2] == "Заметка для Анна"
    assert {row.outside_id for row in rows(sms_desk)} == {our_id for our_id, _, _ in gateways.taken}
    assert {row.result for row in rows(sms_desk, schema.outbox_attempt)} == {"sent"}


async def test_two_workers_send_each_once(sms_desk: Desk, gateways: SmsGateways) -> None:
    for n in range(20):
        text(sms_desk, f"03{n:02}")
    first, second = await asyncio.gather(send(sms_desk), send(sms_desk))
    assert first.get("sent", 0) + second.get("sent", 0) == 20
    assert len(gateways.taken) == 20


async def test_in_doubt_it_is_never_sent_again_unless_the_gateway_never_got_it(
    sms_desk: Desk, gateways: SmsGateways
) -> None:
    text(sms_desk, CUT)
    text(sms_desk, LOST)
    assert await send(sms_desk) == {"ambiguous": 2}
    assert (await send(sms_desk)) == {"asked": 2, "ambiguous": 1}
    assert states(sms_desk) == ["sent", "ambiguous"]
    assert len(gateways.taken) == 1
    assert [row.kind for row in rows(sms_desk, schema.event) if row.kind == "mail.decided"] == ["mail.decided"] * 2


async def test_what_the_gateway_cannot_say_a_person_must(desk: Desk, tmp_path: Path, gateways: SmsGateways) -> None:
    sms_desk = _with(desk, tmp_path, Channels(sms=SmsGateway("sms_ru", secret="sms-key", url=gateways.url)))
    text(sms_desk, CUT)
    text(sms_desk, GARBAGE)
    assert await send(sms_desk) == {"ambiguous": 2}
    assert await send(sms_desk) == {}
    assert look_at_outbox.fn(sms_desk).ambiguous == (1, 2)
    assert len(gateways.taken) == 1


async def test_refusals_are_temporary_or_for_good(sms_desk: Desk, gateways: SmsGateways) -> None:
    text(sms_desk, REFUSED)
    text(sms_desk, BUSY)
    assert await send(sms_desk) == {"refused": 1, "retry": 1}
    assert gateways.taken == []
    assert sorted(row.reply_text for row in rows(sms_desk, schema.outbox_attempt)) == ["8 no", "9 no"]


async def test_a_wrong_key_loses_nothing(sms_desk: Desk, gateways: SmsGateways, tmp_path: Path) -> None:
    for n in range(6):
        text(sms_desk, f"03{n:02}")
    (tmp_path / "sms-key").write_text("wrong")
    with pytest.raises(CredentialError):
        await send(sms_desk)
    assert set(states(sms_desk)) <= {"planned", "retry"}
    (tmp_path / "sms-key").write_text(KEY)
    counts = (await send_messages.fn(sms_desk, SMS, NOW + MINUTE)).counts
    assert counts["sent"] == len(gateways.taken) == 6


async def test_a_hanging_gateway_delays_no_mail(
    sms_desk: Desk, gateways: SmsGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(channel_sending, "time", SimpleNamespace(monotonic=lambda: clock.seconds))
    gateways.answers.clear()
    for n in range(12):
        text(sms_desk, f"03{n:02}")
    plan(sms_desk, *(notice("anna", n) for n in range(20)))
    mailed: set[str] = set()

    async def mails() -> None:
        await send_batch.fn(sms_desk, NOW)
        while gateways.hanging < 4:
            await asyncio.sleep(0.01)
        mailed.update(row.state for row in rows(sms_desk) if row.channel == "mail")
        clock.seconds = 1000.0  # the round's time is over while four are under way
        gateways.answers.set()

    async def messages() -> None:
        await send_messages.fn(sms_desk, SMS, NOW)

    await all_of(mails(), messages())
    assert mailed == {"sent"}
    assert [row.state for row in rows(sms_desk) if row.channel == SMS].count("planned") == 8


async def test_a_gateway_that_never_answers_is_asked_before_anything_is_said_twice(
    sms_desk: Desk, gateways: SmsGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sms_http.http_client, "__defaults__", (None, httpx.Timeout(0.3)))
    text(sms_desk, "0301")
    gateways.answers.clear()
    assert await send(sms_desk) == {"ambiguous": 1}
    gateways.answers.set()
    assert await send(sms_desk) == {"asked": 1}
    assert (states(sms_desk), len(gateways.taken)) == (["sent"], 1)


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_gateways_own_error_is_asked_about_and_then_sent_again(
    sms_desk: Desk, gateways: SmsGateways, status: int
) -> None:
    text(sms_desk, "0301")
    gateways.trouble = status, b""
    assert await send(sms_desk) == {"ambiguous": 1}
    assert await send(sms_desk) == {}  # it cannot even be asked
    gateways.trouble = None
    assert (await send(sms_desk)) == {"asked": 1, "sent": 1}
    assert len(gateways.taken) == 1


async def test_one_way_that_fails_does_not_stop_another() -> None:
    done = []

    async def broken() -> None:
        raise OutsideError("gone")

    async def slow() -> None:
        await asyncio.sleep(0.05)
        done.append(True)

    with pytest.raises(OutsideError):
        await all_of(broken(), slow())
    assert done == [True]


async def test_a_channel_switched_off_lets_the_ladder_go_on(desk: Desk, tmp_path: Path) -> None:
    on = _with(desk, tmp_path, Channels(chat=XmppHouse(1).chat))
    daria = staff(on, "daria")
    with writing(on.engine) as connection:
        note_chat(connection, {f"daria@{HOST}": True}, NOW)
    say(on, to_person(daria, "daria"))
    assert other_channels(desk, NOW) == (CHAT,)
    assert await send(desk, CHAT) == {"refused": 1}
    assert take_next_steps(desk, NOW) == 2
    assert other_channels(desk, NOW) == ()
    assert [row.channel for row in rows(desk)] == [CHAT, "mail"]


async def test_a_server_that_is_gone_is_overtaken(desk: Desk, tmp_path: Path) -> None:
    on = _with(desk, tmp_path, Channels(chat=XmppHouse(1).chat))
    daria = staff(on, "daria")
    with writing(on.engine) as connection:
        note_chat(connection, {f"daria@{HOST}": True}, NOW)
    say(on, to_person(daria, "daria"))
    with pytest.raises(OutsideError):
        await send(on, CHAT)
    assert states(on) == ["planned"]
    assert take_next_steps(on, NOW) == 0
    assert take_next_steps(on, NOW + MINUTE) == 2
    assert states(on) == ["refused", "planned"]


@pytest.mark.debian
async def test_chat_with_a_real_server(desk: Desk, tmp_path: Path) -> None:
    with open_xmpp_house(tmp_path / "xmpp", "daria", "egor", "maria") as house:
        on = _with(desk, tmp_path, Channels(chat=house.chat))
        people = {name: staff(on, name) for name in ("daria", "egor", "maria")}
        async with in_chat(house, "daria") as daria, in_chat(house, "egor", gives_receipts=False) as egor:
            assert await send(on, CHAT) == {}  # nothing is due, but who is there is noted
            with writing(on.engine) as connection:
                note_seen(connection, people["egor"], NOW)
            say(on, *(to_person(person_id, name) for name, person_id in people.items()))
            assert [row.channel for row in rows(on)] == [CHAT, CHAT, "mail"]
            assert await send(on, CHAT) == {"sent": 1, "ambiguous": 1}
            assert (len(daria.heard), len(egor.heard)) == (1, 1)
    assert take_next_steps(on, NOW) == 1
    assert [row.person_id for row in rows(on, schema.notice)] == [people["maria"], people["egor"]]
    assert [row.state for row in rows(on, schema.notification)] == ["done", "climbing", "told"]
    assert look_at_outbox.fn(on).ambiguous == ()
