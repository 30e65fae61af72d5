"""Guards: mail that no person wrote to us (RFC 3834), mailing lists (RFC 2369, RFC 2919)."""

from __future__ import annotations

from tasks.rules.mail.automatic import automatic_sign, bulk_sign
from tasks.rules.mail.mailing_lists import list_sign
from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.surroundings import Surroundings, Verdict


def automatic_mail(mail: ParsedMail, _around: Surroundings) -> Verdict | None:
    """A sure sign of a machine, which a proven reply does not outweigh: an absence notice answers our message too."""
    sign = automatic_sign(mail)
    return Verdict("automatic", sign) if sign else None


def list_or_bulk(mail: ParsedMail, around: Surroundings) -> Verdict | None:
    """Lists, newsletters and weak signs of a machine; asked after proven replies, which may bear them."""
    through_list = list_sign(mail, around.own_domain)
    if through_list:
        return Verdict("list", through_list)
    sign = bulk_sign(mail)
    return Verdict("automatic", sign) if sign else None
