"""Brakes on what leaves: caps per hour and hours of rest. A held mail waits until a told moment, it is never dropped.

Here too stands to whom nothing is ever answered by itself: machines, and people whose word is not proven (RFC 3834).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from tasks.rules.office import Brakes, Office
from tasks.rules.quiet_hours import QuietHours, quiet_hours
from tasks.rules.working_time import WorkingCalendar, working_calendar

HoldReason = Literal["quiet_hours", "staff_hours", "recipient_cap", "office_cap"]
CAP_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A mail that is due; `recipient_ref` is person:ID or contact:ID, `zone` the recipient's own ('': the office's)."""

    outbox_id: int
    kind: str
    recipient: str
    recipient_ref: str
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """Mails accepted within the last hour, and the first of them (None: all are under way)."""

    count: int = 0
    first_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """What has left within the last hour: in all, and by recipient address."""

    total: Spent = Spent()
    by_recipient: Mapping[str, Spent] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """A mail kept back until a moment, and by which brake."""

    outbox_id: int
    until: datetime
    reason: HoldReason


@dataclass(frozen=True, slots=True)
class BrakeRules:
    """The office's brakes with its clocks."""

    brakes: Brakes
    quiet: QuietHours
    calendar: WorkingCalendar

    def rest_of(self, mail: DueNotice, now: datetime) -> Hold | None:
        """Kept for the hours in which this recipient may be written to; None when that is now."""
        if mail.recipient_ref.startswith("contact:"):
            quiet = self.quiet.of(mail.zone)
            is_kept = mail.kind not in self.brakes.pass_quiet_hours and quiet.cover(now)
            return Hold(mail.outbox_id, quiet.end_after(now), "quiet_hours") if is_kept else None
        opening = self.calendar.next_opening(now) if self.brakes.staff_hours == "working" else now
        return Hold(mail.outbox_id, opening, "staff_hours") if opening > now else None


def brake_rules(office: Office) -> BrakeRules:
    """The brakes of this office."""
    return BrakeRules(office.brakes, quiet_hours(office), working_calendar(office.hours, office.zone))


def judge(mails: Sequence[DueNotice], traffic: Traffic, rules: BrakeRules, now: datetime) -> list[Hold]:
    """Which of `mails`, in their order, must wait; the others may leave now and count against the caps."""
    holds: list[Hold] = []
    leaving: Counter[str] = Counter()
    for mail in mails:
        spent = traffic.by_recipient.get(mail.recipient, Spent())
        hold = rules.rest_of(mail, now)
        if hold is None and traffic.total.count + leaving.total() >= rules.brakes.office_per_hour:
            hold = Hold(mail.outbox_id, _freed(traffic.total, now), "office_cap")
        if hold is None and spent.count + leaving[mail.recipient] >= rules.brakes.recipient_per_hour:
            hold = Hold(mail.outbox_id, _freed(spent, now), "recipient_cap")
        if hold is None:
            leaving[mail.recipient] += 1
        else:
            holds.append(hold)
    return holds


def _freed(spent: Spent, now: datetime) -> datetime:
    """When the window has room again; strictly later than `now`, so that a held mail is not looked at twice."""
    return max((spent.first_at or now) + CAP_WINDOW, now + timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class IncomingCause:
    """The incoming mail that a message goes back to: who wrote it (a ref), what it was judged, and whether proven."""

    author_ref: str
    verdict: str
    is_verified: bool


def answer_forbidden(recipient_ref: str, cause: IncomingCause | None) -> str:
    """Why a message caused by incoming mail must not go back to its author; '' when it may, or is no answer to it.

    RFC 3834, 2: no automatic answer to a message that a machine may have sent, nor to anybody but its proven author.
    """
    if cause is None or cause.author_ref != recipient_ref:
        return ""
    if cause.verdict in ("automatic", "bounce", "complaint", "list", "spam", "own"):
        return "answer_to_machine"
    return "" if cause.is_verified else "answer_to_unverified"
