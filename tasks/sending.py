"""One round of sending: mails are claimed, offered, put in doubt, delivered and settled, over several connections.

Each connection carries one mail at a time, and each step is on record before the next begins; only the commits are
shared between the connections.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from tasks.gateways.group_commit import GroupCommit
from tasks.gateways.smtp_sender import MailServer
from tasks.gateways.store.attempts import Answered, begin_doubt, settle
from tasks.gateways.store.connection import writing
from tasks.gateways.store.sending import Claim, DueMail, claim_due, release
from tasks.rules.brakes import BrakeRules
from tasks.rules.delivery import next_step
from tasks.rules.errors import CalloutError
from tasks.rules.mail.reply_token import with_token
from tasks.rules.office import Sender

_CLAIM = 100
_ROUND = 1000
_MAILS_PER_CONNECTION = 4  # a sign-in over TLS costs more than a few mails


@dataclass(frozen=True, slots=True)
class _Doubt:
    """The wish to send a mail whose recipient was accepted."""

    mail: DueMail


class Round:
    """Sends up to 1,000 due mails; `claimed`, `held` (by the brakes) and `states` (counts by new state) say what was
    done."""

    def __init__(self, engine: sa.Engine, sender: Sender, rules: BrakeRules, mark: str, now: datetime) -> None:
        self._engine = engine
        self._sender = sender
        self._rules = rules
        self._mark = mark
        self._now = now
        self._mails: deque[DueMail] = deque()
        self._claiming = asyncio.Lock()
        self._is_over = False
        self.claimed = 0
        self.held = 0
        self.states: Counter[str] = Counter()

    async def send(self, password: str) -> None:
        """Send until nothing is due. Raises OutsideError or CredentialError when the mail server cannot be used.

        A connection that fails stops the round: the others end the mail in hand, and what was not begun waits on.
        """
        try:
            await self._refill()
            connections = min(self._sender.connections, -(-len(self._mails) // _MAILS_PER_CONNECTION))
            async with GroupCommit[_Doubt | Answered, bool](self._commit, connections) as ledger:
                ways = [self._work(MailServer(self._sender, password), ledger) for _ in range(connections)]
                ends = await asyncio.gather(*ways, return_exceptions=True)
        finally:
            with writing(self._engine) as connection:
                release(connection, self._mark)
        failed = [end for end in ends if end is not None]
        if failed:
            raise next((end for end in failed if isinstance(end, CalloutError)), failed[0])

    async def _work(self, server: MailServer, ledger: GroupCommit[_Doubt | Answered, bool]) -> None:
        try:
            async with server:
                while mail := await self._next():
                    self.states[await self._send(server, mail, ledger)] += 1
        except BaseException:
            self._is_over = True
            raise

    async def _send(self, server: MailServer, mail: DueMail, ledger: GroupCommit[_Doubt | Answered, bool]) -> str:
        """One mail's way; returns its new state, or `lost` when another sender has taken it up."""
        sender = self._sender
        return_path = with_token(sender.mail, mail.message_id) if sender.has_plus_addresses else sender.mail
        reply = await server.offer(mail.recipient, return_path)
        if reply.outcome == "accepted":
            if not await ledger.write(_Doubt(mail)):
                await server.withdraw()
                return "lost"
            reply = await server.deliver(mail.raw)
        step = next_step(reply.outcome, mail.policy, mail.attempt, self._now, was_in_doubt=mail.was_in_doubt)
        is_settled = await ledger.write(Answered(mail, reply, step))
        return step.state if is_settled else "lost"

    async def _next(self) -> DueMail | None:
        async with self._claiming:
            if not self._mails and not self._is_over and self.claimed < _ROUND:
                await self._refill()
            return self._mails.popleft() if self._mails and not self._is_over else None

    async def _refill(self) -> None:
        claim = await asyncio.to_thread(self._claim)
        self._mails.extend(claim.mails)
        self.claimed += len(claim.mails)
        self.held += claim.held

    def _claim(self) -> Claim:
        with writing(self._engine) as connection:
            return claim_due(connection, self._mark, self._now, datetime.now(UTC), _CLAIM, self._rules)

    def _commit(self, wishes: Sequence[_Doubt | Answered]) -> list[bool]:
        """What is answered and what is to be sent next, in one transaction."""
        answered = [wish for wish in wishes if isinstance(wish, Answered)]
        doubts = [wish.mail for wish in wishes if isinstance(wish, _Doubt)]
        with writing(self._engine) as connection:
            settled = settle(connection, answered, self._mark, self._now) if answered else set()
            begun = begin_doubt(connection, doubts, self._mark, self._now, datetime.now(UTC)) if doubts else set()
        return [wish.mail.outbox_id in (settled if isinstance(wish, Answered) else begun) for wish in wishes]
