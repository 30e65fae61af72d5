"""What people say to the office in chat: kept until it is stored, and only then receipted (XEP-0184).

A receipt is our word that nothing will be lost: whoever gets none sees that the message has not arrived.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any
from xml.etree import ElementTree

from tasks.rules.notify.chat_answer import Heard

_MOST_CHARS = 10_000
_REPLY = "{urn:xmpp:reply:0}reply"  # XEP-0461
_DELAY = "{urn:xmpp:delay}delay"  # XEP-0203
_KINDS = ("chat", "normal")


class Hearing:
    """Listens on a client that is not connected yet."""

    def __init__(self, client: Any, own_jid: str) -> None:
        self._client = client
        self._own = own_jid.lower()
        self._heard: list[Heard] = []
        self._stanzas: dict[str, Any] = {}
        self._news = asyncio.Event()
        client.add_event_handler("message", self._on_message)

    def take(self) -> tuple[Heard, ...]:
        """What was heard since the last time."""
        heard, self._heard = tuple(self._heard), []
        self._news.clear()
        return heard

    async def wait(self) -> None:
        """Until something is heard that nobody has taken."""
        await self._news.wait()

    def receipt(self, heard: Heard) -> None:
        """Say that a message is stored, to whoever asked for that."""
        stanza = self._stanzas.pop(heard.key, None)
        if stanza is not None and stanza["request_receipt"] and stanza["id"]:
            self._client.plugin["xep_0184"].ack(stanza)

    def _on_message(self, stanza: Any) -> None:
        sender, text = stanza["from"].bare.lower(), stanza["body"].strip()[:_MOST_CHARS]
        if stanza["type"] not in _KINDS or not text or sender == self._own:
            return
        answered = stanza.xml.find(_REPLY)
        heard = Heard(
            key=_key(stanza, text),
            sender=sender,
            text=text,
            raw=ElementTree.tostring(stanza.xml),
            answers=answered.get("id", "") if answered is not None else "",
        )
        self._stanzas[heard.key] = stanza
        self._heard.append(heard)
        self._news.set()


def _key(stanza: Any, text: str) -> str:
    """The same for one message however often the server brings it."""
    delay = stanza.xml.find(_DELAY)
    said = stanza["id"] or (delay.get("stamp", "") if delay is not None else "")
    return f"{stanza['from'].full}:{hashlib.sha256(f'{said}|{text}'.encode()).hexdigest()[:32]}"
