"""The last guard, which always answers: who the sender is, and what it merely claims."""

from __future__ import annotations

from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.server_verdict import own_domain_standing
from tasks.rules.mail.surroundings import Surroundings, Verdict

_UNPROVEN_STAFF = "says to be staff, but our mail server does not vouch for it"


def sender(mail: ParsedMail, around: Surroundings) -> Verdict:
    """Staff only when our own mail server vouches for the address; else client, claim or stranger."""
    if not mail.from_address:
        return Verdict("broken", "no sender address can be read")
    if around.person_id is not None:
        domain = mail.from_address.rpartition("@")[2]
        if own_domain_standing(mail, around.trusted_hosts, domain) == "vouched":
            return Verdict("staff", claim(around))
        return Verdict("claimed_staff", "; ".join(filter(None, (_UNPROVEN_STAFF, claim(around)))))
    if around.contact_id is not None and around.answered is None:
        return Verdict("known_sender", claim(around))
    if claim(around):
        return Verdict("claimed_reply", claim(around))
    return Verdict("unknown_sender")


def claim(around: Surroundings) -> str:
    """What the mail claims to belong to without proof; such a mail is a new item and acts on nothing."""
    if around.answered is not None:
        return f"claims to answer our message {around.answered.outbox_id}, but was not sent by its recipient"
    if around.named_item is not None:
        return f"claims to be about {around.named_item.number}, which anybody may write"
    return ""
