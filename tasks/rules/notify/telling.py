"""One message to one person with its ladder: what is kept of it until it has reached them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tasks.rules.notify.ladder import Channel, Presence, Reach, Step

SIGNATURE = "\n-- \n"


@dataclass(frozen=True, slots=True)
class Words:
    """The message for chat and inbox (`body`), and for SMS."""

    subject: str
    body: str
    short: str


@dataclass(frozen=True, slots=True)
class Told:
    """A message as it stands at `step` of its ladder; `message_ids` are what servers know it by."""

    notification_id: int
    key: str
    recipient_ref: str
    steps: tuple[Step, ...]
    step: int
    addresses: Mapping[Channel, str]
    look_at: datetime | None

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after this step."""
        return self.step >= len(self.steps) - 1


def without_signature(text: str) -> str:
    """The text before the signature (RFC 3676, 4.3)."""
    return text.partition(SIGNATURE)[0].rstrip()


def addresses(reach: Reach) -> dict[Channel, str]:
    """Where each channel leads; the inbox needs no address."""
    return {"mail": reach.mail, "xmpp": reach.jid, "sms": reach.phone, "notice": ""}


def steps_as_data(steps: Sequence[Step], reach: Reach) -> list[dict[str, Any]]:
    """The ladder as it is kept: read back by `steps_of` and `addresses_of`."""
    where = addresses(reach)
    return [
        {
            "channels": {channel: where[channel] for channel in step.channels},
            "why": step.why,
            "done_when": step.done_when,
            "wait_seconds": step.wait.total_seconds() if step.wait is not None else None,
        }
        for step in steps
    ]


def steps_of(data: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps kept by `steps_as_data`."""
    return tuple(
        Step(
            tuple(one["channels"]),
            one["why"],
            one["done_when"],
            timedelta(seconds=one["wait_seconds"]) if one["wait_seconds"] is not None else None,
        )
        for one in data
    )


def addresses_of(data: Sequence[Mapping[str, Any]]) -> dict[Channel, str]:
    """The addresses kept by `steps_as_data`."""
    return {channel: address for one in data for channel, address in one["channels"].items()}


def known_as_data(presence: Presence) -> dict[str, Any]:
    """What was known of the person when the ladder was chosen."""
    heard, seen = presence.chat_noted_at, presence.last_seen_at
    return {
        "is_online": presence.is_online,
        "chat_noted_at": heard.isoformat() if heard else None,
        "last_seen_at": seen.isoformat() if seen else None,
    }


def look_at(step: Step, is_last: bool, at: datetime) -> datetime | None:
    """When to look again at a message that takes `step` at `at`; None: only its channels' failing leads on."""
    return None if is_last or step.wait is None else at + step.wait
