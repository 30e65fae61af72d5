"""Modules that are loaded when somebody first uses them, however early and often others import them.

Great Expectations imports SciPy's statistics and Altair for expectations that we do not use: 77 MB and two seconds of
each start (great-expectations 1.x, `import great_expectations`: 217 MB with them, 140 MB without).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


class _LateFinder(MetaPathFinder):
    """Finds the named modules as the path does, with the standard library's loader that waits for the first use."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._names:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def load_late(*names: str) -> None:
    """From now on in this process, modules of these names wait for their first use; one loaded already stays so."""
    sys.meta_path.insert(0, _LateFinder(frozenset(names)))
