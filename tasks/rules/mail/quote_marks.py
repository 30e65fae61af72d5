"""Lines by which mail programs introduce what they quote, in Russian, English, German and Norwegian."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MONTHS = r"янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|jan|feb|apr|ma[yi]|jun|jul|aug|sep|o[ck]t|nov|de[csz]"
_DATE = re.compile(
    rf"\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}|\d{{4}}[./-]\d{{1,2}}[./-]\d{{1,2}}"
    rf"|\d{{1,2}}\.?\s+(?:{_MONTHS})\w*|(?:{_MONTHS})\w*\.?\s+\d{{1,2}}\b",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:пишет|писал[аи]?|написал[аи]?|написал\(а\)|сообщил[аи]?|wrote|writes|skrev|schrieb|a écrit|escribió)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"<?(?:mailto:)?[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+>?")
_MAIL_RU = re.compile(r".{0,80}\bот\b.{1,120}<[^<>]{3,120}>\s*:\s*$", re.IGNORECASE)
_YOU_WROTE = re.compile(r"(?:.{0,80}\s)?вы (?:на)?писали\b.{0,20}:?\s*$", re.IGNORECASE)
# How an attribution's last line must end or read; asked first, because it is cheap and almost always false.
_ENDS = re.compile(r":[\s*_]*$|писали", re.IGNORECASE)
_STARTS = re.compile(
    r"\s*[*_]?(?:on|am|den|le|el|пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
    r"|mon|tue|wed|thu|fri|sat|sun)\w*\b[.,]?\s",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\s*[*_]{0,2}(from|sent|to|cc|date|subject|reply-to|от(?: кого)?|отправлено|дата|кому|копия|тема|fra|til|kopi|dato"
    r"|emne|sendt|von|gesendet|an|betreff|datum)[*_]{0,2}\s*:",
    re.IGNORECASE,
)
_FROM_LABELS = frozenset({"from", "от", "от кого", "fra", "von"})
_SEPARATOR = re.compile(
    r"\s*(?:[-_=*]{2,}\s*(?:original message|original appointment|исходное сообщение|первоначальное сообщение"
    r"|ursprüngliche nachricht|opprinnelig melding|reply message|ответ)\s*[-_=*]{0,}"
    r"|_{20,}|-{30,})\s*$",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"\s*(?:[-_=*]{2,}\s*)?(?:forwarded message|begin forwarded message|(?:начало )?пересылаемо\w+ сообщени\w+"
    r"|пересланное сообщение|videresendt melding|weitergeleitete nachricht)\s*:?\s*[-_=*]{0,}\s*$",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"\s*(?:отправлено (?:с|из|от)\b|sent from (?:my|mail|outlook|yahoo)|sendt fra|von meinem .{0,40} gesendet"
    r"|get outlook for|скачать outlook|envoyé de)",
    re.IGNORECASE,
)
_MAX_JOINED = 4
_MAX_CHARS = 400


def attribution_length(lines: Sequence[str], start: int) -> int:
    """How many lines (1–4, 0 for none) from `start` say who wrote what is quoted below.

    The first of them must itself look like one, or a greeting above would be eaten.
    """
    if not any(_ENDS.search(line) for line in lines[start : start + _MAX_JOINED]) or not _looks_like_first(
        lines[start]
    ):
        return 0
    for count in range(1, _MAX_JOINED + 1):
        part = lines[start : start + count]
        if not part[-1].strip() or len(part) < count:
            return 0
        joined = " ".join(line.strip() for line in part)
        if len(joined) > _MAX_CHARS:
            return 0
        if _is_attribution(joined):
            return count
    return 0


def _looks_like_first(line: str) -> bool:
    text = line[:_MAX_CHARS]
    return bool(_DATE.search(text) or _STARTS.match(text) or _VERB.search(text) or _ADDRESS.search(text)) or bool(
        _YOU_WROTE.match(text)
    )


def _is_attribution(joined: str) -> bool:
    has_date, ends_open = bool(_DATE.search(joined)), joined.rstrip("* _").endswith(":")
    if _YOU_WROTE.fullmatch(joined) or (ends_open and _MAIL_RU.fullmatch(joined)):
        return True
    has_verb, has_address = bool(_VERB.search(joined)), bool(_ADDRESS.search(joined))
    return ends_open and ((has_verb and (has_date or has_address)) or (has_date and has_address))


def is_header_block(lines: Sequence[str], start: int) -> bool:
    """Whether a copied header begins here: three known labels within ten lines, the sender's among them."""
    if not _LABEL.match(lines[start]):
        return False
    labels = {m.group(1).lower() for line in lines[start : start + 10] if (m := _LABEL.match(line))}
    return len(labels) >= 3 and bool(labels & _FROM_LABELS)


def is_separator(line: str) -> bool:
    """A line that parts the answer from the message below."""
    return bool(_SEPARATOR.match(line))


def is_forward_mark(line: str) -> bool:
    """A line above a message that is passed on."""
    return bool(_FORWARD.match(line))


def is_device_footer(line: str) -> bool:
    """What telephones and webmail add by themselves."""
    return len(line) <= 120 and bool(_DEVICE.match(line))
