"""What a subject's prefix says: an answer ('Re:', 'SV:', 'Отв:') or a message passed on ('Fwd:', 'VS:', 'Пересл:')."""

from __future__ import annotations

import re

# Prefixes of Outlook, Gmail, Thunderbird, Lotus and Yandex in the languages of header_labels; 'Re[2]:' is The Bat!'s.
_COUNT = r"\s{0,2}(?:[\[(]\d{1,3}[\])]|\^\d{1,3})?\s{0,2}[:：]"
_TAG = r"\s*(?:\[[^\[\]]{1,40}\]\s*){0,3}"
_MOST_PREFIXES = 10
_REPLY = re.compile(
    rf"{_TAG}(?:re|aw|sv|antw|ant|odp|ответ|отв|відп|vá|ynt|yanıt|ref|rif|res|rép|bls|svar|atb|απ|回复|回覆|答复|答覆"
    rf"|返信|회신|답장){_COUNT}",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    rf"{_TAG}(?:fwd?|forward|wg|wtr|tr|vs|vb|vl|doorst|i|rv|enc|inoltro|pd|podaj dalej|fs|pr|továbbítás|tov|ilt|ileti"
    rf"|пересл|переслано|переадр|пд|ht|πρθ|הועבר|转发|轉寄|转寄|轉發|転送|전달){_COUNT}",
    re.IGNORECASE,
)


def is_reply_subject(subject: str) -> bool:
    """Whether the subject begins with an answer's prefix."""
    return bool(_REPLY.match(subject))


def is_forward_subject(subject: str) -> bool:
    """Whether the subject begins with a forward's prefix (one behind an answer's prefix does not count)."""
    return bool(_FORWARD.match(subject))


def without_prefixes(subject: str) -> str:
    """The subject without the answers' and forwards' prefixes at its beginning, at most ten."""
    for _ in range(_MOST_PREFIXES):
        match = _FORWARD.match(subject) or _REPLY.match(subject)
        if match is None:
            break
        subject = subject[match.end() :].lstrip()
    return subject
