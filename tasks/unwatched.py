"""Values that a step gets as they are."""

from __future__ import annotations

from typing import TypeVar, cast

from prefect.utilities.annotations import quote

_Value = TypeVar("_Value")


def unwatched(value: _Value) -> _Value:
    """The value for a step that gets it as it is: else Prefect looks for results of other steps in every part of it."""
    return cast(_Value, quote(value))
