"""What a telephone system tells (legs, queue events) and what we make of it (a call), whatever the PBX."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Direction = Literal["in", "out", "internal"]
Disposition = Literal["answered", "no_answer", "busy", "failed"]
Outcome = Literal["answered", "abandoned", "no_answer", "busy", "failed"]
MissedState = Literal["returned", "came_back", "lost"]
LIVE_PLACE = "ami:"
"""How the place of a record begins that was told live ('ami:1f0c…'); those of files begin with the file's name."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One row of a call log: one party tried or talked to. Times are aware UTC, phones E.164.

    `disposition` is answered only when a party was there: a queue or voice mail that picked up is no_answer, and its
    `talk_seconds` is 0. `extension` is our desk telephone, `line` our number, `queue` the waiting queue.

    `wait_seconds` runs to the answer or the end; None when the source cannot tell, and then `answered_at` is only the
    earliest moment it can have been. `recording` is the source's name or address of it. `note` says what was put right.
    """

    source: str
    natural_key: str
    linked_id: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    duration_seconds: int
    talk_seconds: int
    disposition: Disposition
    caller_raw: str
    caller_phone: str | None
    callee_raw: str
    callee_phone: str | None
    extension: str | None
    queue: str | None
    line: str | None
    direction: Direction
    raw_line: str
    file_line: str
    wait_seconds: int | None = None
    recording: str = ""
    note: str = ""

    @property
    def channel_id(self) -> str:
        """The PBX's id of the calling channel; several legs share it."""
        channel_id, slash, _ = self.natural_key.rpartition("/")
        return channel_id if slash else self.natural_key


@dataclass(frozen=True, slots=True)
class QueueEvent:
    """One row of a queue's log. `call_key` is the id of the channel that waits; `data` depends on the kind."""

    source: str
    natural_key: str
    at: datetime
    call_key: str
    queue: str
    agent: str
    kind: str
    data: tuple[str, ...]
    raw_line: str
    file_line: str


@dataclass(frozen=True, slots=True)
class Talk:
    """Who of us talked, from when to when; `extension` is None when the call was sent on to a number outside."""

    extension: str | None
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One call, folded from its legs.

    `wait_seconds` is the caller's waiting until the answer or the end; None when the source cannot tell, and for calls
    that are not incoming. `extension` is the desk that made an outgoing call, or talked last in an incoming one.
    """

    source: str
    linked_id: str
    direction: Direction
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    outcome: Outcome
    wait_seconds: int | None
    talk_seconds: int
    leg_count: int
    transfer_count: int
    client_raw: str
    client_phone: str | None
    line: str | None
    queue: str | None
    extension: str | None
    talks: tuple[Talk, ...] = ()
    rung: tuple[str, ...] = ()
