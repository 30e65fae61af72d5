"""Chat and SMS: what is due leaves, doubts are asked about, and who is online is noted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.channel_sending import ChannelRound
from tasks.chat_answers import take_heard
from tasks.desk import Desk
from tasks.gateways.channels.channel import Channel, Message
from tasks.gateways.claim_holder import claim_mark, is_holder_gone
from tasks.gateways.store.channel_rows import channels_due, clear_doubt, read_doubts, refuse_waiting
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.notifications import is_any_climbing
from tasks.gateways.store.outbox_deciding import decide_mail
from tasks.gateways.store.outbox_due import count_due
from tasks.gateways.store.presence import chat_jids, last_chat_look, note_chat
from tasks.gateways.store.sending import take_left_overs
from tasks.notifications import climb_ladders
from tasks.outbox import BatchResult
from tasks.rules.brakes import brake_rules
from tasks.rules.delivery import Decision
from tasks.rules.notify.channel_settings import SmsGateway

if TYPE_CHECKING:
    from tasks.gateways.channels.chat_line import XmppLine

_LOOK_AGAIN = timedelta(minutes=1)  # for who is online in chat
_MOST_QUESTIONS = 20
_DECIDED: dict[str, Decision] = {"received": "was_sent", "not_received": "send_again", "failed": "give_up"}


def other_channels(desk: Desk, now: datetime) -> tuple[str, ...]:
    """The channels besides mail that have something to do; in an office without them one look at the outbox."""
    with reading(desk.engine) as connection:
        due = channels_due(connection, now)
    channels = desk.office.channels
    is_on = {"xmpp": channels.chat.is_on, "sms": channels.sms.is_on}
    return tuple(name for name in is_on if is_on[name] or name in due)


async def all_of(*ways: Awaitable[None]) -> None:
    """Go every way to its end, side by side; only then raise what failed first."""
    for end in await asyncio.gather(*ways, return_exceptions=True):
        if isinstance(end, BaseException):
            raise end


@task(name="send-messages", task_run_name="send-{channel}", cache_policy=NO_CACHE)
async def send_messages(desk: Desk, channel: str, now: datetime) -> BatchResult:
    """Send what is due in `channel` (xmpp, sms). Raises OutsideError or CredentialError when it cannot be used.

    What waits in a channel that the office has switched off is refused; its ladder goes on.
    """
    with writing(desk.engine) as connection:
        take_left_overs(connection, is_holder_gone, now, datetime.now(UTC))
        due = count_due(connection, now, channel)
    channels = desk.office.channels
    if channel == "xmpp" and channels.chat.is_on:
        return await _send_chat(desk, due, now)
    if channel == "sms" and channels.sms.is_on:
        return await _send_sms(desk, due, now)
    with writing(desk.engine) as connection:
        return BatchResult(0, {"refused": refuse_waiting(connection, channel)})


async def _send_chat(desk: Desk, due: int, now: datetime) -> BatchResult:
    from tasks.gateways.channels.chat_line import XmppLine

    chat = desk.office.channels.chat
    with reading(desk.engine) as connection:
        staff, looked_at = chat_jids(connection), last_chat_look(connection)
    if not staff or (not due and looked_at is not None and now - looked_at < _LOOK_AGAIN):
        return BatchResult(0, {})
    async with XmppLine(chat, desk.secrets.read(chat.secret), staff) as line:
        with writing(desk.engine) as connection:
            note_chat(connection, line.online, now)
        heard = _hear(desk, line, now)
        sent = await _send_round(desk, "xmpp", line, now)
        await line.stop_hearing()
        heard += _hear(desk, line, now)
        return BatchResult(sent.claimed, dict(sent.counts) | {"heard": heard})


def _hear(desk: Desk, line: XmppLine, now: datetime) -> int:
    """What was said to the office is stored, then receipted; how many messages were new."""
    heard = line.heard()
    taken = take_heard(desk, heard, now)
    line.give_receipts(heard)
    return taken


async def _send_sms(desk: Desk, due: int, now: datetime) -> BatchResult:
    with reading(desk.engine) as connection:
        doubts = read_doubts(connection, "sms", now, _MOST_QUESTIONS)
    if not due and not doubts:
        return BatchResult(0, {})
    sms = desk.office.channels.sms
    async with sms_channel(sms, desk.secrets.read(sms.secret)) as gateway:
        decided = await _ask_about_doubts(desk, gateway, now)
        sent = await _send_round(desk, "sms", gateway, now)
    return BatchResult(sent.claimed, dict(Counter(sent.counts) + decided))


async def _send_round(desk: Desk, name: str, channel: Channel, now: datetime) -> BatchResult:
    sending = ChannelRound(desk.engine, name, brake_rules(desk.office), claim_mark(), now)
    await sending.send(channel)
    return BatchResult(sending.claimed, dict(sending.states) | {"held": sending.held})


async def _ask_about_doubts(desk: Desk, gateway: Channel, now: datetime) -> Counter[str]:
    """An SMS in doubt is sent again only when the gateway says that it never got it; what it cannot say, a person
    must."""
    with reading(desk.engine) as connection:
        doubts = read_doubts(connection, "sms", now, _MOST_QUESTIONS)
    counts: Counter[str] = Counter()
    for doubt in doubts:
        our_id = doubt.message_id.strip("<>").partition("@")[0]
        fate = await gateway.ask(Message(our_id, doubt.recipient, ""), doubt.outside_id)
        if fate in _DECIDED:
            with writing(desk.engine) as connection:
                if fate == "not_received":
                    clear_doubt(connection, doubt.outbox_id)
                decision = _DECIDED[fate]
                is_decided = decide_mail(connection, doubt.outbox_id, decision, "sms-gateway", f"says {fate}", now)
            counts["asked"] += is_decided
    return counts


def sms_channel(sms: SmsGateway, secret: str) -> Channel:
    """The gateway that the office folder names."""
    from tasks.gateways.channels.sms_any import AnySms
    from tasks.gateways.channels.sms_ru import SmsRu
    from tasks.gateways.channels.smsc import Smsc

    if sms.gateway == "sms_ru":
        return SmsRu(sms, secret)
    return Smsc(sms, secret) if sms.gateway == "smsc" else AnySms(sms, secret)


def take_next_steps(desk: Desk, now: datetime) -> int:
    """Messages that did not reach their people go the next way; how many rows were planned.

    No task of Prefect's: most runs have nothing to climb, and a task run costs more than the look.
    """
    with reading(desk.engine) as connection:
        if not is_any_climbing(connection):
            return 0
    with writing(desk.engine) as connection:
        return climb_ladders(connection, desk.office, now)
