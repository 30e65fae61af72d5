"""Guards: our own mail come back, so that no loop can start (RFC 5321 6.3, RFC 3834 2)."""

from __future__ import annotations

from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.surroundings import Surroundings, Verdict
from tasks.rules.mail_address import canonical_mail


def own_message(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    """A Message-ID that we gave out, or our mark above a Message-ID of our domain.

    Not every Message-ID of our domain is ours: a colleague's mail program uses the domain too.
    """
    is_of_domain = (mail.message_id or "").lower().endswith(f"@{around.own_domain}>")
    is_marked = mail.header("x-callout-wording") is not None and is_of_domain
    return Verdict("own", "our own message came back") if around.is_our_id or is_marked else None


def own_address(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    """Sent, or said to be sent, from one of the office's own mailboxes: the office writes no orders to itself."""
    if canonical_mail(mail.from_address) in around.own_addresses:
        return Verdict("own", "sent from the office's own address")
    return None
