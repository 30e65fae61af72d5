"""What is known of one message: why it was to be said, to whom, how it went, and why it did not leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Cause:
    """One event of the chain that led to the message; the first of a chain is the nearest."""

    event_id: int
    at: datetime
    kind: str
    entity: str
    entity_id: int
    actor: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send it; `reply_code` is None when the server did not answer."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    result: str
    reply_code: int | None
    reply_text: str


@dataclass(frozen=True, slots=True)
class Word:
    """What happened to it besides attempts: a decision, a bounce, an answer withheld."""

    at: datetime
    kind: str
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LadderStep:
    """One step of the ladder a message was told by: its channels with the state of each, and why it was in the ladder.

    `is_taken` is false for a step that was not needed, or not yet.
    """

    number: int
    why: str
    is_taken: bool
    channels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """The outbox row; `recipient` is masked."""

    outbox_id: int
    message_id: str
    kind: str
    wording: str
    recipient: str
    recipient_ref: str
    entity: str
    entity_id: int
    policy: str
    state: str
    planned_at: datetime
    not_before: datetime
    sent_at: datetime | None
    hold_reason: str
    channel: str = "mail"


@dataclass(frozen=True, slots=True)
class MessageStory:
    """Everything about the message promised under `key`; `planned` is None when it never came to a row."""

    key: str
    planned: PlannedMessage | None
    causes: tuple[Cause, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    words: tuple[Word, ...] = ()
    quarantine_reason: str = ""
    quarantine_state: str = ""
    ladder: tuple[LadderStep, ...] = ()


def mask_mail(address: str) -> str:
    """a…@example.com: enough for ops to see where it went."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"
