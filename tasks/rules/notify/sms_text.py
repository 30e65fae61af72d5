"""What fits into a text message, and which numbers can get one."""

from __future__ import annotations

import phonenumbers

_MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
# 3GPP TS 23.038: the basic alphabet has 7 bits a letter, its extension two letters; everything else is UCS-2
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€")
# 3GPP TS 23.040: of several parts each gives 7 letters (3 in UCS-2) to the header that joins them
_BASIC_ALONE, _BASIC_JOINED, _UCS2_ALONE, _UCS2_JOINED = 160, 153, 70, 67
_CUT = "..."


def takes_sms(e164: str) -> bool:
    """Whether this number can be a mobile telephone's."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(e164)) in _MOBILE
    except phonenumbers.NumberParseException:
        return False


def sms_parts(text: str) -> int:
    """How many messages a text costs."""
    is_basic = all(letter in _BASIC or letter in _EXTENDED for letter in text)
    units = sum(2 if letter in _EXTENDED else 1 for letter in text) if is_basic else len(text.encode("utf-16-le")) // 2
    alone, joined = (_BASIC_ALONE, _BASIC_JOINED) if is_basic else (_UCS2_ALONE, _UCS2_JOINED)
    return 1 if units <= alone else -(-units // joined)


def fit_sms(text: str, max_parts: int) -> str:
    """The text with single spaces, cut at a word so that it costs at most `max_parts` messages."""
    whole = " ".join(text.split())
    if sms_parts(whole) <= max_parts:
        return whole
    low, high = 0, len(whole)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if sms_parts(whole[:middle] + _CUT) <= max_parts else (low, middle - 1)
    kept = whole[:low]
    word_end = kept.rfind(" ")
    return (kept[:word_end] if word_end > low // 2 else kept).rstrip(" .,;:") + _CUT
