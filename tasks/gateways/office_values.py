"""From a parsed file to the frozen values of the office: validated strictly, each mistake told with its place.

The values are checked as strict JSON, so that nothing is guessed: 630 is no time, "1" no number, 101 no text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from tasks.gateways.strict_yaml import Path, SourceFile
from tasks.rules.nearest_name import nearest

T = TypeVar("T")

_REASONS = {
    "time_parsing": "write a time as 09:30",
    "time_type": "write a time as 09:30",
    "date_from_datetime_parsing": "write a date as 2026-11-17",
    "date_parsing": "write a date as 2026-11-17",
    "date_type": "write a date as 2026-11-17",
    "decimal_parsing": "write a number as 1500.00",
    "decimal_type": "write a number as 1500.00",
    "int_type": "write a whole number, without quotes",
    "bool_type": "write true or false",
    "tuple_type": "write a list, e.g. [one, two]",
    "dict_type": "write keys with values under it",
    "dataclass_type": "write keys with values under it",
}


def read_values(source: SourceFile, kind: type[T]) -> T | None:
    """`source.value` as a `kind`; None when there are mistakes, which are then in the source's problems."""
    try:
        return TypeAdapter(kind).validate_json(json.dumps(source.value, default=str), strict=True)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            source.add_problem(detail["loc"], _reason(detail, kind))
        return None


def _reason(detail: Mapping[str, Any], kind: type[Any]) -> str:
    path: Path = detail["loc"]
    key = str(path[-1]) if path else "the file"
    if detail["type"] in ("missing", "missing_argument"):
        return f"{key!r} is missing"
    if detail["type"] == "unexpected_keyword_argument":
        return _unknown_key(key, path, kind)
    if detail["input"] is None:
        return f"{_where(path)}: nothing is written; give a value, or leave the key out"
    if detail["type"] == "string_type":
        return f"{_where(path)}: {_short(detail['input'])} is read as something else than text; put it in quotes"
    if detail["type"] == "literal_error":
        hint = nearest(str(detail["input"]), re.findall(r"'([^']*)'", detail["ctx"]["expected"]))
        told = f"; did you mean {hint!r}?" if hint else ""
        return f"{_where(path)}: {_short(detail['input'])} must be {detail['ctx']['expected']}{told}"
    told = _REASONS.get(detail["type"], str(detail["msg"]))
    return f"{_where(path)}: {_short(detail['input'])}: {told}"


def _unknown_key(key: str, path: Path, kind: type[Any]) -> str:
    allowed = _keys_at(kind, path[:-1])
    hint = nearest(key, allowed)
    told = f"; did you mean {hint!r}?" if hint else f"; known here: {', '.join(allowed)}" if allowed else ""
    return f"unknown key {key!r}{told}"


def _keys_at(kind: Any, path: Path) -> list[str]:
    """The keys that may stand at `path` of a `kind`."""
    for step in path:
        if is_dataclass(kind):
            kind = get_type_hints(kind).get(str(step))
        elif get_origin(kind) is tuple:
            kind = get_args(kind)[0]
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
    return [field.name for field in fields(kind)] if is_dataclass(kind) else []


def _where(path: Path) -> str:
    """The last key of a path; for an item of a list its key and its position."""
    if path and isinstance(path[-1], int):
        return f"{path[-2] if len(path) > 1 else 'item'} {path[-1] + 1}"
    return str(path[-2] if len(path) > 1 and path[-1] == "[key]" else path[-1]) if path else "the file"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else f"{text[:40]}…"
