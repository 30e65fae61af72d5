"""Lines such as 'On Tue, 17 Nov 2026 at 10:12, Petr <petr@example.com> wrote:' above what a reply quotes.

They are known by what they hold (a date, a time, an address, a verb, a colon, quoted lines below), not by one
program's wording, because every program words them in every language. Two of these signs alone prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_MONTHS = (
    r"янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|квіт|трав|черв|лип|серп|вер|жовт|лист|груд"
    r"|jan|feb|fev|fév|mar|mrt|mrz|mär|apr|avr|abr|ma[yijg]|mei|gen|giu|jui|jun|jul|lug|ju[lin]|aug|août|ago|sep|set"
    r"|o[ck]t|out|ott|nov|de[csz]|dic|déc"
)
_DATE = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}[./-]\s?\d{1,2}[./-]\s?\d{1,2}\b"
    r"|\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]"
    r"|\b\d{1,2}(?:[.º]|st|nd|rd|th|er)?\s+(?:de\s+|of\s+)?[^\W\d_]{2,12}\.?,?\s+(?:de\s+|del\s+)?(?:19|20)\d\d\b"
    r"|\b[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d\b"
    r"|\b(?:19|20)\d\d\.?,?\s+[^\W\d_]{3,12}\.?\s+\d{1,2}\b"
    rf"|\b\d{{1,2}}[.º]?\s+(?:de\s+)?(?:{_MONTHS})\w*|\b(?:{_MONTHS})\w*\.?\s+\d{{1,2}}\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b\d{1,2}[:.]\d{2}(?::\d{2})?(?!\.?\d)|\b\d{1,2}\s?[hч]\s?\d{2}\b|\d\s?[時时点點시]", re.IGNORECASE
)
_ADDRESS = re.compile(r"[^\s<>@\[\]()]+@[^\s<>@\[\]()]+\.[^\s<>@\[\]()]+")
_NAMED = re.compile(rf"[<(\[\"]\s*(?:mailto:)?{_ADDRESS.pattern}")
_VERB = re.compile(
    r"\b(?:wrote|writes|said|quoting|пишет|писал[аи]?|написал[аи]?|сообщил[аи]?|пише|писа(?:в|ла)|написа(?:в|ла|л)"
    r"|піша|напісаў|skrev|schrieb|schreibt|zitat von|schreef|geschreven|écrit|escribi[óo]|escreveu|ha scritto|scrive"
    r"|va escriure|napísala?|napisala?|napsala?|napisała?|napisao|pisze|píše|piše|kirjoitti|kirjutas|rakstīja|rašė"
    r"|írta|scris|yazdı|έγραψε|đã viết|menulis)(?:\(\w{1,3}\))?(?!\w)"
    r"|写道|寫道|写了|書きました|のメール|작성|썼습니다|כתבה?|كتب",
    re.IGNORECASE,
)
_ENDS_WITH_VERB = re.compile(rf"(?:{_VERB.pattern})[\s:：*_]*$", re.IGNORECASE)
_BEGINS = re.compile(
    r"\W{0,3}(?:on|am|den|le|el|em|il|op|dne|dňa|dnia|w dniu|på|a|в|у|пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда"
    r"|четверг|пятница|суббота|воскресенье|mon|tue|wed|thu|fri|sat|sun|man|tir|ons|tor|fre|lør|søn)\w{0,6}[.,]?\s",
    re.IGNORECASE,
)
_MAIL_RU = re.compile(r".{0,80}\bот\b.{1,120}<[^<>]{3,120}>\s*:\s*$", re.IGNORECASE)
_YOU_WROTE = re.compile(
    r"(?:.{0,80}[,.!]\s+)?(?:вы (?:на)?писали|you wrote)\b[^а-яёa-z]{0,3}([^:?!]{0,40}[\d:]*)\s*:\s*$",
    re.IGNORECASE,
)
_OLD_GMAIL = re.compile(r"\W{0,2}\d{4}[./-]\d{1,2}[./-]\d{1,2}\s.{0,120}<[^<>\s]+@[^<>\s]+>\s*$")
_QUOTED = re.compile(r"\s{0,3}[>|]")
_QUOTED_NAME = re.compile(r"[\"„“«]([^\"„“«”»]{1,80})[\"”»“]")
_BESIDE_NAME = re.compile(
    r"[\"<>()\[\],;:]|\b(?:on|at|am|pm|um|uhr|kl|den|d|le|el|em|il|op|om|à|a|las|les|dnia|użytkownik|používateľ|uživatel"
    r"|пользователь|користувач|heeft|het|volgende|följande|tarihinde|şunu|in|г|в|о|у|от|mailto|gmt|msk|utc|[A-Z]{0,4}[+-]\d{2,4}"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)\w*|(?:понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|пн|вт|ср|чт|пт|сб|вс))"
    r"(?!\w)\.?",
    re.IGNORECASE,
)
_DATE_WITHIN_CHARS = 40
_MAX_JOINED = 4
_MAX_CHARS = 400
_COLONS = (":", "：")


def ends_open(line: str) -> bool:
    """Whether a line may be the last of an attribution: it ends with a colon, or with an address in brackets."""
    bare = line.rstrip(" \t*_")
    return bare.endswith(_COLONS) or (bare.endswith(">") and "@" in bare)


def attribution_length(lines: Sequence[str], start: int) -> int:
    """How many lines (1–4, 0 for none) from `start` say who wrote what is quoted below.

    Of several lines the first must itself begin like one, or a greeting above would be eaten.
    """
    joined = ""
    for count in range(1, _MAX_JOINED + 1):
        index = start + count - 1
        if index >= len(lines) or not lines[index].strip():
            return 0
        joined = f"{joined} {lines[index].strip()}".strip()
        if len(joined) > _MAX_CHARS or (count > 1 and not _may_begin(lines[start])):
            return 0
        if ends_open(joined) and _is_attribution(joined, lines, index + 1):
            is_own_line_above = count > 1 and _is_whole_below(lines, start + 1, index + 1)
            return 0 if is_own_line_above else count
    return 0


def attributed(joined: str) -> tuple[str, str, str]:
    """Name, lower-case address and date of an attribution on one line; '' for what it does not tell."""
    date, address = _DATE.search(joined), _ADDRESS.search(joined)
    clock = _TIME.search(joined, date.end()) if date else None
    spans = [match.span() for match in (date, address, clock) if match]
    rest = "".join(character for at, character in enumerate(joined) if not any(a <= at < b for a, b in spans))
    quoted = _QUOTED_NAME.search(rest)
    words = _BESIDE_NAME.sub(" ", _VERB.sub(" ", rest)).split()
    name = quoted.group(1) if quoted else " ".join(words).strip(" .,;:<>()[]*_")
    said = joined[date.start() : clock.end() if clock else date.end()] if date else ""
    return name.strip(), address.group().lower() if address else "", said


def _may_begin(line: str) -> bool:
    return bool(
        _BEGINS.match(line)
        or _DATE.search(line[:_DATE_WITHIN_CHARS])
        or _ADDRESS.search(line)
        or _VERB.search(line)
        or line.rstrip().endswith("<")
    )


def _is_whole_below(lines: Sequence[str], start: int, end: int) -> bool:
    """The lines from `start` already hold a date and are an attribution: the one above is the writer's own.

    Unless it is 'Petr <petr@example.com>' and they name nobody.
    """
    joined = " ".join(line.strip() for line in lines[start:end])
    if lines[start - 1].rstrip().endswith(">") and _NAMED.search(lines[start - 1]) and not _ADDRESS.search(joined):
        return False
    return bool(_DATE.search(joined)) and _is_attribution(joined, lines, end)


def _is_attribution(joined: str, lines: Sequence[str], below: int) -> bool:
    text = joined.rstrip(" \t*_")
    if not text.endswith(_COLONS):
        return bool(_OLD_GMAIL.match(text)) and _is_quoted_below(lines, below)
    date, has_verb = _DATE.search(text), bool(_VERB.search(text))
    if _MAIL_RU.match(text) or ((date or has_verb) and _NAMED.search(text)):
        return True
    if you := _YOU_WROTE.match(text):
        return bool(date) or not you.group(1).strip() or _is_quoted_below(lines, below)
    if _NAMED.search(text) and _is_quoted_below(lines, below):
        return True
    if date is None:
        return has_verb and bool(_ENDS_WITH_VERB.search(text)) and _only_quote_below(lines, below)
    has_time = bool(_TIME.search(_DATE.sub(" ", text)))
    if has_verb and (has_time or (_begins_with(text, date) and _ENDS_WITH_VERB.search(text))):
        return True
    return (has_verb or has_time) and _is_quoted_below(lines, below)


def _begins_with(text: str, date: re.Match[str]) -> bool:
    before = text[: date.start()]
    return not any(character.isalnum() for character in before) or bool(_BEGINS.match(before))


def _is_quoted_below(lines: Sequence[str], start: int) -> bool:
    for line in lines[start : start + 3]:
        if line.strip():
            return bool(_QUOTED.match(line))
    return False


def _only_quote_below(lines: Sequence[str], start: int) -> bool:
    """Quoted lines and blank ones down to the end of the text."""
    has_quote = False
    for index in range(start, len(lines)):
        if _QUOTED.match(lines[index]):
            has_quote = True
        elif lines[index].strip():
            return False
    return has_quote
