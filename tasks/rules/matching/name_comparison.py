"""Whether two written names can be one person, part by part. A conflict of names outweighs every other evidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from tasks.rules.matching.given_names import given_name, initials_of
from tasks.rules.matching.person_names import PersonName, patronymic_root
from tasks.rules.matching.sounds import initial_sounds, sound_key

Agreement = Literal["same", "variant", "near", "initial", "missing", "different"]
AGREES = frozenset({"same", "variant", "near"})
ABBREVIATED = AGREES | {"initial"}
_SHORTEST_TYPO_LETTERS = 5
_SHORTEST_SHORT_FORM = 3


@dataclass(frozen=True, slots=True)
class NameComparison:
    """How the parts agree. `conflicts` say that these are two people; `doubts` only that nobody should be sure."""

    first: Agreement
    middle: Agreement
    last: Agreement
    conflicts: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    is_female: bool = False
    is_gender_known: bool = False
    may_be_namesakes: bool = False

    @property
    def is_full(self) -> bool:
        """Given name and surname agree."""
        return self.first in AGREES and self.last in AGREES

    @property
    def is_whole(self) -> bool:
        """Given name, patronymic and surname agree."""
        return self.is_full and self.middle in AGREES


@lru_cache(maxsize=200_000)
def compare_names(one: PersonName, other: PersonName) -> NameComparison:
    """Compare the parts; when only their order told which is which, also the other way round."""
    found = _compare(one, other)
    if not (found.conflicts or found.doubts) or (one.is_sure and other.is_sure):
        return found
    # both ways round, so that it does not matter which of two unsure names comes first
    ways = [] if one.is_sure else [_compare(_turned(one), other)]
    ways += [] if other.is_sure else [_compare(one, _turned(other))]
    return ways[0] if all(_is_better(crossed, found) for crossed in ways) else found


def _is_better(crossed: NameComparison, found: NameComparison) -> bool:
    is_better = not crossed.conflicts and (found.conflicts or not crossed.doubts)
    return bool(is_better and (crossed.first in ABBREVIATED or crossed.last in AGREES))


def _turned(name: PersonName) -> PersonName:
    return PersonName(name.last, name.middle, name.first, name.is_patronymic, name.gender)


def _compare(one: PersonName, other: PersonName) -> NameComparison:
    first = compare_given(one.first, other.first)
    middle = _compare_middle(one, other)
    last = _compare_last(one, other)
    conflicts: list[str] = []
    doubts: list[str] = []
    if first == "different":
        conflicts.append("first")
    if middle == "different":
        (conflicts if one.is_patronymic and other.is_patronymic else doubts).append("patronymic")
    if one.gender and other.gender and one.gender != other.gender:
        conflicts.append("gender")
    if last == "different":
        doubts.append("last")
    return NameComparison(
        first,
        middle,
        last,
        tuple(conflicts),
        tuple(doubts),
        is_female="f" in (one.gender, other.gender),
        is_gender_known=bool(one.gender and other.gender),
        may_be_namesakes=middle != "same" and (_is_after_father(one) or _is_after_father(other)),
    )


def _is_after_father(name: PersonName) -> bool:
    """Иван Иванович: father and son are called the same."""
    return name.is_patronymic and len(name.first) > 1 and patronymic_root(name.middle)[:4] == sound_key(name.first)[:4]


@lru_cache(maxsize=200_000)
def compare_given(one: str, other: str) -> Agreement:
    """Given names: one form, a short form, a slip of the pen, an initial, or two names."""
    if not one or not other:
        return "missing"
    if len(one) == 1 or len(other) == 1:
        return "initial" if _may_begin(one, other) else "different"
    left, right = sound_key(one), sound_key(other)
    if left == right:
        return "same"
    known, also_known = given_name(one), given_name(other)
    if known.names and also_known.names:
        return "variant" if known.names & also_known.names else "different"
    if _is_slip(left, right) and not (known.gender and also_known.gender and known.gender != also_known.gender):
        return "near"
    shorter, longer = sorted((left, right), key=len)
    is_short_form = len(shorter) >= _SHORTEST_SHORT_FORM and longer.startswith(shorter)
    return "variant" if is_short_form else "different"


def _may_begin(one: str, other: str) -> bool:
    sounds = _first_sounds(one) & _first_sounds(other)
    return bool(sounds)


def _first_sounds(word: str) -> frozenset[str]:
    if len(word) == 1:
        return frozenset(initial_sounds(word))
    # Y of Yuriy is no Y of Yana: the sounds of a whole word are known
    by_letter = frozenset() if word[0] in "yji" else frozenset(initial_sounds(word[0]))
    return initials_of(given_name(word)) | {sound_key(word)[:1]} | by_letter


def _compare_middle(one: PersonName, other: PersonName) -> Agreement:
    if not one.middle or not other.middle:
        return "missing"
    if len(one.middle) == 1 or len(other.middle) == 1:
        return "initial" if _may_begin(one.middle, other.middle) else "different"
    left, right = patronymic_root(one.middle), patronymic_root(other.middle)
    if left == right:
        return "same"
    if _is_slip(left, right):
        return "near"
    # Роман Абрамович beside Роман Аркадьевич Абрамович: the word was the surname
    taken_for_surname = {sound_key(one.last), sound_key(other.last)}
    return "missing" if {sound_key(one.middle), sound_key(other.middle)} & taken_for_surname else "different"


def _compare_last(one: PersonName, other: PersonName) -> Agreement:
    if not one.last or not other.last:
        return "missing"
    if len(one.last) == 1 or len(other.last) == 1:
        return "initial" if initial_sounds(one.last[0])[:1] in _first_sounds(other.last) else "different"
    best: Agreement = "different"
    for left in _surnames(one):
        for right in _surnames(other):
            if left == right:
                return "same"
            if _is_slip(left, right):
                best = "near"
    return best


def _surnames(name: PersonName) -> list[str]:
    """The surname, the parts of a double one, and a middle name that may be one; without the ending of the gender."""
    words = [name.last, *(name.last.split("-") if "-" in name.last else ())]
    if name.middle and not name.is_patronymic and len(name.middle) > 1:
        words.append(name.middle)
    return [neutral_surname(word) for word in words]


@lru_cache(maxsize=100_000)
def neutral_surname(word: str) -> str:
    """The key of a surname without the ending of the gender: Белова and Белов are one family."""
    key = sound_key(word)
    for ending, neuter in (("ska", "sk"), ("cka", "ck"), ("ski", "sk"), ("cki", "ck")):
        if key.endswith(ending) and len(key) > len(ending) + 1:
            return key.removesuffix(ending) + neuter
    is_feminine = key.endswith(("ova", "eva", "ina")) and len(key) > 4
    return key[:-1] if is_feminine else key


def _is_slip(left: str, right: str) -> bool:
    """One letter more, less, other, or two exchanged, in a word long enough for that to be no other name."""
    return min(len(left), len(right)) >= _SHORTEST_TYPO_LETTERS and OSA.distance(left, right, score_cutoff=1) <= 1
