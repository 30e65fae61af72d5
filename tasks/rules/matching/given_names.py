"""Given names with their short forms: who is called Саша may be Александр or Александра, never Алексей.

Every entry is one name: m or f, the full form, then the forms people write instead, in any script. A form may stand in
several entries. The lists are our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tasks.rules.matching.given_name_lists import ENGLISH, NORWEGIAN, RUSSIAN
from tasks.rules.matching.sounds import sound_key


@dataclass(frozen=True, slots=True)
class GivenName:
    """What a written given name may stand for: numbers of names in the lists, and the gender when it is certain."""

    names: frozenset[int]
    gender: str


def _lines() -> list[list[str]]:
    text = " ".join((RUSSIAN, ENGLISH, NORWEGIAN))
    return [line.split() for line in text.split(";") if line.strip()]


def _read_lists() -> dict[str, GivenName]:
    found: dict[str, tuple[set[int], set[str]]] = {}
    for number, (gender, *forms) in enumerate(_lines()):
        for form in forms:
            names, genders = found.setdefault(sound_key(form), (set(), set()))
            names.add(number)
            genders.add(gender)
    return {
        key: GivenName(frozenset(names), next(iter(genders)) if len(genders) == 1 else "")
        for key, (names, genders) in found.items()
    }


_GIVEN = _read_lists()
_INITIALS_OF = {number: frozenset(sound_key(form)[:1] for form in forms) for number, (_, *forms) in enumerate(_lines())}
NO_GIVEN_NAME = GivenName(frozenset(), "")


@lru_cache(maxsize=100_000)
def given_name(word: str) -> GivenName:
    """What the word stands for as a given name; no names when it is in no list."""
    return _GIVEN.get(sound_key(word), NO_GIVEN_NAME)


def initials_of(name: GivenName) -> frozenset[str]:
    """The sounds that any written form of the name begins with."""
    return frozenset(one for number in name.names for one in _INITIALS_OF[number])
