"""Guards: what mail systems say about our mail. It makes no lead and is never answered."""

from __future__ import annotations

from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.surroundings import Surroundings, Verdict

_OUTCOMES = {
    "failed": "a message could not be delivered",
    "late": "a message is not delivered yet, its mail system goes on trying",
}


def complaint(mail: ParsedMail, _around: Surroundings) -> Verdict | None:
    """A feedback report (RFC 5965): someone called our mail spam. Recorded as an event, for a person to look at."""
    if mail.feedback is None:
        return None
    return Verdict("complaint", f"a feedback report about our mail: {mail.feedback.kind}")


def delivery_report(mail: ParsedMail, _around: Surroundings) -> Verdict | None:
    """RFC 3464 or a mail system's own words: not delivered for good, or late; a report of success is just automatic."""
    if mail.report is None:
        return None
    if mail.report.outcome == "none":
        return Verdict("automatic", "a delivery report")
    return Verdict("bounce", _OUTCOMES[mail.report.outcome])
