"""What becomes of a mail after an attempt to send it: pure decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tasks.rules.outgoing import AmbiguousPolicy

# accepted: the server took responsibility (RFC 5321, 6.1); unknown: the answer to the mail's last dot never came
Outcome = Literal["accepted", "temporary", "permanent", "unknown"]
MailState = Literal["sent", "retry", "refused", "ambiguous"]
# a person's word about a mail that may or may not have been accepted
Decision = Literal["was_sent", "send_again", "give_up"]
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


def next_step(
    outcome: Outcome, policy: AmbiguousPolicy, attempt: int, now: datetime, *, was_in_doubt: bool = False
) -> NextStep:
    """Decide after attempt number `attempt` (1 is the first).

    A temporary refusal is tried again after 1, 5, 15 and 60 minutes, then it is a refusal. When it is unknown whether
    the mail was accepted, `policy` says: try again with the same Message-ID, or ask a person. `was_in_doubt`: an
    earlier attempt may have been accepted; such a mail is never called refused, a person decides.
    """
    refusal: MailState = "ambiguous" if was_in_doubt or outcome == "unknown" else "refused"
    if outcome == "accepted":
        return NextStep("sent", now)
    if outcome == "permanent":
        return NextStep(refusal, now)
    if outcome == "unknown" and policy == "ask":
        return NextStep("ambiguous", now)
    if attempt > len(_BACK_OFF_MINUTES):
        return NextStep(refusal, now)
    return NextStep("retry", now + timedelta(minutes=_BACK_OFF_MINUTES[attempt - 1]))


def decided_state(decision: Decision) -> MailState:
    """The state of an ambiguous mail once a person has decided about it; sent again it keeps its Message-ID."""
    states: dict[Decision, MailState] = {"was_sent": "sent", "send_again": "retry", "give_up": "refused"}
    return states[decision]
