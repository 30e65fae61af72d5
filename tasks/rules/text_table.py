"""A table as lines of text, for people at a terminal: columns aligned, numbers to the right."""

from __future__ import annotations

from collections.abc import Sequence

_GAP = "  "


def text_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """The heading and a line per row; without rows nothing. Line breaks within a cell become blanks."""
    if not rows:
        return []
    cells = [[" ".join(str(cell).split()) for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in (list(head), *cells)) for column in range(len(head))]
    is_number = [all(isinstance(row[column], int) for row in rows) for column in range(len(head))]
    return [_line(line, widths, is_number) for line in (list(head), *cells)]


def _line(cells: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> str:
    aligned = (
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, is_number, strict=True)
    )
    return _GAP.join(aligned).rstrip()
