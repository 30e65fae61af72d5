"""Sends what is due in chat, as the flow does: python -m tests.samples.send_chat URL FOLDER PORT NOW [BOUNDARY]."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from tasks.channels import send_messages
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import open_store
from tasks.rules.notify.channel_settings import Channels
from tests.faults.boundaries import arm
from tests.samples.small_office import small_office
from tests.samples.xmpp_house import PASSWORD, XmppHouse


def chat_desk(engine: sa.Engine, folder: Path, port: int, receipt_seconds: int = 2) -> Desk:
    """A desk whose chat server listens at `port`."""
    (folder / "office-chat").write_text(PASSWORD)
    chat = replace(XmppHouse(port).chat, receipt_seconds=receipt_seconds)
    office = replace(small_office(folder / "templates"), channels=Channels(chat=chat))
    return Desk(office, engine, SecretSource(folder), folder, folder)


def main() -> None:
    """Wait long for receipts, so that the killer has time."""
    url, folder, port, now, *boundary = sys.argv[1:]
    desk = chat_desk(open_store(url), Path(folder), int(port), receipt_seconds=60)
    if boundary:
        arm(boundary[0], 1)
    asyncio.run(send_messages.fn(desk, "xmpp", datetime.fromisoformat(now)))


if __name__ == "__main__":
    main()
