"""Guard: replies that are proven. What merely claims to answer is judged by its sender (`senders`)."""

from __future__ import annotations

from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.server_verdict import own_domain_standing
from tasks.rules.mail.surroundings import Surroundings, Verdict
from tasks.rules.mail_address import canonical_mail


def proven_reply(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    """Answers a Message-ID that only its recipient was told, and comes from that recipient: both, or it is a claim.

    A number of ours in the subject proves nothing, a Message-ID forwarded to somebody else proves nothing, and what
    says to come from our staff must not be disowned by our own mail server.
    """
    sender = canonical_mail(mail.from_address)
    if around.answered is None or sender is None or sender != canonical_mail(around.answered.recipient):
        return None
    if around.person_id is not None:
        domain = mail.from_address.rpartition("@")[2]
        if own_domain_standing(mail, around.trusted_hosts, domain) in ("disowned", "failed"):
            return None
    return Verdict("verified_reply")


def calendar_answer(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    """A person pressed a button in a calendar: the program that says so marks its mail as a machine's, and may.

    The invitation's UID is as secret as a Message-ID of ours, and the sender must be who was invited.
    """
    return proven_reply(mail, around) if mail.calendar is not None and around.invited is not None else None
