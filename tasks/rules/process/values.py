"""Values of fields: positions, emptiness, what a field takes, and one canonical JSON for keeping and hashing them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring as _quoted
from typing import Any

_KOPECK = Decimal("0.01")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One position of an item: from the price list (`price_key`) or by hand ('')."""

    price_key: str
    title: str
    quantity: Decimal
    price: Decimal

    @property
    def amount(self) -> Decimal:
        """Quantity × price, exact to the kopeck."""
        return _product(self.quantity, self.price)


def is_empty(value: Any) -> bool:
    """Nothing filled in: none, blank text, or a list without items."""
    return not value and (value is None or value in ("", (), []))


def amount_of(part: Any) -> Decimal:
    """What one item of a list adds to its sum: a position's amount, an `amount` key, or a plain number, else 0."""
    if isinstance(part, Line):
        return _product(part.quantity, part.price)
    if isinstance(part, Mapping):
        part = part.get("amount", 0)
    return Decimal(part) if isinstance(part, (int, Decimal)) and not isinstance(part, bool) else Decimal(0)


def sum_of(parts: Iterable[Any]) -> Decimal:
    """What the items of a list come to."""
    total = _NOTHING
    for part in parts:
        total += _product(part.quantity, part.price) if type(part) is Line else amount_of(part)
    return total


def plain(value: Any) -> Any:
    """The value as JSON can hold it: decimals and positions keep their kind, so that `from_plain` gives them back."""
    if isinstance(value, Decimal):
        return {"decimal": format(value, "f")}
    if isinstance(value, Line):
        return {"line": [value.price_key, value.title, format(value.quantity, "f"), format(value.price, "f")]}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    if isinstance(value, Mapping):
        return {"map": {str(key): plain(part) for key, part in value.items()}}
    return value


def from_plain(value: Any) -> Any:
    """The value that `plain` wrote."""
    if isinstance(value, list):
        return tuple(from_plain(part) for part in value)
    if not isinstance(value, Mapping):
        return value
    ((kind, inner),) = value.items()
    if kind == "decimal":
        return Decimal(inner)
    if kind == "line":
        return Line(inner[0], inner[1], Decimal(inner[2]), Decimal(inner[3]))
    return {key: from_plain(part) for key, part in inner.items()}


def content_hash(values: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of values: what a vote binds. Equal amounts count as equal however written."""
    return hash_of([named(name) + canonical(values[name]) for name in sorted(values)])


def named(name: str) -> str:
    """How the canonical JSON begins a value."""
    return f"{_quoted(name)}:"


def hash_of(parts: Iterable[str]) -> str:
    """The same for values as canonical JSON, in the order of their names already, each behind its `named`."""
    return sha256(f"{{{','.join(parts)}}}".encode()).hexdigest()


def canonical(value: Any) -> str:
    """A value as JSON text that is the same for equal values: decimals as text without needless zeros."""
    kind = type(value)
    if kind is str:
        return _quoted(value) if value else "null"
    if kind is Line:
        return _canonical_line(value.price_key, value.title, value.quantity, value.price)
    if kind is bool:
        return "true" if value else "false"
    if kind is Decimal or kind is int:
        return _quoted(format(Decimal(value).normalize(), "f"))
    if kind is tuple and value:
        parts = []
        for part in value:
            if type(part) is Line:
                parts.append(_canonical_line(part.price_key, part.title, part.quantity, part.price))
            else:
                parts.append(canonical(part))
        return f"[{','.join(parts)}]"
    if is_empty(value):
        return "null"
    if isinstance(value, Mapping):
        parts = [f"{_quoted(str(key))}:{canonical(value[key])}" for key in sorted(value)]
        return f"{{{','.join(parts)}}}"
    return f"[{','.join([canonical(part) for part in value])}]"


# positions come from the price list again and again; their parts are compared faster than whole positions


@lru_cache(maxsize=4096)
def _canonical_line(*parts: Any) -> str:
    return f"[{','.join([canonical(part) for part in parts])}]"


@lru_cache(maxsize=4096)
def _product(quantity: Decimal, price: Decimal) -> Decimal:
    return (quantity * price).quantize(_KOPECK)
