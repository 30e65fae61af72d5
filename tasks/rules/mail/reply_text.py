"""What a person really wrote in a reply: without the quoted message and without the signature.

When in doubt more is kept, never less; the full text is stored beside it anyway.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.rules.mail import quote_marks

_QUOTED = re.compile(r"\s{0,3}[>|]")
_SIGNATURE = re.compile(r"--\s?$")
_MAX_LINES = 4000
_FOOTER_WITHIN_LINES = 4


@dataclass(frozen=True, slots=True)
class ReplyParts:
    """The three parts of a reply's text; any may be empty."""

    reply: str
    signature: str = ""
    quote: str = ""


def split_reply(text: str) -> ReplyParts:
    """Part a mail's text. Answers between quoted lines and bare forwards are kept whole (nothing else is there)."""
    lines = text.split("\n", _MAX_LINES)
    if _is_answered_inline(lines):
        return ReplyParts(text.strip())
    start, end, mark = _own_lines(lines)
    own = lines[start:end]
    if not _has_words(own):
        return ReplyParts(text.strip()) if mark == "forward" else ReplyParts("", quote=text.strip())
    body, signature = _without_signature(own)
    quote = lines[:start] + lines[end:]
    return ReplyParts(_joined(body), _joined(signature), _joined(quote))


def _own_lines(lines: Sequence[str]) -> tuple[int, int, str]:
    """Where the writer's own lines stand, and what ended them: attribution, block, forward, quote or nothing."""
    cut, length, mark = _first_mark(lines)
    if mark == "attribution" and not _has_words(lines[:cut]):
        return _below_quote(lines, cut + length)
    if mark:
        return 0, _trim_quoted_end(lines, cut), mark
    return 0, _trim_quoted_end(lines, len(lines)), ""


def _first_mark(lines: Sequence[str]) -> tuple[int, int, str]:
    for index, line in enumerate(lines):
        if not line.strip() or _QUOTED.match(line):
            continue
        if quote_marks.is_forward_mark(line):
            return index, 1, "forward"
        if quote_marks.is_separator(line) and _announces_message(lines, index):
            return index, 1, "block"
        if quote_marks.is_header_block(lines, index):
            return index, 1, "block"
        if length := quote_marks.attribution_length(lines, index):
            return index, length, "attribution"
    return len(lines), 0, ""


def _announces_message(lines: Sequence[str], index: int) -> bool:
    """A row of dashes alone parts nothing; one that names a message, or stands above a copied header, does."""
    if any(character.isalpha() for character in lines[index]):
        return True
    return any(quote_marks.is_header_block(lines, at) for at in range(index + 1, min(index + 4, len(lines))))


def _below_quote(lines: Sequence[str], start: int) -> tuple[int, int, str]:
    """Written below the quotation: skip its leading run of quoted lines."""
    index = start
    while index < len(lines) and (not lines[index].strip() or _QUOTED.match(lines[index])):
        index += 1
    return index, _trim_quoted_end(lines, len(lines)), "attribution"


def _trim_quoted_end(lines: Sequence[str], end: int) -> int:
    index = end
    while index > 0 and (not lines[index - 1].strip() or _QUOTED.match(lines[index - 1])):
        index -= 1
    return index


def _is_answered_inline(lines: Sequence[str]) -> bool:
    """Two or more answers, each below some quoted lines."""
    answers, was_quoted = 0, False
    for line in lines:
        if not line.strip():
            continue
        is_quoted = bool(_QUOTED.match(line))
        answers += was_quoted and not is_quoted
        was_quoted = is_quoted
    return answers >= 2


def _without_signature(lines: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    for index, line in enumerate(lines):
        if _SIGNATURE.match(line) and _has_words(lines[:index]):
            return lines[:index], lines[index:]
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for index in filled[-_FOOTER_WITHIN_LINES:]:
        if quote_marks.is_device_footer(lines[index]) and index != filled[0]:
            return lines[:index], lines[index:]
    return lines, ()


def _has_words(lines: Sequence[str]) -> bool:
    return any(character.isalnum() for line in lines for character in line)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip()
