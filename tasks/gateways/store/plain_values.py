"""Columns of values as an engine's driver takes them, the same as SQLAlchemy writes, made a column at a time.

SQLite takes values; PostgreSQL's COPY takes a text (its documentation, "COPY", "Text Format"), which the driver would
make value by value in three times the time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sql.column_types import UtcDateTime, sqlite_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NULL = r"\N"
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def sqlite_values(kind: sa.types.TypeEngine[Any], values: Sequence[Any]) -> Sequence[Any]:
    """The values of a column of this type as SQLite's driver takes them. Raises TypeError for a naive time."""
    if isinstance(kind, UtcDateTime):
        return _moments(values)
    return [_json_text(value) for value in values] if isinstance(kind, sa.JSON) else values


def copy_lines(kinds: Sequence[sa.types.TypeEngine[Any]], columns: Sequence[Sequence[Any]]) -> str:
    """Columns of these types as lines of COPY's text. Raises TypeError for a naive time."""
    fields = [_copy_fields(kind, values) for kind, values in zip(kinds, columns, strict=True)]
    return "".join(f"{line}\n" for line in map("\t".join, zip(*fields, strict=True)))


def _copy_fields(kind: sa.types.TypeEngine[Any], values: Sequence[Any]) -> Sequence[str]:
    if isinstance(kind, UtcDateTime):
        return [_NULL if text is None else f"{text}+00" for text in _moments(values)]
    if isinstance(kind, sa.JSON):
        return _escaped([_json_text(value) for value in values])
    if isinstance(kind, sa.String):
        return _escaped(values)
    if isinstance(kind, sa.LargeBinary):
        raise TypeError("bytes have another text in COPY")
    return [_NULL if value is None else str(value) for value in values]


def _escaped(values: Sequence[str | None]) -> Sequence[str]:
    texts = [_NULL if value is None else value for value in values]
    joined = "".join(value for value in values if value)
    if not any(mark in joined for mark in "\\\t\n\r"):
        return texts
    return [_NULL if value is None else value.translate(_ESCAPED) for value in values]


def _json_text(value: Any) -> str:
    """As json.dumps, which makes an encoder for every single list: most are of a few plain words."""
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        letters = "".join(value)
        if value and letters.isascii() and letters.isprintable() and '"' not in letters and "\\" not in letters:
            return f"""["{'", "'.join(value)}"]"""
    return json.dumps(value)


def _moments(values: Sequence[datetime | None]) -> list[str | None]:
    """As SQLAlchemy writes them, from two tables: four times as fast. Raises TypeError for a naive time."""
    since = [None if moment is None else moment - _EPOCH for moment in values]
    return [
        None if one is None
        else _DAYS[one.days] + _SECONDS[one.seconds] if not one.microseconds
        else sqlite_text(_EPOCH + one)
        for one in since
    ]  # fmt: skip


class _Days(dict[int, str]):
    """Days since 1970 as the first half of a time's text."""

    def __missing__(self, days: int) -> str:
        self[days] = text = f"{(_EPOCH + timedelta(days)).date()} "
        return text


class _Seconds(dict[int, str]):
    """Seconds since midnight as the second half."""

    def __missing__(self, seconds: int) -> str:
        minutes = seconds // 60
        self[seconds] = text = f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds % 60:02d}.000000"
        return text


_DAYS, _SECONDS = _Days(), _Seconds()
