"""Text that every store and screen can take: no control characters, no halves of characters, no NUL."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029]")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


def clean_text(text: str) -> str:
    """Line breaks become one newline each; controls go (PostgreSQL refuses NUL), lone surrogates become '?'."""
    if text.replace("\n", "").isprintable():  # as most texts are: nothing to clean
        return text
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROLS.sub("", _BREAKS.sub("\n", text))


def one_line(text: str) -> str:
    """The text on one line, white space collapsed; a decoded header cannot smuggle another one in."""
    return " ".join(clean_text(text).split())


def language_of(text: str) -> str:
    """'ru' where there is any Cyrillic letter, else 'en'."""
    return "ru" if not text.isascii() and _CYRILLIC.search(text) else "en"
