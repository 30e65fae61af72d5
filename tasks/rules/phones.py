"""Telephone numbers: one written form (E.164), a masked form for people who need not know, and finding them in text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers

# Fewer digits than any national number has: desk extensions, queues, emergency and service codes.
_SHORTEST_DIGITS = 7
_WITHHELD = frozenset({"anonymous", "unknown", "unavailable", "restricted", "private", "withheld", "asterisk"})
# A long number after one of these words names a paper, an account or a tax payer, not a telephone.
_PAPER = re.compile(
    r"\b(?:договор|контракт|заказ|заявк|сч[её]т|накладн|акт|полис|сертификат|инн|кпп|огрн|окпо|бик|снилс|артикул|"
    r"contract|order|invoice|account|policy|certificate|ticket)[а-яёa-z]*[\s:.,]*(?:№|n|no\.?|nr\.?|#)?[\s:]*$|[№#]\s*$",
    re.IGNORECASE,
)
_LOOK_BACK_CHARS = 32


@lru_cache(maxsize=65_536)
def to_e164(raw: str, country: str) -> str | None:
    """The number as E.164 ('+79000000201'), read with the dialling habits of `country` (ISO 3166, e.g. 'RU').

    None for an extension, a queue, a service code, a withheld number and anything that is no telephone number.
    SIP addresses and 'Name <number>' are understood.
    """
    text = unicodedata.normalize("NFKC", raw).strip()
    if text.endswith(">") and "<" in text:
        text = text[text.rindex("<") + 1 : -1]
    text = re.sub(r"^(?:sips?|tel):", "", text.strip(), flags=re.IGNORECASE).partition("@")[0].partition(";")[0]
    if text.casefold() in _WITHHELD or sum(character.isdigit() for character in text) < _SHORTEST_DIGITS:
        return None
    for candidate in (text, f"+{text}"):
        number = _read(candidate, country)
        if number is not None:
            return number
    return None


def _read(text: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask_phone(e164: str) -> str:
    """The number with its middle hidden ('+7900***0201'), for logs, artifacts and titles."""
    return f"{e164[:5]}***{e164[-4:]}" if len(e164) > 9 else "***"


def find_phones(text: str, country: str) -> list[str]:
    """The telephone numbers in a text as E.164, in order, each once.

    Digits that name a contract, order, invoice, tax number or the like (a word or № right before them) are refused.
    """
    found: dict[str, None] = {}
    for match in phonenumbers.PhoneNumberMatcher(text, country):
        line_before = text[max(0, match.start - _LOOK_BACK_CHARS) : match.start].rpartition("\n")[2]
        if not _PAPER.search(line_before):
            found[phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)] = None
    return list(found)
