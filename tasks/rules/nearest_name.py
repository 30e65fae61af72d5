"""Did you mean: the nearest of the names that are allowed."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, allowed: Iterable[str]) -> str:
    """The allowed name most like `name`, or ''."""
    return next(iter(get_close_matches(name, list(allowed), n=1, cutoff=0.6)), "")
