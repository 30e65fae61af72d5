"""Command modules that are imported when one of their commands runs: nobody waits for the imports of the others."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module


class Later:
    """Stands for a module of commands; each attribute is a command of it."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Callable[[argparse.Namespace], int]:
        if name.isupper():
            raise AttributeError(f"{name} of {self._module} is no command: import it from where it stands")

        def run(arguments: argparse.Namespace) -> int:
            command: Callable[[argparse.Namespace], int] = getattr(import_module(self._module), name)
            return command(arguments)

        return run
