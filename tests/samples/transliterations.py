"""The three ways Russian names are usually written in Latin letters, as tables, for tests and sample people."""

from __future__ import annotations

_COMMON = dict(zip("абвгдзиклмнопрстуф", "abvgdziklmnoprstuf", strict=True)) | {"ч": "ch", "ш": "sh"}
ICAO = _COMMON | {
    "е": "e", "ё": "e", "ж": "zh", "й": "i", "х": "kh", "ц": "ts", "щ": "shch", "ъ": "ie", "ы": "y", "ь": "", "э": "e",
    "ю": "iu", "я": "ia",
}  # fmt: skip
BGN = _COMMON | {
    "е": "e", "ё": "yo", "ж": "zh", "й": "y", "х": "kh", "ц": "ts", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e",
    "ю": "yu", "я": "ya",
}  # fmt: skip
SCHOLARLY = _COMMON | {
    "е": "e", "ё": "jo", "ж": "zh", "й": "j", "х": "h", "ц": "c", "щ": "shh", "ъ": "", "ы": "y", "ь": "", "э": "e",
    "ю": "ju", "я": "ja",
}  # fmt: skip
SCHEMES = {"icao": ICAO, "bgn": BGN, "scholarly": SCHOLARLY}


def transliterate(text: str, scheme: dict[str, str]) -> str:
    """Russian text in Latin letters, capitals kept at the beginning of words; other letters stay."""
    words = []
    for word in text.split(" "):
        latin = "".join(scheme.get(one, one) for one in word.lower())
        words.append(latin[:1].upper() + latin[1:] if word[:1].isupper() else latin)
    return " ".join(words)
