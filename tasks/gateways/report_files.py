"""Files for people to open: a reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tasks.rules.errors import OutsideError


def write_report_file(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Put `content`, whole or in parts, at `path` in one step; its folder is made.

    Raises OutsideError when the disk refuses.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as stream:
            stream.writelines([content] if isinstance(content, bytes) else content)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise OutsideError(f"the report cannot be written to {path}: {error.strerror}") from error
