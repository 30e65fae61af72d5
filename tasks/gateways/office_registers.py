"""The tables of papers that expire: registers/KEY.csv as a spreadsheet saves it, with `;` or `,` and a header."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import MISSING, fields
from typing import Any

from tasks.gateways.office_values import read_values
from tasks.gateways.strict_yaml import SourceFile
from tasks.rules.nearest_name import nearest
from tasks.rules.office import RegisterEntry

_COLUMNS = tuple(field.name for field in fields(RegisterEntry))
_REQUIRED = tuple(field.name for field in fields(RegisterEntry) if field.default is MISSING)
_DATES = ("issued_on", "valid_until")
_DOTTED_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")


def read_register(name: str, content: bytes) -> tuple[SourceFile, tuple[RegisterEntry, ...]]:
    """The entries of one table; mistakes are in the source's problems. Dates: 2026-11-17 or 17.11.2026."""
    source = SourceFile(name, value=[])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        source.refuse(1, "the file is not UTF-8; save it as 'CSV UTF-8'")
        return source, ()
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in header else ",", strict=True)
    try:
        columns = [column.strip() for column in next(reader, [])]
        _check_header(source, columns)
        if not source.is_broken:
            _read_rows(source, columns, reader)
    except csv.Error as error:
        source.refuse(reader.line_num, f"this is no CSV: {error}")
    if source.problems:
        return source, ()
    return source, read_values(source, tuple[RegisterEntry, ...]) or ()


def _check_header(source: SourceFile, columns: list[str]) -> None:
    for column in columns:
        if column not in _COLUMNS:
            hint = nearest(column, _COLUMNS)
            told = f"; did you mean {hint!r}?" if hint else f"; known: {', '.join(_COLUMNS)}"
            source.refuse(1, f"unknown column {column!r}{told}")
    for column in _REQUIRED:
        if column not in columns:
            source.refuse(1, f"the column {column!r} is missing")
    if len(set(columns)) != len(columns):
        source.refuse(1, "a column stands here twice")


def _read_rows(source: SourceFile, columns: list[str], reader: Any) -> None:
    line = reader.line_num
    for cells in reader:
        first_line, line = line + 1, reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        source.lines[(len(source.value),)] = first_line
        if len(cells) != len(columns):
            source.problems.append((first_line, f"{len(cells)} cells under {len(columns)} columns"))
        row = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
        source.value.append({c: _iso_date(cell) if c in _DATES else cell for c, cell in row.items()})


def _iso_date(cell: str) -> str:
    """A date as Russian spreadsheets write it, in ISO 8601; anything else as it is."""
    match = _DOTTED_DATE.fullmatch(cell)
    return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}" if match else cell
