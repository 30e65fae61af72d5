"""Plain text as what its reader sees in it: paragraphs, quoted lines and lists; every word stays, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

BlockKind = Literal["text", "quote", "list"]
_QUOTE, _ITEM = ">", "- "
_WIDE = "\u00a0"  # a space that HTML shows at the beginning of a line


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines that belong together; the marks of quotes and lists are taken off."""

    kind: BlockKind
    lines: tuple[str, ...]


def text_blocks(text: str) -> tuple[TextBlock, ...]:
    """The blocks of `text`: an empty line ends one, and so does a change of kind."""
    return tuple(
        TextBlock(kind, tuple(_shown(line, kind) for line in lines))
        for paragraph in _paragraphs(text)
        for kind, lines in groupby(paragraph, _kind)
    )


def _paragraphs(text: str) -> Iterator[list[str]]:
    for is_full, lines in groupby(text.splitlines(), lambda line: bool(line.strip())):
        if is_full:
            yield list(lines)


def _kind(line: str) -> BlockKind:
    return "quote" if line.startswith(_QUOTE) else "list" if line.startswith(_ITEM) else "text"


def _shown(line: str, kind: BlockKind) -> str:
    if kind != "text":
        return line[1:].strip()
    words = line.strip()
    return _WIDE * (len(line.rstrip()) - len(words)) + words
