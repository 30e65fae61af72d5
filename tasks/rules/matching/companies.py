"""Companies by name: without legal form, quotes and case. An individual entrepreneur (ИП) is a person."""

from __future__ import annotations

import re

from tasks.rules.matching.company_words import GENERIC_WORDS, LEGAL_FORMS
from tasks.rules.matching.sounds import fold_letters, sound_key

_LEGAL_FORMS = frozenset(LEGAL_FORMS.split())
_SPELLED_OUT = re.compile(
    r"общество с ограниченной ответственностью|(?:публичное |закрытое |открытое )?акционерное общество|"
    r"индивидуальный предприниматель|limited liability company|joint[- ]stock company"
)
_GENERIC = frozenset(GENERIC_WORDS.split())
_WORD = re.compile(r"[^\W_]+")
_ENTREPRENEUR = re.compile(r"^\s*(?:ип|чп|индивидуальный предприниматель|enk)\b\.?", re.IGNORECASE)


def company_key(name: str) -> str:
    """What two ways to write one company have in common; '' when nothing is left but the legal form."""
    text = _SPELLED_OUT.sub(" ", fold_letters(name))
    words = [word for word in _WORD.findall(text) if word not in _LEGAL_FORMS]
    own = [word for word in words if word not in _GENERIC] or words
    return " ".join(sorted(sound_key(word) or word for word in own))


def is_company_name(text: str) -> bool:
    """Whether a written name is a company's: it says its legal form or stands in quotes, and is no entrepreneur's."""
    if _ENTREPRENEUR.match(text):
        return False
    has_quotes = bool(re.search(r"[«„\"].+[»“\"]", text))
    words = _WORD.findall(fold_letters(text))
    is_formed = len(words) > 1 and (words[0] in _LEGAL_FORMS or words[-1] in _LEGAL_FORMS - {"da", "sa", "ag", "co"})
    return has_quotes or is_formed or bool(_SPELLED_OUT.search(text.casefold()))


def entrepreneur_name(text: str) -> str:
    """The person in the name of an individual entrepreneur: «ИП Иванов И.И.» is Иванов И.И."""
    return _ENTREPRENEUR.sub("", text).strip(' «»"')
