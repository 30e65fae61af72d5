"""What was meant by words typed in the other keyboard layout: ghbdtn is привет (Russian ЙЦУКЕН over US QWERTY)."""

from __future__ import annotations

_ENGLISH = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`" + 'QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>~'
_RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюё" + "ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"
_TO_RUSSIAN = str.maketrans(_ENGLISH, _RUSSIAN)
_TO_ENGLISH = str.maketrans(_RUSSIAN, _ENGLISH)
_ENGLISH_KEYS = frozenset(_ENGLISH)
_RUSSIAN_KEYS = frozenset(_RUSSIAN)


def to_russian(word: str) -> str:
    """The word as the same keys give it in the Russian layout."""
    return word.translate(_TO_RUSSIAN)


def to_english(word: str) -> str:
    """The word as the same keys give it in the English layout."""
    return word.translate(_TO_ENGLISH)


def other_layouts(word: str) -> tuple[str, ...]:
    """What the word may have been meant to be: none for addresses and numbers, which are typed with care.

    To Russian only when there is a Latin letter or a key that is a letter in Russian, to English only when there is a
    Cyrillic one. The conversion comes before the word is taken apart: the comma of `,tkjd` is the б of белов.
    """
    if "@" in word or any(character.isdigit() for character in word):
        return ()
    found = []
    if not _ENGLISH_KEYS.isdisjoint(word):
        found.append(to_russian(word))
    if not _RUSSIAN_KEYS.isdisjoint(word):
        found.append(to_english(word))
    return tuple(found)
