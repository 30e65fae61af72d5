"""What a search looks up: tokens of a row's text, and the ranges of tokens that a typed query asks for.

A token is a folded word, so a range of tokens is a search for first letters. Two words are also kept letter by letter
(иванов + пётр: ипвеат), so that the first letters of both narrow the range although thousands have each. Of a number
its beginning, its national part and its end are kept, of an address its beginning and its domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import phonenumbers

from tasks.rules.finding import Query, Reading, Wanted, fold

_TOKEN = re.compile(r"[^\W_]+")
_MOST_WORDS = 16
_MOST_PAIRED = 6
_PAIRED_LETTERS = 3
_PAIR, _MAIL, _NATIONAL, _END = "&", "m:", "#", "~"
_LAST = "\U0010ffff"
_COUNTRY_CODES = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@dataclass(frozen=True, slots=True)
class TokenRange:
    """Every token that begins with `start`."""

    start: str

    @property
    def end(self) -> str:
        """Above every token of the range."""
        return self.start + _LAST


@dataclass(frozen=True, slots=True)
class Plan:
    """Ranges that together hold every row that can fit; the words as they stand come first."""

    ranges: tuple[TokenRange, ...]


def row_tokens(text: str, reach: str) -> frozenset[str]:
    """The tokens of a row: its names, and its addresses and numbers (separated by spaces)."""
    words = list(dict.fromkeys(_TOKEN.findall(fold(text))))[:_MOST_WORDS]
    pairs = (_interleaved(*sorted(pair)) for pair in combinations(words[:_MOST_PAIRED], 2))
    return frozenset((*words, *pairs, *(token for one in reach.split() for token in _reach_tokens(one))))


def _interleaved(one: str, other: str) -> str:
    return _PAIR + "".join(a + b for a, b in zip(one[:_PAIRED_LETTERS], other[:_PAIRED_LETTERS], strict=False))


def _reach_tokens(value: str) -> Iterator[str]:
    folded = fold(value)
    if "@" in folded:
        yield _MAIL + folded
        yield folded[folded.rindex("@") :]
    elif folded.startswith("+"):
        yield folded
        yield _NATIONAL + national_digits(folded)
        yield _END + folded[:0:-1]


def national_digits(e164: str) -> str:
    """The number without its country code; no code is the beginning of another (ITU-T E.164)."""
    known = (length for length in (1, 2, 3) if e164[1 : 1 + length] in _COUNTRY_CODES)
    return e164[1 + next(known, 0) :]


def plans_of(query: Query) -> list[Plan]:
    """The ways to find what fits: by any one word, or by the first letters of two. Each is complete by itself.

    Among several words, a word of letters alone is looked for in names only, not at the beginning of addresses.
    """
    is_alone = len(query.words) == 1
    single = [Plan(_ranges(wanted, is_alone=is_alone)) for wanted in query.words]
    double = [Plan(_pair_ranges(one, other)) for one, other in combinations(query.words, 2)]
    return [plan for plan in (*single, *double) if plan.ranges]


def _ranges(wanted: Wanted, *, is_alone: bool) -> tuple[TokenRange, ...]:
    words = (TokenRange(max(reading.tokens, key=len)) for reading in wanted.readings)
    return tuple(dict.fromkeys((*words, *_reach_ranges(wanted, is_alone=is_alone))))


def _reach_ranges(wanted: Wanted, *, is_alone: bool) -> Iterator[TokenRange]:
    for start in wanted.mail_starts:
        if is_alone or not start.isalpha():
            yield TokenRange(start if start.startswith("@") else _MAIL + start)
    for digits in wanted.digits:
        yield TokenRange(f"+{digits}")
        yield TokenRange(_NATIONAL + digits)
        yield TokenRange(_END + digits[::-1])


def _pair_ranges(one: Wanted, other: Wanted) -> tuple[TokenRange, ...]:
    found = [TokenRange(start) for left, right in product(one.readings, other.readings) for start in _pair(left, right)]
    reach = (*_reach_ranges(one, is_alone=False), *_reach_ranges(other, is_alone=False))
    return tuple(dict.fromkeys((*found, *reach)))


def _pair(left: Reading, right: Reading) -> tuple[str, str]:
    """Either order: which of the two words comes first in the alphabet is not known from their first letters."""
    one, other = left.tokens[0], right.tokens[0]
    return _interleaved(one, other), _interleaved(other, one)
