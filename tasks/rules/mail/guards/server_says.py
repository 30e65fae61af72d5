"""Guards: what our own mail server, and nobody else, says of the mail (RFC 8601 5)."""

from __future__ import annotations

from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.server_verdict import own_domain_standing, spam_verdict
from tasks.rules.mail.surroundings import Surroundings, Verdict


def spam(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    """A spam mark, or a sender whose own domain disowns the mail (DMARC): quarantined, never deleted."""
    reason = spam_verdict(mail, around.trusted_hosts)
    return Verdict("spam", reason) if reason else None


def spoofed_domain(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    """Says to come from our domain or our staff, and our server says that it does not: quarantined.

    Only a failed DMARC is so sure, or a failed SPF or DKIM under the name of a colleague; a form on the office's web
    site often fails the latter two and brings real clients.
    """
    standing = own_domain_standing(mail, around.trusted_hosts, _domain_to_prove(mail, around))
    if standing == "disowned" or (standing == "failed" and around.person_id is not None):
        return Verdict("spam", "says to come from our own house, and our mail server says that it does not")
    return None


def _domain_to_prove(mail: ParsedMail, around: Surroundings) -> str:
    """The sender's domain where it is ours or a colleague's; '' for strangers, who need prove nothing."""
    domain = mail.from_address.rpartition("@")[2]
    return domain if domain == around.own_domain or around.person_id is not None else ""
