"""A folder in which every file is one call's record: new and rewritten files by the moment their content changed.

The moment is the file's ctime, which nobody can set back, so a file copied in with an old date is seen too. A file
that is still being written (the youngest, no whole JSON yet) is left for the next time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tasks.gateways.call_logs.growing_files import LONGEST_LINE_BYTES, FilePosition, RawLine
from tasks.rules.errors import OutsideError

_SETTLED_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Document:
    """One file's content as a line, and the position after it."""

    name: str
    line: RawLine
    position: Mapping[str, Any]


def read_documents(
    folder: Path, usual: Sequence[str], files: str, begin: Mapping[str, Any], limit: int
) -> Iterator[Document]:
    """Up to `limit` files changed after `begin`, the oldest change first. Raises OutsideError."""
    patterns = [part.strip() for part in files.split(",") if part.strip()] or usual
    after = (int(begin.get("ctime_ns", 0)), str(begin.get("name", "")))
    try:
        there = [
            (path.stat().st_ctime_ns, path.name, path)
            for path in folder.iterdir()
            if path.is_file() and any(fnmatchcase(path.name, pattern) for pattern in patterns)
        ]
        for ctime_ns, name, path in sorted(one for one in there if one[:2] > after)[:limit]:
            with path.open("rb") as file:
                content = file.read(LONGEST_LINE_BYTES * 16 + 1)
            if time.time() - ctime_ns / 1e9 < _SETTLED_SECONDS and not _is_whole(content):
                return
            is_cut = len(content) > LONGEST_LINE_BYTES * 16
            position = {"ctime_ns": ctime_ns, "name": name}
            line = RawLine(content[:LONGEST_LINE_BYTES] if is_cut else content, FilePosition(line=1), is_cut)
            yield Document(name, line, position)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise OutsideError(f"the call log folder {folder} cannot be read: {reason}") from error


def _is_whole(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True
