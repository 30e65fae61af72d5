"""The office's line to an XMPP server: who is online, messages that count once their receipt came, and what is heard.

A message asks for a receipt (XEP-0184); only that is a delivery. An error stanza is a refusal, silence is no certainty:
the next step of the ladder says it again elsewhere. Presence comes from the server by subscription (RFC 6121, 3 and 4).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import slixmpp

from tasks.gateways.channels.channel import Delivery, Fate, Message, PermanentError, TemporaryError, one_line
from tasks.gateways.channels.chat_hearing import Hearing
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.notify.channel_settings import ChatLine
from tasks.rules.notify.chat_answer import Heard

_CONNECT_SECONDS = 15.0
_PRESENCE_SECONDS = 1.0  # servers send all they know at once after our own presence
_GOODBYE_SECONDS = 2.0


class XmppLine:
    """One connection: `async with XmppLine(chat, password, staff) as line`. `staff` are the jids we may write to.

    Raises OutsideError when the server cannot be reached in time, CredentialError when it refuses our sign-in.
    """

    def __init__(self, chat: ChatLine, password: str, staff: Sequence[str]) -> None:
        self._chat = chat
        self._staff = {jid.lower() for jid in staff}
        self._online: set[str] = set()
        self._receipts: dict[str, asyncio.Future[Delivery]] = {}
        self._client = _Client(chat, password)
        self._hearing = Hearing(self._client, chat.jid)
        self._started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for event, heard in (
            ("session_start", self._on_start),
            ("failed_all_auth", self._on_refused),
            ("no_auth", self._on_refused),
            ("connection_failed", self._on_failed),
            ("ssl_invalid_chain", self._on_failed),
            ("disconnected", self._on_gone),
            ("presence_available", self._on_presence),
            ("presence_unavailable", self._on_presence),
            ("presence_subscribe", self._on_subscribe),
            ("receipt_received", self._on_receipt),
            ("message_error", self._on_error),
        ):
            self._client.add_event_handler(event, heard)

    @property
    def lanes(self) -> int:
        """How many messages may wait for their receipts at once."""
        return 100

    async def __aenter__(self) -> Self:
        self._client.connect(self._chat.host or None, self._chat.port)
        try:
            await asyncio.wait_for(asyncio.shield(self._started), _CONNECT_SECONDS)
            await asyncio.wait_for(self._learn_presence(), _CONNECT_SECONDS)
        except TimeoutError as error:
            self._give_up()
            raise OutsideError(f"{self._name} does not answer") from error
        except BaseException:
            self._give_up()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._client.disconnect(wait=_GOODBYE_SECONDS), _GOODBYE_SECONDS + 1)
        self._give_up()

    def _give_up(self) -> None:
        self._client.cancel_connection_attempt()
        self._client.abort()

    @property
    def online(self) -> dict[str, bool]:
        """Whether each of our people is online, by jid, as far as the server tells us."""
        return {jid: jid in self._online for jid in sorted(self._staff)}

    async def send(self, message: Message) -> Delivery:
        """Say it and wait for the receipt; without one nobody knows. Raises PermanentError, TemporaryError."""
        to = message.to.lower()
        if to not in self._online:
            raise PermanentError("not online")
        if not self._client.is_connected():
            raise TemporaryError(f"{self._name} has ended the line")
        answer: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()
        self._receipts[message.our_id] = answer
        stanza = self._client.make_message(mto=to, mbody=message.text, mtype="chat")
        stanza["id"] = message.our_id
        stanza["request_receipt"] = True
        stanza.send()
        try:
            return await asyncio.wait_for(answer, self._chat.receipt_seconds)
        except TimeoutError:
            return Delivery(False, f"no receipt within {self._chat.receipt_seconds} s")
        finally:
            self._receipts.pop(message.our_id, None)

    async def ask(self, message: Message, outside_id: str) -> Fate:
        """Chat cannot be asked afterwards."""
        return "unknown"

    def heard(self) -> tuple[Heard, ...]:
        """What people said to the office since the last look: store it, then give receipts."""
        return self._hearing.take()

    async def wait_heard(self, seconds: float) -> bool:
        """Wait for somebody to say something; whether anything is there to be taken."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hearing.wait(), seconds)
            return True
        return False

    @property
    def is_open(self) -> bool:
        """Whether nobody has ended the line, as far as we know."""
        return bool(self._client.is_connected())

    async def is_alive(self) -> bool:
        """Whether the server still answers on this line: it may be cut without a word to either end."""
        with suppress(TimeoutError, slixmpp.exceptions.XMPPError):
            await asyncio.wait_for(self._client.get_roster(), _CONNECT_SECONDS)
            return True
        return False

    def give_receipts(self, stored: Sequence[Heard]) -> None:
        """Tell the authors that these messages are stored."""
        for one in stored:
            self._hearing.receipt(one)

    async def stop_hearing(self) -> None:
        """From here on the server keeps what is said to the office for the next time (RFC 6121, 8.5.2.2).

        An answer of the server comes behind everything that it had sent before.
        """
        if self._client.is_connected():
            self._client.send_presence(ptype="unavailable")
            with suppress(TimeoutError, slixmpp.exceptions.XMPPError):
                await asyncio.wait_for(self._client.get_roster(), _GOODBYE_SECONDS)

    @property
    def _name(self) -> str:
        host = self._chat.host or self._chat.jid.partition("@")[2]
        return f"the XMPP server {host}:{self._chat.port}"

    async def _learn_presence(self) -> None:
        """Ask to see whom we do not see yet, and hear who is there."""
        await self._client.get_roster()
        known = {jid for jid in self._client.client_roster if self._client.client_roster[jid]["to"]}
        for jid in sorted(self._staff - {str(one).lower() for one in known}):
            self._client.send_presence_subscription(pto=jid, ptype="subscribe")
        self._client.send_presence()
        await asyncio.sleep(_PRESENCE_SECONDS)

    def _on_start(self, _event: Any) -> None:
        if not self._started.done():
            self._started.set_result(None)

    def _fail(self, error: Exception) -> None:
        if not self._started.done():
            self._started.set_exception(error)

    def _on_refused(self, _event: Any) -> None:
        self._fail(CredentialError(f"{self._name} refuses {self._chat.jid}"))

    def _on_failed(self, error: Any) -> None:
        self._fail(OutsideError(f"{self._name} cannot be reached: {one_line(error)}"))

    def _on_gone(self, reason: Any) -> None:
        self._fail(OutsideError(f"{self._name} has ended the line: {one_line(reason)}"))
        self._online.clear()

    def _on_presence(self, presence: Any) -> None:
        """A person is online while any of their devices is."""
        jid = presence["from"].bare.lower()
        resources = self._client.client_roster[jid].resources if jid in self._client.client_roster else {}
        if presence["type"] == "unavailable" and not resources:
            self._online.discard(jid)
        elif presence["type"] != "unavailable":
            self._online.add(jid)

    def _on_subscribe(self, presence: Any) -> None:
        """Our people may see us; nobody else may."""
        is_ours = presence["from"].bare.lower() in self._staff
        self._client.send_presence_subscription(
            pto=presence["from"].bare, ptype="subscribed" if is_ours else "unsubscribed"
        )

    def _on_receipt(self, stanza: Any) -> None:
        self._answer(stanza["receipt"], stanza["from"].bare, Delivery(True, "receipt"))

    def _answer(self, our_id: str, sender: str, delivery: Delivery) -> None:
        answer = self._receipts.get(our_id)
        if answer is not None and not answer.done() and sender.lower() in self._staff:
            answer.set_result(delivery)

    def _on_error(self, stanza: Any) -> None:
        answer = self._receipts.get(stanza["id"])
        if answer is not None and not answer.done():
            answer.set_exception(PermanentError(f"refused: {one_line(stanza['error']['condition'])}"))


class _Client(slixmpp.ClientXMPP):
    """slixmpp set up for one short stay: no reconnecting, subscriptions decided by us."""

    def __init__(self, chat: ChatLine, password: str) -> None:
        plain = {"feature_mechanisms": {"unencrypted_scram": True, "unencrypted_plain": True}}
        super().__init__(chat.jid, password, plugin_config=plain if chat.security == "plain" else {})
        self.enable_direct_tls = chat.security == "tls"
        self.enable_starttls = chat.security == "starttls"
        self.enable_plaintext = chat.security == "plain"
        self.ssl_context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.auto_authorize = None
        self.auto_subscribe = False
        self.register_plugin("xep_0184", {"auto_ack": False})  # a receipt is given when the message is stored
