"""Ways to tell people something besides mail, as the office folder declares them; all are off until they are set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from tasks.rules.outgoing import MailKind

_STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class ChatLine:
    """The office's own XMPP account; `secret` names its password. Plain `security` is for loopback only.

    A message counts as delivered on its receipt (XEP-0184); after `receipt_seconds` without one the next channel is
    taken. Who is online is believed for `presence_minutes` after it was last heard.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    is_on: bool = False
    jid: str = ""
    host: str = ""
    port: int = 5222
    security: Literal["tls", "starttls", "plain"] = "starttls"
    secret: str = ""
    receipt_seconds: int = 15
    presence_minutes: int = 5


@dataclass(frozen=True, slots=True)
class HttpForm:
    """How a gateway of gateway `http` is spoken to: names of the fields it wants, and where its answers say what.

    Answers are JSON; a place in one is a path like `data.id`. `not_received` are the states by which the gateway says
    that it never got the message.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    to: str = "to"
    text: str = "text"
    sender: str = "from"
    our_id: str = "id"
    body: Literal["json", "form"] = "json"
    auth_header: str = "Authorization"
    auth_prefix: str = "Bearer "
    id_at: str = "id"
    status_url: str = ""
    status_at: str = "status"
    delivered: tuple[str, ...] = ("delivered",)
    on_its_way: tuple[str, ...] = ("accepted", "queued", "sent")
    failed: tuple[str, ...] = ("failed", "rejected", "expired")
    not_received: tuple[str, ...] = ("not_found",)


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """Who sends our SMS; `secret` names the key (sms_ru), the password of `login` (smsc), or the token (http).

    `kinds` reach clients by SMS beside their mail; whoever has no mail gets every kind by SMS. A text is cut to
    `max_parts` messages. `url` overrides the gateway's own address; plain http is for loopback only.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    gateway: Literal["off", "sms_ru", "smsc", "http"] = "off"
    sender: str = ""
    login: str = ""
    secret: str = ""
    url: str = ""
    kinds: tuple[MailKind, ...] = ("confirmation",)
    max_parts: int = 3
    http: HttpForm = field(default_factory=HttpForm)

    @property
    def is_on(self) -> bool:
        """Whether SMS are sent at all."""
        return self.gateway != "off"


@dataclass(frozen=True, slots=True)
class Channels:
    """What the ladder may use. After `idle_minutes` without a sign of them at the door, staff are told by mail.

    Calendar entries last `event_minutes`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    idle_minutes: int = 10
    event_minutes: int = 60
    chat: ChatLine = field(default_factory=ChatLine)
    sms: SmsGateway = field(default_factory=SmsGateway)
