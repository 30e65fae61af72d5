"""What a person may decide about a row in quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tasks.rules.errors import UsageError
from tasks.rules.mail_correction import Correction

Decision = Literal["release", "fix", "reject"]
HeldState = Literal["held", "released", "rejected"]
_MAIL_PREFIX = "intake:"


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row of the quarantine: `source` is mail, process, outbox, or a call log's name; `decided_by` '' for nobody."""

    row_id: int
    source: str
    row_key: str
    reason: str
    raw: str
    at: datetime
    state: HeldState
    decided_by: str = ""
    decided_at: datetime | None = None
    note: str = ""

    @property
    def intake_id(self) -> int:
        """The mail's item; 0 when the row is no mail."""
        key = self.row_key.removeprefix(_MAIL_PREFIX)
        return int(key) if self.source == "mail" and key.isdecimal() else 0


def check_form(decision: Decision, row_ids: tuple[int, ...], who: str, correction: Correction, note: str) -> None:
    """Raises UsageError when the form says too little or contradicts itself."""
    if not row_ids:
        raise UsageError("say which rows: their numbers stand in ./callout quarantine list")
    if not who.strip():
        raise UsageError("say who decides: the person's key or mail address")
    if decision == "fix" and not correction:
        raise UsageError("a fix needs what is corrected: the sender's address, or the charset")
    if decision != "fix" and correction:
        raise UsageError(f"sender and charset belong to the decision fix, not to {decision}")
    if decision == "reject" and not note.strip():
        raise UsageError("a rejection needs its reason: give a note")


def refusal(row: HeldRow, decision: Decision) -> str:
    """Why this decision cannot be taken about this row; '' when it can."""
    if row.state != "held":
        return f"was {row.state} already" + (f" by {row.decided_by}" if row.decided_by else "")
    if row.source == "outbox":
        return "" if decision == "reject" else "is planned again by itself once its wording is put right"
    if row.source == "process":
        return "" if decision == "release" else "can only be released: the process then tries its step again"
    if decision == "fix" and not row.intake_id:
        return "is no mail: a line of a log is released or rejected as it is"
    return ""


def state_after(decision: Decision) -> HeldState:
    """How the row ends."""
    return "rejected" if decision == "reject" else "released"
