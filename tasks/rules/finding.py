"""Free text as people type it: the first letters of each word, in either keyboard layout, digits of a phone, a mail.

Every word must be found. ё counts as е, ø as o; case does not count. A whole word beats its first letters, the layout
as typed beats the other one, a name that begins with it beats one that only holds it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from tasks.rules.errors import UsageError
from tasks.rules.keyboard_layout import other_layouts
from tasks.rules.text_table import text_table

KINDS = ("contact", "company", "staff", "lead", "deal", "letter")
_FEWEST_DIGITS = 4
_MOST_WORDS = 12
_SPACED_NUMBER = re.compile(r"\+?\d[\d\s().-]{2,}\d")
_TOKEN = re.compile(r"[^\W_]+")
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "found": "searched for: {said}",
        "none": "Nothing found; searched for: {said}",
        "cut": "Very many begin like that; type more letters to see the others.",
    },
    "ru": {
        "found": "искали: {said}",
        "none": "Ничего не найдено; искали: {said}",
        "cut": "Так начинается очень многое; допечатайте буквы, чтобы увидеть остальное.",
    },
}
_HEAD = {"en": ("kind", "number", "name", "details"), "ru": ("что", "номер", "имя", "подробности")}
_KIND_WORDS = {
    "en": {kind: kind for kind in KINDS},
    "ru": dict(zip(KINDS, ("контакт", "компания", "сотрудник", "лид", "сделка", "письмо"), strict=True)),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a typed word: the beginnings it names. `is_typed`: in the layout it was typed in."""

    tokens: tuple[str, ...]
    is_typed: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """One typed word: its readings, the beginnings of a mail address, and the digits of a telephone number."""

    readings: tuple[Reading, ...]
    mail_starts: tuple[str, ...] = ()
    digits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """How well a row fits, the best smallest."""

    other_layout: int
    not_whole: int
    not_first: int
    length: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A row found: `number` is its public number, or its row id."""

    kind: str
    number: str
    name: str
    details: str
    rank: Rank


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; `said` names every reading that was tried; `is_cut`: more could fit than were looked at."""

    words: tuple[Wanted, ...]
    said: str
    is_cut: bool = False


def fold(text: str) -> str:
    """The form in which letters are compared."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return folded if folded.isascii() else folded.replace("ё", "е").replace("ø", "o").replace("å", "a")


def read_query(text: str) -> Query:
    """The typed text as words to look for. Raises UsageError when there is no letter and no digit in it."""
    joined = _SPACED_NUMBER.sub(_joined_number, text)
    typed = joined.split()[:_MOST_WORDS]
    words = tuple(wanted for word in typed if (wanted := _wanted(word)).readings)
    if not words:
        raise UsageError("say what to find: the first letters of a name, digits of a phone, the beginning of a mail")
    others = [" ".join(other_layouts(word)[:1] or (word,)) for word in typed]
    said = " ".join(typed)
    return Query(words, said if others == typed else f"{said} / {' '.join(others)}")


def _joined_number(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found.group())
    return digits if len(digits) >= _FEWEST_DIGITS else found.group()


def _wanted(word: str) -> Wanted:
    forms = (word, *other_layouts(word))
    readings = tuple(
        Reading(tokens, number == 0)
        for number, form in enumerate(forms)
        if (tokens := tuple(_TOKEN.findall(fold(form))))
    )
    digits = re.sub(r"\D", "", word)
    is_number = len(digits) >= _FEWEST_DIGITS and not any(character.isalpha() for character in word)
    # 8 is what Russians dial where +7 is written
    dialled = (digits, f"7{digits[1:]}") if digits.startswith("8") else (digits,)
    starts = tuple(folded for form in forms if len(form) > 1 and (folded := fold(form)).isascii())
    return Wanted(readings, starts, dialled if is_number else ())


def rank_of(query: Query, text: str, has_point: tuple[bool, ...]) -> Rank | None:
    """How well a row's text fits, None when a word is not found; `has_point[i]`: a mail or phone has the i-th word."""
    folded = fold(text)
    other_layout = not_whole = 0
    not_first = 1
    for wanted, has in zip(query.words, has_point, strict=True):
        if has:
            not_first = 0
            continue
        for reading in wanted.readings:
            found = [_find(token, folded) for token in reading.tokens]
            if all(found):
                break
        else:
            return None
        other_layout += not reading.is_typed
        not_whole += sum(place != "whole" and place != "first_whole" for place in found)
        not_first = min(not_first, int(not str(found[0]).startswith("first")))
    return Rank(other_layout, not_whole, not_first, len(text))


def _find(token: str, folded: str) -> str:
    """Where a word begins with `token`: '' nowhere; first or other, and whether it is the whole word."""
    found = ""
    at = folded.find(token)
    while at >= 0:
        if at == 0 or not folded[at - 1].isalnum():
            end = at + len(token)
            is_whole = end == len(folded) or not folded[end].isalnum()
            place = ("first_" if at == 0 else "") + ("whole" if is_whole else "begun")
            if is_whole:
                return place
            found = found or place
        at = folded.find(token, at + 1)
    return found


def has_points(query: Query, mail: str | None, phone: str | None) -> tuple[bool, ...]:
    """For each word: whether this mail address begins with it (or its domain, typed with @), or the phone holds it."""
    address, number = fold(mail or ""), phone or ""
    return tuple(
        any(address.startswith(start) or (start[0] == "@" and start in address) for start in wanted.mail_starts)
        or any(digits in number for digits in wanted.digits)
        for wanted in query.words
    )


def found_lines(query: Query, hits: list[Hit], language: str) -> list[str]:
    """The hits for the person who asked, and what was searched for."""
    rows = [(_KIND_WORDS[language][one.kind], one.number, one.name, one.details) for one in hits]
    said = _WORDS[language]["found" if hits else "none"].format(said=query.said)
    return [*text_table(_HEAD[language], rows), said, *([_WORDS[language]["cut"]] if query.is_cut else [])]


def found_json(query: Query, hits: list[Hit]) -> dict[str, Any]:
    """The same for a script."""
    found = [{"kind": one.kind, "number": one.number, "name": one.name, "details": one.details} for one in hits]
    return {"searched_for": query.said, "is_cut": query.is_cut, "found": found}
