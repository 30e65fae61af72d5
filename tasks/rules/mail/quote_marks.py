"""Rows that mail programs set above a message they quote or pass on, and the marks of quoted lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from tasks.rules.mail.header_labels import is_header_block, label_of

_QUOTED = re.compile(r"\s{0,3}(?:>|\|(?!.*\|\s*$))")
_INITIALS = re.compile(r"\s{0,3}[A-ZА-ЯЁ]{1,3}>")
_ROW = re.compile(r"\s{0,8}[-_=*#~–—]{2,}\s?")
_BARE_ROW = re.compile(r"\s*(?:_{10,}|-{10,}|={10,}|\*{10,}|—{5,})\s*$")
# A lone U+1427 is the tracking dot of a Gmail extension.
_RULE = re.compile(r"\s*(?:[-_=*~–—]{3,}|\u1427)\s*$")
_TITLE = re.compile(r"\s{0,8}[-_=*#~–—]{2,}[^-_=*#~–—]{3,100}[-_=*#~–—]{2,}")


def _folded(text: str) -> str:
    """Lower case without accents (й becomes и, Hangul falls apart)."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("ł", "l"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


# Stems, because the programs of one language word these rows in several ways.
_FORWARDED = re.compile(
    _folded(
        r"forward|\bfwd\b|пересл|пересыл|переадрес|перенаправ|пераслан|препратен|прослеђен|videresend|vidarebefor|välitet"
        r"|edelleen|edasisaa|edasta|pārsūt|persiųs|weitergeleit|doorgestuurd|doorgezonden|transfér|réexpédi|transmis"
        r"|reenvi|encaminh|inoltrat|redirec|înaintat|przekaz|przesł|přeposl|preposl|preposiel|předan|postúpen|proslij"
        r"|posredovan|tovább|iletil|yönlendir|προωθημ|הועבר|معاد|محول|chuyển tiếp|terusan|diteruskan"
        r"|转发|轉寄|转寄|轉發|転送|전달"
    )
)
_ORIGINAL = re.compile(
    _folded(
        r"original|исходн|первоначальн|оригинал|оригінал|початков|вихідн|зыходн|opprinnelig|oprindelig|ursprün|ursprung"
        r"|alkuperäi|algne|sākotnēj|pradin|oorspronk|d'origine|oryginal|původn|pôvodn|izvorn|izvirn|eredeti|orijinal"
        r"|αρχικό|המקורי|الأصلي|thư gốc|pesan asli|原始|原邮件|原郵件|元の|원본|reply message|reply above"
        r"|выше этой (?:линии|черты|строки)|\b(?:wrote|schrieb|a écrit|написал\w?|пишет|skrev)\s?[:-]"
    )
)
_MOST_ROW_CHARS = 120
_MOST_INTRODUCTION_WORDS = 6
_LABEL_WITHIN_LINES = 4


def is_quoted(line: str) -> bool:
    """A line that a program marked as quoted: '>' or '|' ('C>' and the rows of a drawn table are none)."""
    return bool(_QUOTED.match(line))


def is_quoted_by_initials(line: str) -> bool:
    """A line quoted in the manner of The Bat! ('ИП> text'); certain only below an attribution."""
    return bool(_INITIALS.match(line))


def is_rule(line: str) -> bool:
    """A row of dashes and the like, or another line without a word."""
    return bool(_RULE.match(line))


def is_forward_mark(lines: Sequence[str], index: int) -> bool:
    """'---------- Forwarded message ---------', or 'Begin forwarded message:' above a copied header."""
    line = lines[index]
    if _ROW.match(line):
        return _says(line, _FORWARDED) and _is_title(lines, index)
    bare = line.rstrip(" \t*_")
    if not bare.endswith((":", "：")) or len(bare.split()) > _MOST_INTRODUCTION_WORDS:
        return False
    return _says(bare, _FORWARDED) and _has_label_below(lines, index)


def is_separator(lines: Sequence[str], index: int) -> bool:
    """'-----Original Message-----' in any of many languages, or a bare row above a copied header."""
    line = lines[index]
    if not _ROW.match(line):
        return False
    if _BARE_ROW.match(line):
        near = range(index + 1, min(index + _LABEL_WITHIN_LINES, len(lines)))
        return any(is_header_block(lines, at) or _is_unknown_block(lines, at) for at in near)
    return _says(line, _ORIGINAL) and _is_title(lines, index)


def _says(line: str, stems: re.Pattern[str]) -> bool:
    return bool(stems.search(_folded(line[:_MOST_ROW_CHARS])))


def _is_title(lines: Sequence[str], index: int) -> bool:
    """Words between two rows, or above a copied header; '-- forwarded it to Petr' is neither."""
    return bool(_TITLE.match(lines[index])) or _has_label_below(lines, index)


def _is_unknown_block(lines: Sequence[str], start: int) -> bool:
    """Three lines in a row 'Word: value', one with an address: a header in a language that the tables lack."""
    part = lines[start : start + 3]
    return len(part) == 3 and all(0 < line.find(":") <= 20 for line in part) and any("@" in line for line in part)


def _has_label_below(lines: Sequence[str], index: int) -> bool:
    below = (line.lstrip("> \t") for line in lines[index + 1 : index + 1 + _LABEL_WITHIN_LINES])
    return any(label_of(line) for line in below)
