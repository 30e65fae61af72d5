"""What is known of one person for matching: names, addresses, numbers, company."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from tasks.rules.matching.companies import company_key, entrepreneur_name, is_company_name
from tasks.rules.matching.identities import Phone, mail_domain, mail_reach, read_mails, read_phones
from tasks.rules.matching.person_names import NO_NAME, PersonName, read_name

Identity = tuple[str, str]


@dataclass(frozen=True)
class Profile:
    """One record of a person, or several that were found to be one. Mails are canonical.

    `names` holds every name the person is known by; a conflict with any of them is a conflict.
    """

    names: tuple[PersonName, ...] = ()
    mails: tuple[str, ...] = ()
    phones: tuple[Phone, ...] = ()
    companies: frozenset[str] = frozenset()

    @cached_property
    def identities(self) -> frozenset[Identity]:
        """(kind, value) of every address and number, as the index keeps them."""
        mails = (("mail", mail) for mail in self.mails)
        return frozenset((*mails, *(("phone", phone.key) for phone in self.phones)))

    @cached_property
    def domains(self) -> frozenset[str]:
        """The companies' domains of the addresses."""
        return frozenset(domain for mail in self.mails if (domain := mail_domain(mail)))

    @property
    def name(self) -> PersonName:
        """The fullest of the names."""
        return max(self.names, key=lambda one: (one.is_full, bool(one.middle), len(one.first)), default=NO_NAME)


def read_profile(
    name: str = "", mails: Iterable[str] = (), phones: Iterable[str] = (), company: str = "", country: str = "RU"
) -> Profile:
    """A profile of texts as people write them; every text may hold several addresses or numbers.

    `country` (ISO 3166) says how a number without country code is read. A company's name is no person's name, and an
    individual entrepreneur's is one.
    """
    companies = {company_key(company)}
    if is_company_name(name):
        companies.add(company_key(name))
        name = ""
    person = read_name(entrepreneur_name(name))
    found = [mail for text in mails for mail in read_mails(text)]
    numbers = [phone for text in phones for phone in read_phones(text, country)]
    return Profile(
        () if person.is_empty else (person,),
        tuple(dict.fromkeys(found)),
        tuple(dict.fromkeys(numbers)),
        frozenset(companies - {""}),
    )


def join_profiles(one: Profile, other: Profile) -> Profile:
    """Both as one person."""
    return replace(
        one,
        names=tuple(dict.fromkeys((*one.names, *other.names))),
        mails=tuple(dict.fromkeys((*one.mails, *other.mails))),
        phones=tuple(dict.fromkeys((*one.phones, *other.phones))),
        companies=one.companies | other.companies,
    )


def identity_reach(identity: Identity) -> str:
    """Whose an identity can be: person, maybe or company."""
    kind, value = identity
    if kind == "mail":
        return mail_reach(value)
    number, _, extension = value.partition(";")
    return Phone(number, extension).reach
