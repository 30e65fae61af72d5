"""SMS as a victim sends them: as the flow does, or as it is commonly written."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from sql.schema import outbox
from tasks.channels import send_messages
from tasks.desk import Desk
from tasks.gateways.channels.channel import Message
from tasks.gateways.channels.smsc import Smsc
from tasks.gateways.store.connection import reading, writing
from tasks.rules.notify.channel_settings import Channels, SmsGateway
from tests.samples.sms_gateways import KEY

SECRET = "sms-key"


def sms_desk(desk: Desk, port: int) -> Desk:
    """The desk with SMSC at `port`; its key lies where the desk's secrets are."""
    desk.secrets.folder.mkdir(parents=True, exist_ok=True)
    (desk.secrets.folder / SECRET).write_text(KEY)
    gateway = SmsGateway("smsc", login="office", secret=SECRET, url=f"http://127.0.0.1:{port}")
    office = replace(desk.office, channels=Channels(sms=gateway))
    return Desk(office, desk.engine, desk.secrets, desk.files, desk.reports)


async def send_sms(desk: Desk, now: datetime) -> None:
    """Send what is due, as the flow does."""
    while (await send_messages.fn(desk, "sms", now)).claimed:
        pass


async def send_sms_naively(desk: Desk, now: datetime) -> None:
    """Send what is planned and note each as sent after it: the harness has to catch it when it is killed."""
    with reading(desk.engine) as connection:
        due = connection.execute(sa.select(outbox).where(outbox.c.state == "planned").order_by(outbox.c.id)).all()
    async with Smsc(desk.office.channels.sms, KEY) as gateway:
        for row in due:
            await gateway.send(Message(row.message_id[1:33], row.recipient, zlib.decompress(row.raw).decode()))
            with writing(desk.engine) as connection:
                sent = sa.update(outbox).where(outbox.c.id == row.id).values(state="sent", sent_at=now)
                connection.execute(sent)


SMS_WORK: dict[str, Callable[[Desk, datetime], Awaitable[None]]] = {"sms": send_sms, "sms-naive": send_sms_naively}
