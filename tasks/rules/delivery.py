"""What becomes of a mail after an attempt to send it: pure decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tasks.rules.outgoing import AmbiguousPolicy

# accepted: the server took responsibility (RFC 5321, 6.1); unknown: the answer to the mail's last dot never came
Outcome = Literal["accepted", "temporary", "permanent", "unknown"]
MailState = Literal["sent", "retry", "refused", "ambiguous"]
_BACK_OFF_MINUTES = (1, 5, 15, 60)


@dataclass(frozen=True, slots=True)
class ServerReply:
    """What the mail server said; `code` is None when it did not answer."""

    outcome: Outcome
    code: int | None
    text: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """The mail's new state, and when it may be tried again (for retry)."""

    state: MailState
    not_before: datetime


def next_step(outcome: Outcome, policy: AmbiguousPolicy, attempt: int, now: datetime) -> NextStep:
    """Decide after attempt number `attempt` (1 is the first).

    A temporary refusal is tried again after 1, 5, 15 and 60 minutes, then it is a refusal. When it is unknown whether
    the mail was accepted, `policy` says: try again with the same Message-ID, or ask a person.
    """
    if outcome == "accepted":
        return NextStep("sent", now)
    if outcome == "permanent":
        return NextStep("refused", now)
    if outcome == "unknown" and policy == "ask":
        return NextStep("ambiguous", now)
    if attempt > len(_BACK_OFF_MINUTES):
        # what may have been accepted is never called refused
        return NextStep("ambiguous" if outcome == "unknown" else "refused", now)
    return NextStep("retry", now + timedelta(minutes=_BACK_OFF_MINUTES[attempt - 1]))
