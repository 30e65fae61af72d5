"""When an employee was at the telephone, and on a break, as far as the queue's log tells.

Occupancy needs both. An agent without a single pause entry may have paused all day: then nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

PAUSES = ("PAUSE", "PAUSEALL")
RESUMES = ("UNPAUSE", "UNPAUSEALL")
COMES = ("ADDMEMBER", "AGENTLOGIN", "AGENTCALLBACKLOGIN")
GOES = ("REMOVEMEMBER", "AGENTLOGOFF", "AGENTCALLBACKLOGOFF")
SIGNS = (*PAUSES, *RESUMES, *COMES, *GOES)


@dataclass(frozen=True, slots=True)
class Sign:
    """One entry of the queue's log about an agent; `queue` is 'ALL' or '' where it is about every queue."""

    at: datetime
    kind: str
    queue: str


@dataclass(frozen=True, slots=True)
class Presence:
    """Seconds an agent was there and, of these, on a break."""

    present_seconds: int
    pause_seconds: int


def presence_of(signs: Iterable[Sign], talks: Sequence[tuple[datetime, datetime]]) -> Presence | None:
    """What one agent's entries of one day say; `talks` are the agent's conversations. None when no pause is told.

    There is who came and has not gone; where nobody notes that, from the first entry or conversation to the last.
    """
    told = sorted(signs, key=lambda sign: sign.at)
    if not any(sign.kind in (*PAUSES, *RESUMES) for sign in told):
        return None
    moments = [sign.at for sign in told] + [moment for talk in talks for moment in talk]
    whole = (min(moments), max(moments))
    there = _spans(told, COMES, GOES, whole) if any(sign.kind in (*COMES, *GOES) for sign in told) else [whole]
    breaks = _spans(told, PAUSES, RESUMES, whole)
    return Presence(_seconds(there), sum(_seconds(_overlaps(there, one)) for one in breaks))


def _spans(told: Sequence[Sign], opens: Sequence[str], closes: Sequence[str], whole: Any) -> list[tuple[Any, Any]]:
    """From the first opening until every queue has closed; a closing without its opening began before the day."""
    found: list[tuple[datetime, datetime]] = []
    queues: set[str] = set()
    since: datetime | None = None
    for sign in told:
        if sign.kind in opens:
            since = since or sign.at
            queues.add(sign.queue)
        elif sign.kind in closes:
            begins = since if since or found else whole[0]
            queues = set() if sign.kind.endswith("ALL") else queues - {sign.queue}
            if not queues and begins is not None:
                found.append((begins, sign.at))
                since = None
    return [*found, (since, whole[1])] if since else found


def _overlaps(spans: Iterable[tuple[datetime, datetime]], other: tuple[datetime, datetime]) -> list[Any]:
    return [(max(a, other[0]), min(b, other[1])) for a, b in spans if a < other[1] and other[0] < b]


def _seconds(spans: Iterable[tuple[datetime, datetime]]) -> int:
    return int(sum((ends - begins).total_seconds() for begins, ends in spans))
