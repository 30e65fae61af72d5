"""A mail as the rules see it: decoded, cleaned of control characters, nothing left to parse."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """One attached file; `name` is the sender's word ('' without one), `content` its decoded bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a delivery report says: addresses that failed for good, and the Message-IDs of ours that it names."""

    failed: tuple[str, ...] = ()
    named_ids: tuple[str, ...] = ()


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

    def header(self, name: str) -> str | None:
        """The first header `name` (lower case) that rules may ask for, None when the mail has none."""
        return next((value for found, value in self.headers if found == name), None)


@dataclass(frozen=True, slots=True)
class UnreadableMail:
    """A message that could not be parsed, and why."""

    reason: str
