"""Finding the row that ends what the writer wrote: an attribution, a copied header, a separator, a forward's title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tasks.rules.mail.attributions import attribution_length, ends_open
from tasks.rules.mail.header_labels import header_length, is_header_block, label_of
from tasks.rules.mail.quote_marks import is_forward_mark, is_quoted, is_separator

# Marks are looked for with unusual spaces and invisible characters evened out; what is kept keeps them.
_UNUSUAL = re.compile("[\u00a0\u00ad\u2002-\u200f\u202a-\u202f\u205f-\u2064\u3000\ufeff]")
_SPACES = re.compile("[\u00a0\u2002-\u200a\u202f\u205f\u3000]")
_LEVEL = re.compile(r"\s{0,3}[>|] ?")
_MAX_LINES = 4000
_MAX_LINE_CHARS = 1000
_ATTRIBUTION_LINES = 4
_HEADER_WITHIN_LINES = 4

MarkKind = Literal["attribution", "block", "forward"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A row that introduces another message: where it begins and how many lines it takes."""

    kind: MarkKind
    start: int
    length: int = 1


def split_lines(text: str) -> tuple[list[str], list[str]]:
    """The text's lines as they are, and the same for looking at: plain spaces, nothing invisible, long lines cut.

    Beyond 4,000 lines the rest is one line, so that no text takes longer than that many.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n", _MAX_LINES)
    if text.isascii() or not _UNUSUAL.search(text):
        return lines, [line if len(line) <= _MAX_LINE_CHARS else line[:_MAX_LINE_CHARS] for line in lines]
    return lines, [_UNUSUAL.sub("", _SPACES.sub(" ", line[:_MAX_LINE_CHARS])) for line in lines]


def first_mark(view: Sequence[str], start: int = 0, *, with_attributions: bool = True) -> Mark | None:
    """The first mark from line `start` that is not itself quoted."""
    open_end = start - 1
    for index in range(start, len(view)):
        line = view[index]
        if not line.strip() or is_quoted(line):
            continue
        if is_forward_mark(view, index):
            return Mark("forward", index)
        if is_separator(view, index) or is_header_block(view, index):
            return Mark("block", index)
        if with_attributions:
            open_end = _next_open(view, max(open_end, index))
            if open_end - index < _ATTRIBUTION_LINES and (length := attribution_length(view, index)):
                return Mark("attribution", index, length)
    return None


def _next_open(view: Sequence[str], start: int) -> int:
    """The first line from `start` that may end an attribution."""
    for index in range(start, len(view)):
        if ends_open(view[index]):
            return index
    return len(view) + _ATTRIBUTION_LINES


def message_start(view: Sequence[str], mark: Mark) -> int:
    """Where the text of the message that a mark introduces begins: below its copied header, if there is one."""
    begin = mark.start if label_of(view[mark.start]) else mark.start + mark.length
    for index in range(begin, min(begin + _HEADER_WITHIN_LINES, len(view))):
        if label_of(view[index]):
            return index + header_length(view, index)
    return begin


def message_lines(lines: Sequence[str], view: Sequence[str], mark: Mark) -> Sequence[str]:
    """The message's lines; without one level of quoting where they are quoted."""
    body = lines[message_start(view, mark) :]
    return without_level(body) if is_quoted(next((line for line in body if line.strip()), "")) else body


def without_level(lines: Sequence[str]) -> list[str]:
    """The lines with one level of quoting taken away."""
    return [_LEVEL.sub("", line, count=1) if is_quoted(line) else line for line in lines]


def has_words(lines: Sequence[str]) -> bool:
    """Whether any letter or digit stands in the lines."""
    return any(character.isalnum() for line in lines for character in line)
