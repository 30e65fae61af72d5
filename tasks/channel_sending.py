"""One round of sending over a channel besides mail: each message is put in doubt on record, handed over, and settled.

A round begins no message after some seconds: whoever answers slowly keeps the next round of all channels waiting no
longer than that.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from tasks.gateways.channels.channel import Channel, Message, PermanentError, TemporaryError
from tasks.gateways.store.attempts import Answered, begin_doubt, settle
from tasks.gateways.store.channel_rows import name_outside
from tasks.gateways.store.connection import writing
from tasks.gateways.store.sending import Claim, DueMail, claim_due, release
from tasks.rules.brakes import BrakeRules
from tasks.rules.delivery import ServerReply, next_step
from tasks.rules.errors import OutsideError

_CLAIM = 50
_ROUND = 1000
_ROUND_SECONDS = 20.0


class ChannelRound:
    """Sends what is due in one channel; `claimed`, `held` and `states` say what was done, as Round does for mail."""

    def __init__(self, engine: sa.Engine, name: str, rules: BrakeRules, mark: str, now: datetime) -> None:
        self._engine = engine
        self._name = name
        self._rules = rules
        self._mark = mark
        self._now = now
        self.claimed = 0
        self.held = 0
        self.states: Counter[str] = Counter()

    async def send(self, channel: Channel) -> None:
        """Send until nothing is due or the time is over. Raises OutsideError when the other side wants nothing."""
        end = time.monotonic() + _ROUND_SECONDS
        try:
            while self.claimed < _ROUND and time.monotonic() < end:
                claim = await asyncio.to_thread(self._claim)
                self.claimed += len(claim.mails)
                self.held += claim.held
                if not claim.mails:
                    return
                await self._send_all(channel, claim.mails, end)
        finally:
            with writing(self._engine) as connection:
                release(connection, self._mark)

    async def _send_all(self, channel: Channel, mails: Sequence[DueMail], end: float) -> None:
        """`channel.lanes` at once; an error that concerns all stops those not begun."""
        waiting = list(reversed(mails))

        async def work() -> None:
            try:
                while waiting and time.monotonic() < end:
                    self.states[await self._send(channel, waiting.pop())] += 1
            except BaseException:
                waiting.clear()
                raise

        ends = await asyncio.gather(*(work() for _ in range(min(channel.lanes, len(mails)))), return_exceptions=True)
        for failed in ends:
            if isinstance(failed, BaseException):
                raise failed

    async def _send(self, channel: Channel, mail: DueMail) -> str:
        """One message's way; its new state, or `lost` when another sender has taken it up."""
        if not await asyncio.to_thread(self._begin, mail):
            return "lost"
        outside_id = ""
        try:
            delivery = await channel.send(as_message(mail))
            reply = ServerReply("accepted" if delivery.is_certain else "unknown", None, delivery.said)
            outside_id = delivery.outside_id
        except PermanentError as error:
            reply = ServerReply("permanent", None, str(error))
        except TemporaryError as error:
            reply = ServerReply("temporary", None, str(error))
        except OutsideError as error:
            await asyncio.to_thread(self._settle, mail, ServerReply("temporary", None, str(error)), "")
            raise
        return await asyncio.to_thread(self._settle, mail, reply, outside_id)

    def _claim(self) -> Claim:
        with writing(self._engine) as connection:
            clock = datetime.now(UTC)
            return claim_due(connection, self._mark, self._now, clock, _CLAIM, self._rules, self._name)

    def _begin(self, mail: DueMail) -> bool:
        with writing(self._engine) as connection:
            return bool(begin_doubt(connection, [mail], self._mark, self._now, datetime.now(UTC)))

    def _settle(self, mail: DueMail, reply: ServerReply, outside_id: str) -> str:
        step = next_step(reply.outcome, mail.policy, mail.attempt, self._now, was_in_doubt=mail.was_in_doubt)
        with writing(self._engine) as connection:
            settled = settle(connection, [Answered(mail, reply, step)], self._mark, self._now)
            if outside_id:
                name_outside(connection, mail.outbox_id, outside_id)
        return step.state if settled else "lost"


def as_message(mail: DueMail) -> Message:
    """What the channel is given; the letters and digits of the Message-ID are our name for it in every attempt."""
    return Message(mail.message_id.strip("<>").partition("@")[0], mail.recipient, mail.raw.decode())
