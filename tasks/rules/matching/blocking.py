"""Keys under which records that may be one person meet: every identity, and a name together with something else.

A name alone is no key: thousands share it. A name with the company, the domain, half an address or half a number is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.rules.matching.given_names import given_name
from tasks.rules.matching.identities import mail_domain, mail_reach
from tasks.rules.matching.name_comparison import neutral_surname
from tasks.rules.matching.person_names import PersonName
from tasks.rules.matching.profiles import Profile
from tasks.rules.matching.slips import local_part
from tasks.rules.matching.sounds import sound_key

_HALF_LOCAL = 4
_HALF_PHONE = 5


def match_keys(profile: Profile) -> frozenset[str]:
    """Every key of a record; two records that share none are never compared."""
    exact = (f"{kind}:{value}" for kind, value in profile.identities)
    return frozenset((*exact, *suggestion_keys(profile)))


def suggestion_keys(profile: Profile) -> frozenset[str]:
    """The keys that are no exact identity: they only bring up candidates for a person to decide."""
    names = _name_keys(profile) if profile.names else _spelled_keys(profile)
    named = frozenset(key for name in names for key in _with_name(profile, name))
    return named | _mailbox_keys(profile)


def _spelled_keys(profile: Profile) -> set[str]:
    """For a record without a name: the words of its addresses, one of which may be the surname."""
    return {
        neutral_surname(word)[:4]
        for mail in profile.mails
        if mail_reach(mail) == "person"
        for word in re.split(r"[._\-\d]+", mail.partition("@")[0])
        if len(word) > 2
    }


def _name_keys(profile: Profile) -> set[str]:
    """The surnames, one of which a pair shares; a slip in its middle or end is met by its beginning."""
    return {key for name in profile.names for key in _surname_keys(name)}


def _surname_keys(name: PersonName) -> Iterator[str]:
    """The beginning of either part that may be the surname."""
    words = [name.last] if name.is_sure else [name.last, name.first]
    for word in words:
        if len(word) > 1:
            yield neutral_surname(word)[:4]
    if len(name.first) > 1:
        found = given_name(name.first).names
        yield f"={min(found)}" if found else f"={sound_key(name.first)[:4]}"


def _with_name(profile: Profile, name: str) -> Iterator[str]:
    for company in profile.companies:
        yield f"company:{name}:{company}"
    for domain in profile.domains:
        yield f"domain:{name}:{domain}"
    for phone in profile.phones:
        digits = phone.e164
        yield f"digits:{name}:{digits[:-_HALF_PHONE]}"
        yield f"digits:{name}:{digits[-_HALF_PHONE:]}"
    for mail in profile.mails:
        if mail_reach(mail) == "person":
            local, _, domain = mail.partition("@")
            yield f"begins:{name}:{local[:_HALF_LOCAL]}@{domain}"
            yield f"ends:{name}:{local[-_HALF_LOCAL:]}@{domain}"


def _mailbox_keys(profile: Profile) -> frozenset[str]:
    """A mailbox's name at any provider, and for a company's the words that may spell a name."""
    found = set()
    for mail in profile.mails:
        if mail_reach(mail) != "person":
            continue
        found.add(f"local:{local_part(mail)}")
        if domain := mail_domain(mail):
            found.add(f"local:{mail.partition('@')[0]}@{domain}")
    return frozenset(found)
