"""When a mail arrived, for a protocol that does not say it: the trace that the last server wrote on top."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tasks.rules.mail.header_block import RawMail, unfolded


def received_at(mail: RawMail, not_after: datetime) -> datetime | None:
    """The topmost Received date that can be read, in UTC; None when there is none.

    Every server puts its trace above the older ones (RFC 5321 4.4), so the topmost is our own server's word. A date
    after `not_after` is a wrong clock's, and is passed over.
    """
    for name, value in mail.fields:
        if name == b"received" and (at := _date_of(unfolded(value))) and at <= not_after:
            return at
    return None


def _date_of(trace: bytes) -> datetime | None:
    """The date behind the last semicolon; one without a zone is UTC (RFC 5322 3.3: -0000)."""
    text = trace.rpartition(b";")[2].decode("ascii", "replace")
    try:
        at = parsedate_to_datetime(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
