"""Recordings in a folder, as a PBX writes them: by name, or in folders by day (monitor/2026/11/17); never outside."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tasks.rules.recordings.audio import HEAD_BYTES, is_settled
from tasks.rules.recordings.course import RecordingError

_CHUNK_BYTES = 256 * 1024
# a PBX that mixes after the call writes another ending than it told
_ENDINGS = ("", ".wav", ".WAV", ".mp3", ".ogg", ".gsm")


def read_local(folder: Path, name: str, days: tuple[date, ...]) -> Iterator[bytes]:
    """The content of the recording `name` of a call on one of `days`, in chunks.

    Raises RecordingError: not_there, growing, outside_folder, refused (by the file's rights), unreachable.
    """
    try:
        if not folder.is_dir():
            raise RecordingError("unreachable")
        yield from _chunks(_find(folder.resolve(), name, days))
    except PermissionError as error:
        raise RecordingError("refused") from error
    except OSError as error:
        raise RecordingError("bad_answer" if error.errno == errno.ENAMETOOLONG else "unreachable") from error


def _find(folder: Path, name: str, days: tuple[date, ...]) -> Path:
    if "\0" in name:
        raise RecordingError("outside_folder")
    places = [folder / name]
    if not Path(name).is_absolute():
        places += [folder / f"{day:%Y/%m/%d}" / name for day in dict.fromkeys(days)]
    for place in places:
        for ending in _ENDINGS:
            for file in dict.fromkeys((Path(f"{place}{ending}"), place.with_suffix(ending) if ending else place)):
                if _is_inside(folder, file):
                    return file
    raise RecordingError("not_there")


def _is_inside(folder: Path, file: Path) -> bool:
    """Whether there is such a file. Raises RecordingError when it, or what it links to, is elsewhere."""
    whole = Path(os.path.normpath(file)).resolve()
    if not whole.is_relative_to(folder):
        raise RecordingError("outside_folder")
    return whole.is_file()


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        before = os.fstat(opened.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise RecordingError("outside_folder")
        head = opened.read(HEAD_BYTES)
        if not is_settled(head, before.st_size, time.time() - before.st_mtime):
            raise RecordingError("growing")
        yield head
        while chunk := opened.read(_CHUNK_BYTES):
            yield chunk
        after = os.fstat(opened.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise RecordingError("growing")
