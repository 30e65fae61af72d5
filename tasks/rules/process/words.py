"""Words for people: refusals that say what to put right, and texts of the process file filled with an item's values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from tasks.rules.process.actions import Text
from tasks.rules.process.reasons import Reason
from tasks.rules.process.values import Line, is_empty
from tasks.rules.process.word_tables import CODES, FIELDS, OPERATORS, REASONS, STATES, TYPES

_PLACE = re.compile(r"\{(\w+)\}")
Names = Mapping[str, str]


def said(text: Text, language: str) -> str:
    """A text in a language, else as it is the same in all, else in the language there is."""
    return text.get(language) or text.get("") or next(iter(text.values()), "")


def fill(text: Text, language: str, values: Mapping[str, str]) -> str:
    """A text of the process file with its {places} filled; an empty or unknown place becomes a dash."""
    return _PLACE.sub(lambda match: values.get(match[1]) or "—", said(text, language))


def explain(reasons: Iterable[Reason], language: str, names: Names | None = None) -> list[str]:
    """Each reason as one line that says what to put right; `names` gives persons, contacts and fields their names.

    Words that the file says itself come first, each line once.
    """
    ordered = sorted(reasons, key=lambda reason: reason.kind != "words")
    return list(dict.fromkeys(_explain(reason, language, names or {}) for reason in ordered))


def _explain(reason: Reason, language: str, names: Names) -> str:
    if reason.kind == "words":
        return fill(reason.words, language, {})
    if reason.kind == "differs":
        return _differs(reason, language, names)
    pattern = _in(REASONS[_variant(reason)], language)
    wanted = _wanted(reason, language, names)
    places = {
        "name": _name(reason.name, language, names),
        "found": shown(reason.found, language, names),
        "wanted": wanted,
        "by": _name(reason.by, language, names),
        "at": f"{reason.at:%d.%m.%Y %H:%M}" if reason.at else "",
    }
    return _without_gaps(pattern.format(**places))


def _variant(reason: Reason) -> str:
    """Which of the wordings of a reason fits what is known."""
    if reason.kind == "closed":
        return "closed" if reason.by and reason.at else "closed_by" if reason.by else "closed_bare"
    if reason.kind == "nothing_asked":
        return "nothing_asked_of" if reason.name else "nothing_asked_which" if reason.wanted else "nothing_asked"
    if reason.kind in ("not_here", "unknown") and not reason.wanted:
        return f"{reason.kind}_bare"
    if reason.kind == "value" and not isinstance(reason.wanted, tuple):
        return "value_type" if reason.wanted else "value_bare"
    return reason.kind


def _wanted(reason: Reason, language: str, names: Names) -> str:
    if reason.kind == "value" and not isinstance(reason.wanted, tuple):
        return _in(TYPES[reason.wanted], language) if reason.wanted in TYPES else str(reason.wanted)
    return shown(reason.wanted, language, names)


def _differs(reason: Reason, language: str, names: Names) -> str:
    operator = _in(OPERATORS.get(reason.operator, ("", "")), language)
    found = _in(STATES["none"], language) if is_empty(reason.found) else shown(reason.found, language, names)
    wanted = "" if is_empty(reason.wanted) else shown(reason.wanted, language, names)
    pattern = _in(REASONS["differs"], language)
    name = _name(reason.name, language, names)
    return _without_gaps(pattern.format(name=name, found=found, wanted=f"{operator} {wanted}"))


def _without_gaps(words: str) -> str:
    return re.sub(" +", " ", words).strip().rstrip(":;,").strip()


def _in(pair: tuple[str, str], language: str) -> str:
    return pair[0] if language == "ru" else pair[1]


def _name(code: str, language: str, names: Names) -> str:
    if code in names:
        return names[code]
    if code.startswith("work."):
        return _name(code.removeprefix("work."), language, names)
    return _in(FIELDS[code], language) if code in FIELDS else code.replace("_", " ")


def shown(value: Any, language: str, names: Names | None = None) -> str:
    """A value as words: codes and states translated, persons by name, lists with commas, amounts and times readable."""
    if value is None:
        return ""
    if isinstance(value, tuple | list):
        return ", ".join(shown(one, language, names) for one in value)
    if isinstance(value, bool):
        return _in(CODES["true" if value else "false"], language)
    if isinstance(value, Line):
        return value.title
    if isinstance(value, Decimal):
        return f"{value:,f}".replace(",", "\u00a0").replace(".", "," if language == "ru" else ".")
    text = str(value)
    for table in (names or {}, STATES, CODES, FIELDS):
        if text in table:
            found = table[text]
            return found if isinstance(found, str) else _in(found, language)
    return _moment(text)


def _moment(text: str) -> str:
    """A day or moment in ISO 8601 as people write it; other text stays."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T\S+)?", text):
        return text
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{found:%d.%m.%Y %H:%M}" if "T" in text else f"{found:%d.%m.%Y}"
