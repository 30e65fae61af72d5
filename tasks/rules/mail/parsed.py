"""A mail as the rules see it: decoded, cleaned of control characters, nothing left to parse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """One attached file; `name` is the sender's word ('' without one), `content` its decoded bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a mail system says about a message: addresses that failed for good or are late, and Message-IDs it names.

    `outcome` "failed" or "late" without an address: it does not say to whom; "none": nothing went wrong. `also` are
    further names of failed addresses (what a recipient was turned into on the way).
    """

    failed: tuple[str, ...] = ()
    named_ids: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    outcome: Literal["failed", "late", "none"] = "none"


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """A complaint about our mail (RFC 5965): its kind ("abuse", "fraud", …), whom it was sent to, which message."""

    kind: str
    recipients: tuple[str, ...] = ()
    named_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """A calendar program's answer to an invitation (RFC 5546, 3.2.3): who says what about the event `uid`."""

    uid: str
    sequence: int
    attendee: str
    answer: Literal["accepted", "declined", "tentative", "other"]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """One message. `from_address` is lower case and '' when there is none.

    `answers` are the Message-IDs of In-Reply-To and References, the nearest first. `headers` holds the headers that
    rules ask for, lower-case names, unfolded, in the order they stand in the message. `report_type` is that of a
    multipart/report (RFC 6522), '' for everything else.
    """

    message_id: str | None
    from_address: str
    from_name: str
    subject: str
    text: str
    answers: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/plain"
    report_type: str = ""
    files: tuple[ParsedFile, ...] = ()
    report: DeliveryReport | None = None
    feedback: FeedbackReport | None = None
    calendar: CalendarAnswer | None = None

    def header(self, name: str) -> str | None:
        """The first header `name` (lower case) that rules may ask for, None when the mail has none."""
        for found, value in self.headers:
            if found == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class UnreadableMail:
    """A message that could not be parsed, and why."""

    reason: str
