"""One key for a name however it was spelled: Cyrillic, any of the usual transliterations, with or without accents.

Passports (ICAO 9303: Iuliia), maps and newspapers (BGN/PCGN: Yuliya), scholars and Scandinavians (ISO 9: Julija) write
the same name differently; all of them fold to one key, so nobody has to know which scheme was used.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґў",
        (
            *("a", "b", "v", "g", "d", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u"),
            *("f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "iu", "ia", "e", "i", "i", "e", "g", "u"),
        ),
        strict=True,
    )
)
_OTHER_LETTERS = str.maketrans({"ø": "o", "å": "a", "æ": "a", "ä": "a", "ö": "o", "ß": "ss", "ł": "l", "đ": "d"})
# Longest first: what one sound is written as. Capitals stand for sounds that have no letter of their own.
_SOUNDS = (
    (re.compile(r"shch|sjtsj|schtsch|stsj|shh|sch|sh|^sj|sj(?![au])"), "S"),
    (re.compile(r"tsch|tsj|tch|ch"), "C"),
    (re.compile(r"zh"), "Z"),
    (re.compile(r"kh|gh"), "h"),
    (re.compile(r"ts|tz"), "c"),
    (re.compile(r"c(?=[aoulrt]|k|$)k?"), "k"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"th"), "t"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"w"), "v"),
    (re.compile(r"q"), "k"),
    (re.compile(r"[ijy]+"), "i"),
    (re.compile(r"io"), "e"),
    (re.compile(r"i(?=[aeu])"), ""),
    (re.compile(r"aa"), "a"),
    (re.compile(r"(.)\1+"), r"\1"),
)
# An initial says little about the sound: Y. may be Юлия, Яна or Евгений, C. may be Кирилл.
_INITIALS = {"y": "iuae", "j": "iuae", "i": "iuae", "e": "e", "c": "cCks", "s": "sS", "z": "zZ", "k": "khk", "t": "tc"}


def fold_letters(text: str) -> str:
    """Lower case without accents; ё is е, ø is o; other scripts stay."""
    lowered = text.casefold().replace("ё", "е").replace("й", "\x00").translate(_OTHER_LETTERS)
    if lowered.isascii():
        return lowered.replace("\x00", "й")
    bare = "".join(one for one in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(one))
    return bare.replace("\x00", "й")


def is_cyrillic(text: str) -> bool:
    """Whether any letter is Cyrillic."""
    return any("Ѐ" <= one <= "ӿ" for one in text)


@lru_cache(maxsize=200_000)
def sound_key(word: str) -> str:
    """The key of one word; equal for all its usual spellings, '' when there is no letter in it."""
    latin = "".join(_CYRILLIC.get(one, one) for one in fold_letters(word))
    key = re.sub(r"[^a-z]", "", latin)
    for pattern, sound in _SOUNDS:
        key = pattern.sub(sound, key)
    return key


def initial_sounds(letter: str) -> str:
    """The sounds that a name with this initial may begin with."""
    folded = fold_letters(letter)
    if not is_cyrillic(folded) and folded in _INITIALS:
        return _INITIALS[folded]
    return sound_key(letter)[:1]
