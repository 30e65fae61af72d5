"""Answers to exceptions, kept: suggested the next time, and given by themselves only when confirmed often enough.

An exception has a signature: what is alike in all of its kind, numbers and references left out. Only what people say
counts as a confirmation, and only in a row: one other answer, or a revocation, starts the count anew.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tasks.rules.errors import UsageError

BY_RULE = "rule"
CHOICES = ("release", "drop", "set")
_PARTICULAR = re.compile(r"(?:person|contact):\w+|[A-ZА-Я]+-\d+|\d+(?:[.,:]\d+)*")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be done about an exception: go on (release), forget the event (drop), or set fields and go on."""

    action: str
    sets: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """As it is kept and shown: 'release', 'set kind=urgent'."""
        return " ".join([self.action, *(f"{name}={value}" for name, value in self.sets)])


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """One answer that was given; `by` is person:ID, or BY_RULE when it was given by itself."""

    answer_id: int
    choice: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the past says about an exception: `times` of `total` people chose this, the last `row` of them in a row."""

    choice: str
    times: int
    total: int
    row: int
    is_automatic: bool


def signature_of(process: str, stage: str, reasons: Sequence[str], path: Sequence[str]) -> str:
    """What is alike in all exceptions of a kind; reasons are lines in one language."""
    plain = [_PARTICULAR.sub("#", reason).strip().lower() for reason in reasons]
    return " | ".join([process, stage, "; ".join(sorted(set(plain))), " > ".join(path)])


def suggestion_of(answers: Sequence[KeptAnswer], revoked_id: int, needed: int) -> Suggestion | None:
    """The suggestion that follows from earlier answers, in their order; None when nobody has answered.

    Answers up to `revoked_id` no longer count. `needed` is how many confirmations in a row let it happen by itself; 0:
    never.
    """
    given = [one.choice for one in answers if one.by != BY_RULE and one.answer_id > revoked_id]
    if not given:
        return None
    last = given[-1]
    row = next((n for n, choice in enumerate(reversed(given)) if choice != last), len(given))
    counts = Counter(given)
    # of equally common answers the one given last
    best = max(counts, key=lambda choice: (counts[choice], len(given) - given[::-1].index(choice)))
    is_automatic = needed > 0 and row >= needed and best == last
    return Suggestion(best, counts[best], len(given), row if best == last else 0, is_automatic)


def read_choice(words: Sequence[str]) -> Choice:
    """The choice that a person typed: release, drop, or set FIELD=VALUE …. Raises UsageError."""
    action, *rest = words or [""]
    pairs = [word.partition("=") for word in rest]
    if action not in CHOICES:
        raise UsageError(f"{action!r} is no answer: say {', '.join(CHOICES)} (set with FIELD=VALUE)")
    if (action == "set") is not bool(rest) or any(not name or not mark for name, mark, _ in pairs):
        raise UsageError("set needs FIELD=VALUE, the others need nothing" if rest or action == "set" else "say why")
    return Choice(action, tuple(sorted((name, value) for name, _, value in pairs)))


def suggestion_words(suggestion: Suggestion | None, language: str) -> str:
    """'release (4 of 5, 3 in a row)'; '' when there is none."""
    if suggestion is None:
        return ""
    russian = f"{suggestion.times} из {suggestion.total}, подряд {suggestion.row}"
    english = f"{suggestion.times} of {suggestion.total}, {suggestion.row} in a row"
    automatic = ("сам", "by itself")[language != "ru"] if suggestion.is_automatic else ""
    tail = f"; {automatic}" if automatic else ""
    return f"{suggestion.choice} ({russian if language == 'ru' else english}{tail})"


def choice_of(kept: str) -> Choice:
    """A kept choice again."""
    return read_choice(_words(kept))


def _words(choice: str) -> list[str]:
    """A kept choice as words again; values may hold blanks."""
    action, _, rest = choice.partition(" ")
    return [action, *re.split(r" (?=\w+=)", rest)] if rest else [action]
