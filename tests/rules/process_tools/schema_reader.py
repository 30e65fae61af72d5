"""A small reader of JSON Schema: what process.schema.json uses of it, and nothing silently passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

_NOTES = {"$schema", "$defs", "title", "description"}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float, Decimal),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}


def mistakes(schema: Mapping[str, Any], value: Any) -> list[str]:
    """Where the value does not fit the schema; [] when it does."""
    return list(_mistakes(schema, schema, value, "file"))


def _mistakes(root: Mapping[str, Any], schema: Mapping[str, Any], value: Any, place: str) -> Iterator[str]:
    for key, wanted in schema.items():
        if key in _NOTES or key == "additionalProperties":
            continue
        yield from _CHECKS[key](root, schema, wanted, value, place)


def _type(_root: Any, _schema: Any, wanted: Any, value: Any, place: str) -> Iterator[str]:
    names = [wanted] if isinstance(wanted, str) else wanted
    if not any(isinstance(value, _TYPES[name]) and (name == "boolean") == isinstance(value, bool) for name in names):
        yield f"{place}: no {wanted}"


def _properties(root: Any, schema: Any, wanted: Any, value: Any, place: str) -> Iterator[str]:
    for key, part in value.items() if isinstance(value, dict) else ():
        if key in wanted:
            yield from _mistakes(root, wanted[key], part, f"{place}.{key}")


def _others(root: Any, schema: Any, value: Any, place: str) -> Iterator[str]:
    rest = schema["additionalProperties"]
    for key, part in value.items() if isinstance(value, dict) else ():
        if key in schema.get("properties", {}):
            continue
        if rest is False:
            yield f"{place}: unknown key {key}"
        else:
            yield from _mistakes(root, rest, part, f"{place}.{key}")


def _items(root: Any, _schema: Any, wanted: Any, value: Any, place: str) -> Iterator[str]:
    for number, part in enumerate(value if isinstance(value, list) else ()):
        yield from _mistakes(root, wanted, part, f"{place}.{number}")


def _object(root: Any, schema: Any, wanted: Any, value: Any, place: str) -> Iterator[str]:
    yield from _type(root, schema, wanted, value, place)
    if "additionalProperties" in schema:
        yield from _others(root, schema, value, place)


def _choice(root: Any, wanted: Any, value: Any, place: str, *, is_one: bool) -> Iterator[str]:
    fitting = sum(1 for part in wanted if not list(_mistakes(root, part, value, place)))
    if fitting == 0 or (is_one and fitting > 1):
        yield f"{place}: {fitting} of the choices fit"


def _size(value: Any, place: str, *, is_wrong: bool, kind: type) -> Iterator[str]:
    if isinstance(value, kind) and not isinstance(value, bool) and is_wrong:
        yield f"{place}: too few, too many, too small or too large"


_CHECKS: Mapping[str, Any] = {
    "type": _object,
    "properties": _properties,
    "items": _items,
    "$ref": lambda root, _s, w, v, p: _mistakes(root, root["$defs"][w.rpartition("/")[2]], v, p),
    "enum": lambda _r, _s, w, v, p: [] if v in w else [f"{p}: none of {w}"],
    "pattern": lambda _r, _s, w, v, p: [] if not isinstance(v, str) or re.search(w, v) else [f"{p}: {v!r}"],
    "required": lambda _r, _s, w, v, p: [f"{p}: no {k}" for k in w if isinstance(v, dict) and k not in v],
    "propertyNames": lambda r, _s, w, v, p: [e for k in (v or {}) for e in _mistakes(r, w, k, p)],
    "anyOf": lambda r, _s, w, v, p: _choice(r, w, v, p, is_one=False),
    "oneOf": lambda r, _s, w, v, p: _choice(r, w, v, p, is_one=True),
    "minItems": lambda _r, _s, w, v, p: _size(v, p, is_wrong=isinstance(v, list) and len(v) < w, kind=list),
    "minProperties": lambda _r, _s, w, v, p: _size(v, p, is_wrong=isinstance(v, dict) and len(v) < w, kind=dict),
    "maxProperties": lambda _r, _s, w, v, p: _size(v, p, is_wrong=isinstance(v, dict) and len(v) > w, kind=dict),
    "minimum": lambda _r, _s, w, v, p: _size(v, p, is_wrong=isinstance(v, int) and v < w, kind=int),
    "maximum": lambda _r, _s, w, v, p: _size(v, p, is_wrong=isinstance(v, int) and v > w, kind=int),
}
