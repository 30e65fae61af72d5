"""What a person is called: the parts of a written name, in any order, with initials, in Cyrillic or Latin letters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tasks.rules.matching.given_names import given_name
from tasks.rules.matching.sounds import fold_letters, is_cyrillic, sound_key

_TITLE = re.compile(
    r"^(?:г-н|г-жа|гр|госп|господин|госпожа|mr|mrs|ms|miss|dr|prof|проф|herr|frau|fru|jr|sr|phd|инж|дир)\.?$",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[(\[{<][^)\]}>]*[)\]}>]?")
_WORD = re.compile(r"[^\W\d_]+(?:['’`ʼ-][^\W\d_]+)*\.?")
_PATRONYMIC = re.compile(
    r"(?P<root>.{2,}?)(?:(?P<m>ович|евич|ьич|ыч|yevich|ievich|ovich|evich|ovitj|evitj|ovitch|evitch)|"
    r"(?P<f>овна|евна|ична|инична|ovna|yevna|ievna|evna|ichna|inichna|itsjna))"
)
_SHORT_PATRONYMICS = frozenset(sound_key(word) for word in ("ильич", "кузьмич", "лукич", "фомич", "никитич", "саввич"))
# Passports shorten Жанна to Zh., Юлия to Yu. or Iu.
_INITIAL_LETTERS = dict(
    zip(("zh", "kh", "ts", "ch", "sh", "shch", "yu", "iu", "ju", "ya", "ia", "ja"), "жхцчшщюююяяя", strict=True)
)
_TURKIC = {"оглы": "m", "оглу": "m", "ogly": "m", "oglu": "m", "кызы": "f", "гызы": "f", "kyzy": "f", "kizi": "f"}
_SURNAME = re.compile(
    r".+(?:[оеё]в|[оеё]ва|[иы]н|[иы]на|ский|ская|цкий|цкая|енко|ко|[ую]к|чук|швили|дзе|[яа]н|ых|их|"
    r"ov|ova|ev|eva|sk[iy]y?|skii|skij|skaya|skaia|skaja|enko|chuk|shvili|dze|yan|sen|son|stad|berg|dal|vik|rud|haug)"
)
_FEMALE_SURNAME = re.compile(r".+(?:[оеё]ва|[иы]на|ская|цкая|ova|eva|skaya|skaia|skaja)")
_MALE_SURNAME = re.compile(r".+(?:[оеё]в|[иы]н|ский|цкий|ov|ev|skiy|skii|skij|sky)")


@dataclass(frozen=True, slots=True)
class PersonName:
    """The parts of a name, '' what is not said. A part of one letter is an initial. `gender` is m, f or ''.

    `is_sure`: the lists, an ending or a comma told which word is which; otherwise only their order did.
    """

    first: str = ""
    middle: str = ""
    last: str = ""
    is_patronymic: bool = False
    gender: str = ""
    is_sure: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing is known."""
        return not (self.first or self.middle or self.last)

    @property
    def is_full(self) -> bool:
        """Both a given name written out and a surname."""
        return len(self.first) > 1 and len(self.last) > 1


NO_NAME = PersonName()


@lru_cache(maxsize=50_000)
def read_name(text: str) -> PersonName:
    """The parts of a written name. What stands in brackets, titles, digits and addresses are left out."""
    bare = " ".join(word for word in _BRACKETS.sub(" ", text).split() if "@" not in word)
    before, comma, after = bare.partition(",")
    if comma and _words(after) and len(_words(before)) == 1:
        return _read([*_words(after), *_words(before)], is_last_known=True)
    return _read(_words(bare), is_last_known=False)


def _words(text: str) -> list[str]:
    spaced = re.sub(r"(?<=[^\W\d_])\.(?=[^\W\d_])", ". ", text)
    found = []
    for word in _WORD.findall(spaced):
        if not _TITLE.match(word):
            bare = fold_letters(word.rstrip("."))
            found.append(_INITIAL_LETTERS.get(bare, bare) if word.endswith(".") else bare)
    return found[:5]


def _read(words: list[str], *, is_last_known: bool) -> PersonName:
    """Take the parts out one after the other: patronymic, surname, given name; the rest is a middle name."""
    if not words:
        return NO_NAME
    before = words
    middle, middle_gender, words = _take_patronymic(words)
    is_patronymic = bool(middle)
    if is_patronymic and len(before) == 3 == len(words) + 1:
        # the patronymic stands behind the given name, wherever the surname is
        first = before[before.index(middle) - 1]
        last, is_sure = words[1 - words.index(first)], True
    elif is_last_known and len(words) > 1:
        first, last, is_sure = words[0], words[-1], True
    else:
        first, last, is_sure = _first_and_last(words, is_patronymic=is_patronymic)
    left = list(words)
    for taken in (first, last):
        if taken in left:
            left.remove(taken)
    if not middle and left:
        middle = left[0]
        is_patronymic = len(middle) == 1 and is_cyrillic(middle)
    return PersonName(
        first, middle, last, is_patronymic, middle_gender or _gender(first, last), is_sure or bool(middle_gender)
    )


def _take_patronymic(words: list[str]) -> tuple[str, str, list[str]]:
    """The patronymic with its gender, and the other words. A lone or leading -ович is a surname (Абрамович Роман)."""
    for place in range(2, len(words)):
        if words[place] in _TURKIC:
            return words[place - 1], _TURKIC[words[place]], words[: place - 1] + words[place + 1 :]
    places = [place for place in range(1, len(words)) if patronymic_gender(words[place])]
    after_given = [place for place in places if given_name(words[place - 1]).names]
    for place in after_given or (places if len(words) == 3 else []):
        gender, given = patronymic_gender(words[place]), given_name(words[place - 1]).gender
        if len(words) == 2 and gender == "m" != given:
            # Аня Абрамович has a surname; Валя Абрамович may be a woman's surname
            return (words[place], "", words[:place]) if not given else ("", "", words)
        return words[place], gender, words[:place] + words[place + 1 :]
    return "", "", words


def patronymic_gender(word: str) -> str:
    """m or f for a word that ends like a patronymic, else ''."""
    if word.endswith(("ич", "ich")) and sound_key(word) in _SHORT_PATRONYMICS:
        return "m"
    found = _PATRONYMIC.fullmatch(word)
    return ("m" if found["m"] else "f") if found else ""


def patronymic_root(word: str) -> str:
    """What Иванович, Иваныч, Ивановна and Ivanovich have in common."""
    key = sound_key(word)
    if key in _SHORT_PATRONYMICS:
        return key[:-2]
    found = _PATRONYMIC.fullmatch(word)
    return sound_key(found["root"]) if found else key


def _first_and_last(words: list[str], *, is_patronymic: bool) -> tuple[str, str, bool]:
    """(given name, surname, whether more than the order told): the lists first, then endings, then the order."""
    full = [word for word in words if len(word) > 1]
    initials = [word for word in words if len(word) == 1]
    if len(words) == 1:
        return _one_word(words[0])
    if not full:
        return words[0], "", False
    if len(full) == 1 and initials:
        is_given = bool(given_name(full[0]).names) and not _is_surname(full[0]) and words[0] == full[0]
        # "Anna P." shortens the surname, "Петров А." and "J. Smith" the given name
        return (full[0], initials[0], True) if is_given and len(initials) == 1 else (initials[0], full[0], True)
    given = [word for word in full if given_name(word).names]
    surnames = [word for word in full if _is_surname(word) and word not in given[:1]]
    if len(given) == 1:
        return given[0], _other_end(full, given[0]), True
    if surnames:
        last = next((word for word in surnames if word not in given), surnames[-1])
        others = [word for word in full if word != last]
        return (others[0] if others else ""), last, True
    is_last_first = is_patronymic and not given and is_cyrillic(full[0])
    return (full[-1], full[0], False) if is_last_first else (full[0], full[-1], False)


def _other_end(words: list[str], given: str) -> str:
    """The surname beside the given name: the far end of the name."""
    return words[0] if words.index(given) == len(words) - 1 else words[-1]


def _one_word(word: str) -> tuple[str, str, bool]:
    if given_name(word).names:
        return word, "", True
    return ("", word, True) if _is_surname(word) else (word, "", False)


def _is_surname(word: str) -> bool:
    return len(word) > 3 and _SURNAME.fullmatch(word) is not None


def _gender(first: str, last: str) -> str:
    """By the given name, else by the surname; not certain where a woman's name has a man's surname (Kari Nikiforov)."""
    by_list, by_surname = given_name(first).gender if len(first) > 1 else "", _surname_gender(last)
    return "" if by_list == "f" and by_surname == "m" else by_list or by_surname


def _surname_gender(last: str) -> str:
    if _FEMALE_SURNAME.fullmatch(last):
        return "f"
    is_foreign = last.endswith("in") and not is_cyrillic(last)
    return "m" if _MALE_SURNAME.fullmatch(last) and not is_foreign else ""
