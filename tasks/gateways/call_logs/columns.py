"""The cells of a line or JSON object by the names of their columns, and what may stand in them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.gateways.call_logs.line_text import RefusedLineError

_WRAPPED = re.compile(r"^\s*INSERT INTO .*?VALUES\s*\((.*)\)\s*;?\s*$", re.IGNORECASE | re.DOTALL)
_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)


def split_cells(text: str, delimiter: str = ",") -> list[str]:
    """A line's cells. Raises RefusedLineError when the quotes do not match."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        rows = list(csv.reader([text], strict=True, delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise RefusedLineError(f"the quotes do not match: {error}") from error
    if len(rows) != 1:
        raise RefusedLineError("the quotes do not match")
    return rows[0]


def unwrapped(text: str) -> str:
    """The values of a line that is written as an SQL statement (FreeSWITCH's sql template); others as they are."""
    found = _WRAPPED.match(text) if text.lstrip()[:6].upper() == "INSERT" else None
    return found[1] if found else text


def named(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Cells by column. Raises RefusedLineError for a ragged row."""
    if len(cells) != len(names):
        raise RefusedLineError(f"the line has {len(cells)} columns, {len(names)} are expected")
    return dict(zip(names, cells, strict=True))


def named_row(names: Sequence[str], fewest: int, columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    """Cells by column where a row may stop early: a make's own `names`, else the office's `columns`, which must fit.

    Raises RefusedLineError.
    """
    names = columns or names
    if not fewest <= len(row) <= len(names) or (columns and len(row) != len(names)):
        raise RefusedLineError(f"the line has {len(row)} columns, {len(names)} are expected: put yours into `columns`")
    return dict(zip(names, (cell.strip() for cell in row), strict=False))


def json_cells(text: str) -> dict[str, str]:
    """A JSON object as cells: texts as they are, nothing for null. Raises RefusedLineError."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedLineError("the line is no JSON") from error
    if not isinstance(found, dict):
        raise RefusedLineError("the JSON is no object")
    return flat(found)


def flat(found: Mapping[str, Any]) -> dict[str, str]:
    """A JSON object as cells by name; what is nested keeps its own JSON."""
    return {str(name).casefold(): _text(value) for name, value in found.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def need(cells: Mapping[str, str], name: str) -> str:
    """A cell that must be there with a value. Raises RefusedLineError."""
    text = cells.get(name, "").strip()
    if not text:
        raise RefusedLineError(f"{name} is missing")
    return text


def whole_seconds(text: str, name: str) -> int:
    """A duration in whole seconds; '19.52' (high resolution) loses its fraction. Raises RefusedLineError."""
    whole, dot, part = text.strip().partition(".")
    if not _WHOLE.fullmatch(whole) or (dot and not part.isdecimal()):
        raise RefusedLineError(f"{name} is no whole number of seconds")
    return int(whole)
