"""The course of a recording: asked for until it is there or given up, kept until its time is over.

Everything here is decided from what is stored and `now`; asking is the gateways' part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tasks.rules.errors import OutsideError
from tasks.rules.office_recordings import RecordingRules
from tasks.rules.office_telephony import Line

State = Literal["waiting", "kept", "linked", "forbidden", "given_up", "removed"]
STATES: tuple[State, ...] = ("waiting", "kept", "linked", "forbidden", "given_up", "removed")
Reason = Literal[
    "not_there", "growing", "unreachable", "slow", "busy", "server_failed", "refused",
    "too_large", "no_audio", "other_host", "not_secure", "outside_folder", "gone", "bad_answer", "no_address",
    "line_not_recorded", "line_unknown", "too_old", "keep_days_over", "not_looked_for",
]  # fmt: skip
TEMPORARY: frozenset[Reason] = frozenset(
    {"not_there", "growing", "unreachable", "slow", "busy", "server_failed", "refused"}
)
"""What may be better at the next asking; all else stays as it is."""
SOURCE_FAILS: frozenset[Reason] = frozenset({"unreachable", "slow", "busy", "server_failed", "refused"})
"""What is the source's fault, not the recording's: the next one would fail likewise."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
_MOST_DOUBLINGS = 10


class RecordingError(OutsideError):
    """A recording could not be had; `reason` says why, and whether asking again may help."""

    def __init__(self, reason: Reason) -> None:
        self.reason: Reason = reason
        super().__init__(f"recording: {reason.replace('_', ' ')}", is_permanent=reason not in TEMPORARY)


@dataclass(frozen=True, slots=True)
class NextStep:
    """What a failure leads to: the state, and when it is asked for again (None: never)."""

    state: State
    next_try_at: datetime | None


def after_failure(reason: Reason, try_count: int, since: datetime, rules: RecordingRules, now: datetime) -> NextStep:
    """Ask again after a pause that doubles from 5 minutes to 6 hours, the last time `give_up_hours` after `since`.

    `try_count` counts this failure too; `since` is when the recording could have been there first.
    """
    last = since + timedelta(hours=rules.give_up_hours)
    if reason not in TEMPORARY or now >= last:
        return NextStep("given_up", None)
    pause = min(_FIRST_PAUSE * 2 ** min(try_count - 1, _MOST_DOUBLINGS), _LONGEST_PAUSE)
    return NextStep("waiting", min(now + pause, last))


def is_past_keeping(ended_at: datetime, rules: RecordingRules, now: datetime) -> bool:
    """Whether the content of a call that ended then has been kept long enough."""
    return bool(rules.keep_days) and ended_at + timedelta(days=rules.keep_days) <= now


def recording_ban(direction: str, numbers: Iterable[str | None], lines: Collection[Line]) -> Reason | None:
    """Why the recording of a call over these numbers of ours is not to be had; None: it may be.

    A line's `may_record: false` covers every call that touched it. When the source does not tell the line, one such
    line is enough to leave the recording alone; a call between colleagues touches none.
    """
    banned = {line.number for line in lines if not line.may_record}
    touched = {number for number in numbers if number}
    if touched & banned:
        return "line_not_recorded"
    is_untold = not touched and direction != "internal"
    return "line_unknown" if is_untold and banned else None
