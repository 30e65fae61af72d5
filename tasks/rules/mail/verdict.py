"""What a mail is to the office: the order in which the guards are asked, the first that answers decides."""

from __future__ import annotations

from tasks.rules.mail.guards.copies import copy_of_an_item
from tasks.rules.mail.guards.machines import automatic_mail, list_or_bulk
from tasks.rules.mail.guards.mail_systems import complaint, delivery_report
from tasks.rules.mail.guards.own_mail import own_address, own_message
from tasks.rules.mail.guards.replies import calendar_answer, proven_reply
from tasks.rules.mail.guards.senders import sender
from tasks.rules.mail.guards.server_says import spam, spoofed_domain
from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.surroundings import AnsweredMessage as AnsweredMessage  # known here by who judges mail
from tasks.rules.mail.surroundings import Guard, Surroundings, Verdict
from tasks.rules.mail.surroundings import VerdictKind as VerdictKind

# A proven reply outranks weak signs and spam flags, but no sure sign of a machine.
GUARDS: tuple[Guard, ...] = (
    copy_of_an_item,
    own_message,
    complaint,
    delivery_report,
    calendar_answer,
    automatic_mail,
    proven_reply,
    own_address,
    list_or_bulk,
    spam,
    spoofed_domain,
)


def classify(mail: ParsedMail, around: Surroundings) -> Verdict:
    """The mail's verdict; a kind that a person has overruled for this mail is passed over."""
    for guard in GUARDS:
        verdict = guard(mail, around)
        if verdict is not None and verdict.kind not in around.overruled:
            return verdict
    return sender(mail, around)
