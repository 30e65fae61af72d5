"""Frozen dataclasses that are made as quickly as unfrozen ones: frozen for the type checker, plain when running.

The engine makes nine of them for every event, and the `__init__` of a frozen dataclass stores each field by a call of
`object.__setattr__`. Nobody may change one all the same: `mypy --strict` refuses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as quick
else:

    def quick(*, frozen: bool, slots: bool) -> Any:
        """The decorator: what `dataclass` makes, hash and all, but for the guard on storing."""
        return dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["quick"]
