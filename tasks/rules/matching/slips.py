"""Slips of the pen in addresses and numbers, and addresses that spell a name."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from tasks.rules.matching.given_names import given_name
from tasks.rules.matching.name_comparison import compare_given, neutral_surname
from tasks.rules.matching.person_names import PersonName
from tasks.rules.matching.sounds import sound_key

_LONG_LOCAL = 10
_SHORTEST_LOCAL = 6
_PHONE_DIGITS = 10
_SHORTEST_GIVEN = 4
# longer than what makes a surname of a given name: roman-ov, ivan-enko
_SHORTEST_REST = 5


def local_part(mail: str) -> str:
    """The mailbox's name, '' when it is too short to say anything."""
    local = mail.partition("@")[0]
    return local if len(local) >= _SHORTEST_LOCAL else mail


def has_number(mail: str) -> bool:
    """Whether the mailbox's name has a digit: ivan85@ says more than the name."""
    return any(character.isdigit() for character in mail.partition("@")[0])


@lru_cache(maxsize=50_000)
def is_mail_slip(left: str, right: str) -> bool:
    """Whether two addresses differ by typing only: one edit, two from ten letters on.

    Other digits are no slip: ivan85 and ivan86 are two people.
    """
    (one, _, domain), (other, _, other_domain) = left.partition("@"), right.partition("@")
    if one == other:
        return _is_domain_slip(domain, other_domain)
    if domain != other_domain or min(len(one), len(other)) < _SHORTEST_LOCAL:
        return False
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    if re.sub(r"[._-]", "", one) == re.sub(r"[._-]", "", other):
        return True
    allowed = 2 if min(len(one), len(other)) >= _LONG_LOCAL else 1
    return one[0] == other[0] and OSA.distance(one, other, score_cutoff=allowed) <= allowed


def _is_domain_slip(left: str, right: str) -> bool:
    """gmial.com for gmail.com; two that people really use (mail.ru, bk.ru) are further apart."""
    return min(len(left), len(right)) >= _SHORTEST_LOCAL and OSA.distance(left, right, score_cutoff=1) == 1


@lru_cache(maxsize=50_000)
def is_phone_slip(left: str, right: str) -> bool:
    """Two numbers of equal length that differ in one digit, or in two neighbours exchanged."""
    if len(left) != len(right) or len(left) < _PHONE_DIGITS or left == right:
        return False
    return OSA.distance(left, right, score_cutoff=1) == 1


@lru_cache(maxsize=50_000)
def spells_name(mail: str, name: PersonName) -> bool:
    """Whether the mailbox is named after the person: a.petrov, petrov_ivan, ivanpetrov."""
    if len(name.last) < 2 or not name.first:
        return False
    words = [word for word in re.split(r"[._\-\d]+", mail.partition("@")[0]) if word]
    last = neutral_surname(name.last)
    if len(words) == 1:
        return any(_is_of(rest, name.first) for rest in _beside_surname(words[0], name.last))
    others = [word for word in words if neutral_surname(word) != last]
    return len(others) < len(words) and any(_is_of(word, name.first) for word in others)


def _beside_surname(glued: str, last: str) -> set[str]:
    """What is left of petrovam or mpetrova without the surname, in either gender's form."""
    key, root, found = sound_key(glued), neutral_surname(last), set()
    for surname in (sound_key(last), root, f"{root}a", f"{root}i" if root.endswith("sk") else root):
        found |= {key.removeprefix(surname)} if key.startswith(surname) else set()
        found |= {key.removesuffix(surname)} if key.endswith(surname) else set()
        # harperr: the key of the address has one r, and so has the surname's with the initial
        found |= {surname[-1]} if key == surname and glued[-2:-1] == glued[-1:] else set()
    return found - {""}


def _is_of(word: str, first: str) -> bool:
    """Whether a word of an address is the given name, a form of it, or its initial."""
    is_name = len(word) == 1 or len(first) > 1 or bool(given_name(word).names)
    return is_name and compare_given(word, first) != "different"


@lru_cache(maxsize=50_000)
def contradicts_name(mail: str, name: PersonName) -> bool:
    """Whether the mailbox is named after somebody else: vladimir.belov@ is not Татьяна's, p.belov@ hardly Дарья's."""
    words = [word for word in re.split(r"[._\-\d]+", mail.partition("@")[0]) if word]
    surname = neutral_surname(name.last)
    if not name.first:
        return False
    if len(words) == 1:
        return _is_other_given(words[0], name) or (len(surname) > 2 and _is_other_initial(words[0], name))
    others = [word for word in words if neutral_surname(word) != surname]
    given = [word for word in others if len(word) > 2 and given_name(word).names]
    initials = [word for word in others if len(word) == 1] if len(others) < len(words) else []
    return any(compare_given(word, name.first) == "different" for word in [*given, *initials][:1])


def _is_other_given(glued: str, name: PersonName) -> bool:
    """konstantingrigorian@ beside Саша: a given name, written together with the surname or with what is no ending."""
    surname, found = neutral_surname(name.last), set()
    for place in range(_SHORTEST_GIVEN, len(glued) - 1):
        for given, rest in ((glued[:place], glued[place:]), (glued[-place:], glued[:-place])):
            is_beside = neutral_surname(rest) == surname if len(surname) > 2 else len(rest) >= _SHORTEST_REST
            if is_beside and given_name(given).names:
                found.add(given)
    return bool(found) and all(compare_given(given, name.first) == "different" for given in found)


def _is_other_initial(glued: str, name: PersonName) -> bool:
    """petrovi@ and ipetrov@ beside Людмила Петрова; petrova@ is only the ending of her surname."""
    is_surname = sound_key(glued) == f"{neutral_surname(name.last)}a" and name.gender != "m"
    initials = {rest for rest in _beside_surname(glued, name.last) if len(rest) == 1}
    return not is_surname and bool(initials) and all(compare_given(one, name.first) == "different" for one in initials)
