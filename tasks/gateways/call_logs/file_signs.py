"""What shows that files of a folder have changed, without reading them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_INSIDE = ("cdr-csv", "cdr-custom")


def signs_of(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Path, size and time of change of every file of the folder, and of Asterisk's folders inside it."""
    for place in (folder, *(folder / name for name in _INSIDE)):
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_file():
                        state = entry.stat()
                        yield entry.path, state.st_size, state.st_mtime_ns
        except OSError:
            # a folder that is not there (yet) shows nothing; the intake says so
            continue
