"""How live calls are routed, as the office folder declares it: queues, their members and what happens in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

_STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class RoutedQueue:
    """Who takes the calls of a queue (keys of people), in which order, and how often each telephone rings.

    `even`: whoever answered fewest calls today comes first, of equals the one named first; `fixed`: as named. Without
    members the PBX's own queue of that name decides. `head` (a person's key) owes the call-backs of clients without a
    personal manager.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    members: tuple[str, ...] = ()
    rings: int = 3
    order: Literal["even", "fixed"] = "even"
    head: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """What GET /telephony/route answers.

    `secret` names the token a PBX asks with; '' and nobody is answered. `queues` by the number or name of `queues:`,
    `queue` is for lines that name none. `rings` is for the telephone of somebody who was dialled or is the caller's
    manager. `last_resort` (extension, queue, voice mail or E.164) takes the call when nobody else can, also when the
    store does not answer. `sip_domain` makes extensions reachable from a service on the Internet (Twilio).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    secret: str = ""
    queues: dict[str, RoutedQueue] = field(default_factory=dict)
    queue: str = ""
    rings: int = 4
    last_resort: str = ""
    sip_domain: str = ""
