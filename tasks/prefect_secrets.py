"""Secrets kept in Prefect Secret blocks, the third place a secret may lie."""

from __future__ import annotations

from typing import Any, cast


def read_secret_block(name: str) -> str | None:
    """The Prefect Secret block `name` (underscores as dashes), or None when there is no such block or no server."""
    from prefect.blocks.system import Secret

    try:
        block = cast(Secret[Any], Secret.load(name.replace("_", "-"), _sync=True))  # type: ignore[call-arg]
    except (ValueError, RuntimeError, OSError):
        return None
    return str(block.get())
