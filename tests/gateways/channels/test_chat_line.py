"""The office's line to a real XMPP server: who is online, receipts, and all the ways to get none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest

from tasks.gateways.channels import chat_line
from tasks.gateways.channels.channel import Delivery, Message, PermanentError
from tasks.gateways.channels.chat_line import XmppLine
from tasks.rules.errors import CredentialError, OutsideError
from tests.samples.certificates import self_signed
from tests.samples.xmpp_house import HOST, PASSWORD, XmppHouse, in_chat, open_xmpp_house

pytestmark = pytest.mark.debian
DARIA, EGOR = f"daria@{HOST}", f"egor@{HOST}"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[XmppHouse]:
    with open_xmpp_house(tmp_path_factory.mktemp("xmpp"), "daria", "egor", "stranger") as opened:
        yield opened


def line(house: XmppHouse, *staff: str) -> XmppLine:
    return XmppLine(house.chat, PASSWORD, staff or (DARIA, EGOR))


async def test_a_receipt_is_a_delivery(house: XmppHouse) -> None:
    async with in_chat(house, "daria") as daria, line(house) as office:
        assert office.online == {DARIA: True, EGOR: False}
        said = [office.send(Message(f"id{n}", DARIA, f"Заказ <{n}> & ждёт")) for n in range(3)]
        assert await asyncio.gather(*said) == [Delivery(True, "receipt")] * 3
        assert daria.heard == [f"Заказ <{n}> & ждёт" for n in range(3)]


async def test_without_a_receipt_nobody_knows(house: XmppHouse) -> None:
    async with in_chat(house, "daria", gives_receipts=False) as daria, line(house) as office:
        assert await office.send(Message("id", DARIA, "Привет")) == Delivery(False, "no receipt within 2 s")
        assert daria.heard == ["Привет"]


async def test_somebody_who_is_not_there_is_not_written_to(house: XmppHouse) -> None:
    async with line(house) as office:
        with pytest.raises(PermanentError, match="not online"):
            await office.send(Message("id", EGOR, "Привет"))


async def test_presence_is_followed(house: XmppHouse) -> None:
    async with line(house) as office:
        async with in_chat(house, "egor"):
            await asyncio.sleep(0.3)
            assert office.online[EGOR]
        await asyncio.sleep(0.3)
        assert not office.online[EGOR]


async def test_a_stranger_sees_nothing_of_us(house: XmppHouse) -> None:
    async with line(house), in_chat(house, "stranger") as stranger:
        seen = []
        stranger.client.add_event_handler("presence_available", lambda one: seen.append(one["from"].bare))
        stranger.client.send_presence_subscription(pto=house.chat.jid, ptype="subscribe")
        await asyncio.sleep(0.5)
        assert house.chat.jid not in seen


async def test_a_wrong_password(house: XmppHouse) -> None:
    with pytest.raises(CredentialError, match="refuses office@"):
        async with XmppLine(house.chat, "wrong", (DARIA,)):
            pass


async def test_nobody_listens() -> None:
    with pytest.raises(OutsideError, match="cannot be reached"):
        async with XmppLine(replace(XmppHouse(1).chat), PASSWORD, (DARIA,)):
            pass


async def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_line, "_CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(OutsideError, match="does not answer"):
        async with XmppLine(XmppHouse(mute.getsockname()[1]).chat, PASSWORD, (DARIA,)):
            pass


async def test_no_password_goes_over_a_line_in_the_clear(house: XmppHouse) -> None:
    with pytest.raises((CredentialError, OutsideError)):
        async with XmppLine(replace(house.chat, security="starttls"), PASSWORD, (DARIA,)):
            pass


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_the_certificate_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: Literal["starttls", "tls"]
) -> None:
    self_signed(tmp_path, HOST)
    with open_xmpp_house(tmp_path / "house", "daria", certificate=tmp_path / "self-signed.pem") as house:
        port = house.tls_port if security == "tls" else house.port
        chat = replace(house.chat, security=security, port=port)
        with pytest.raises(OutsideError, match="certificate"):
            async with XmppLine(chat, PASSWORD, (DARIA,)):
                pass
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "self-signed.pem"))
        async with in_chat(house, "daria"), XmppLine(chat, PASSWORD, (DARIA,)) as office:
            assert await office.send(Message("id", DARIA, "Привет")) == Delivery(True, "receipt")


async def test_what_is_said_is_heard_once_and_receipted_when_it_is_stored(house: XmppHouse) -> None:
    async with in_chat(house, "daria") as daria, line(house) as office:
        received: list[str] = []
        daria.client.add_event_handler("receipt_received", lambda one: received.append(one["receipt"]))
        said = daria.client.make_message(mto=house.chat.jid, mbody=" готово\n", mtype="chat")
        said["id"], said["request_receipt"] = "said-1", True
        said.send()
        await asyncio.sleep(0.3)
        await office.stop_hearing()
        (heard,) = office.heard()
        assert (heard.sender, heard.text, heard.answers) == (DARIA, "готово", "")
        assert office.heard() == ()
        await asyncio.sleep(0.3)
        assert received == []
        office.give_receipts([heard])
        await asyncio.sleep(0.3)
        assert received == ["said-1"]


async def test_the_message_that_is_answered_is_named(house: XmppHouse) -> None:
    async with in_chat(house, "daria") as daria, line(house) as office:
        said = daria.client.make_message(mto=house.chat.jid, mbody="да", mtype="chat")
        said.xml.append(ElementTree.Element("{urn:xmpp:reply:0}reply", {"to": "x", "id": "ours-1"}))
        said.send()
        await asyncio.sleep(0.3)
        assert [one.answers for one in office.heard()] == ["ours-1"]
