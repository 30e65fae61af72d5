"""Secrets by name: from the environment, a file in the home, or a Prefect Secret block; never the office folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tasks.rules.errors import CredentialError


def _no_block(_name: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Looks a secret up in the environment (CALLOUT_SECRET_NAME), then `folder`/NAME, then Prefect's `block`."""

    folder: Path
    block: Callable[[str], str | None] = _no_block

    def read(self, name: str) -> str:
        """The secret's text; raises CredentialError that says where it was looked for."""
        variable = f"CALLOUT_SECRET_{name.upper().replace('-', '_')}"
        if variable in os.environ:
            return os.environ[variable]
        file = self.folder / name
        if file.is_file():
            return file.read_text(encoding="utf-8").strip()
        from_block = self.block(name)
        if from_block is not None:
            return from_block
        raise CredentialError(
            f"secret {name!r} is not set: give {variable}, a file {file}, or a Prefect Secret block {name!r}"
        )
