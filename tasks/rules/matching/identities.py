"""Addresses and numbers as evidence of a person: whose they can be, and how to read several of them from one field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import phonenumbers

from tasks.rules.mail_address import canonical_mail
from tasks.rules.matching.company_words import FREE_PROVIDERS, ROLE_MAILBOXES
from tasks.rules.phones import to_e164

Reach = Literal["person", "maybe", "company"]
_ROLES = frozenset(ROLE_MAILBOXES.split())
_FREE_MAIL = frozenset(FREE_PROVIDERS.split())
_EXTENSION = re.compile(
    r"(?:доб(?:ав(?:очный)?)?|внутр?(?:енний)?|вн|ext(?:ension)?|linje|int)[\s.:]*(\d{1,6})\b|[#*xх]\s?(\d{1,6})\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[;,/|\n]|\s{2,}|\sи\s|\sили\s|\sor\s|\sand\s|\sog\s", re.IGNORECASE)
_LABEL = re.compile(r"[^\d+()\[\]]*(?=[\d+(])")
_MOBILE = frozenset({phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.PERSONAL_NUMBER})


@dataclass(frozen=True, slots=True)
class Phone:
    """A number with its extension ('' for none), and whether it can name a person."""

    e164: str
    extension: str = ""

    @property
    def reach(self) -> Reach:
        """A mobile is a person's; a landline, a free number and any with an extension are a company's."""
        return "company" if self.extension else phone_reach(self.e164)

    @property
    def key(self) -> str:
        """What the index knows it by."""
        return f"{self.e164};{self.extension}" if self.extension else self.e164


@lru_cache(maxsize=100_000)
def phone_reach(e164: str) -> Reach:
    """Whose a number can be; 'maybe' where the numbering plan does not tell mobiles from landlines (USA)."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        return "company"
    if kind in _MOBILE:
        return "person"
    return "maybe" if kind == phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE else "company"


def read_phones(text: str, country: str) -> tuple[Phone, ...]:
    """Every number of a field, in order, each once: separated by commas, slashes, «и», with labels and extensions."""
    found: dict[str, Phone] = {}
    for part in _parts(text):
        match = _EXTENSION.search(part)
        extension = (match[1] or match[2]) if match else ""
        bare = part[: match.start()] if match else part
        e164 = to_e164(bare.strip(" .:-,"), country) or to_e164(_LABEL.sub("", bare, count=1).strip(), country)
        if e164 is not None:
            phone = Phone(e164, extension)
            found.setdefault(phone.key, phone)
    return tuple(found.values())


def _parts(text: str) -> list[str]:
    """The field cut at separators; an extension after a comma stays with its number."""
    parts: list[str] = []
    for part in _BETWEEN.split(text):
        if parts and _EXTENSION.fullmatch(part.strip()):
            parts[-1] += f" {part.strip()}"
        elif part.strip():
            parts.append(part)
    return parts


def read_mails(text: str) -> tuple[str, ...]:
    """Every canonical address of a field, in order, each once."""
    words = re.split(r"[\s;,|<>()]+", text.replace("mailto:", " "))
    return tuple(dict.fromkeys(one for word in words if "@" in word and (one := canonical_mail(word.strip(".'\"")))))


@lru_cache(maxsize=100_000)
def mail_reach(canonical: str) -> Reach:
    """A role mailbox (info@, buh2@, sales.msk@) is a company's, any other a person's."""
    local = canonical.partition("@")[0]
    words = [word for word in re.split(r"[._\-\d]+", local) if word]
    is_role = local in _ROLES or not words or words[0] in _ROLES
    return "company" if is_role else "person"


def mail_domain(canonical: str) -> str:
    """The company's domain of an address, '' for a provider where anybody has a mailbox."""
    domain = canonical.rpartition("@")[2]
    return "" if domain in _FREE_MAIL else domain
