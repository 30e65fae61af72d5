"""Words that begin and end letters."""

from __future__ import annotations

import re

_CLOSING = re.compile(
    r"[\W_]{0,3}(?:с (?:глубоким |наилучшими |добрыми )?(?:уважением|пожеланиями)|с ув\.|з повагою"
    r"|(?:best|kind|warm) (?:regards|wishes)|regards|sincerely|yours|cheers|mvh|mit freundlichen|viele grüße|mfg"
    r"|(?:med )?(?:vennlig|vänlig|venlig)\w* (?:hilsen|hälsning\w*)|cordialement|saludos|atentamente|atenciosamente"
    r"|cordiali saluti|met vriendelijke|pozdrawiam)(?!\w)",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"[\W_]{0,3}(?:добр(?:ый|ое|ого) (?:день|утро|вечер|дня)|здравствуй\w*|приветствую|привет|уважаем\w+"
    r"|доброго времени|добрий день|вітаю|hello|hi|hey|dear|good (?:morning|afternoon|evening|day)|hei|heisann"
    r"|hallo|god (?:morgen|dag|kveld)|kjære|hej|guten (?:tag|morgen)|bonjour|hola|buenos|olá|ciao|buongiorno|beste"
    r"|dzień dobry|witam)(?!\w)",
    re.IGNORECASE,
)
_MOST_GREETING_WORDS = 6


def is_closing(line: str) -> bool:
    """'С уважением', 'Best regards', 'Mvh' and the like at the beginning of a line."""
    return bool(_CLOSING.match(line))


def is_greeting(line: str) -> bool:
    """A short line that greets and says nothing else: 'Добрый день, Ольга!'."""
    return len(line.split()) <= _MOST_GREETING_WORDS and "?" not in line and bool(_GREETING.match(line))
