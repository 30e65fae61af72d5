"""Recordings on the disk, named by their content: received beside, forced to disk, put in place, never half of one.

They have a folder of their own in the home's files, closed to other accounts of the machine, so that nothing but a
recording refers to a content that is removed.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.gateways.attachment_files import path_of, sync_folder
from tasks.rules.recordings.audio import HEAD_BYTES, audio_of
from tasks.rules.recordings.course import RecordingError

_NEW = ".new"
_STALE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Received:
    """Content that came whole, not in place yet."""

    path: Path
    sha256: str
    size_bytes: int
    content_type: str


class Contents:
    """The folder of recordings below the home's `files`."""

    def __init__(self, files: Path) -> None:
        self._folder = files / "recordings"

    def path_of(self, sha256: str) -> Path:
        """Where this content is, if it is there."""
        return path_of(self._folder, sha256)

    def receive(self, chunks: Iterator[bytes], most_bytes: int) -> Received:
        """Write down what comes. Raises RecordingError (too_large, no_audio, or what `chunks` raises); OSError."""
        new = self._folder / _NEW
        for folder in (self._folder, new):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=new, delete=False) as file:
            path = Path(file.name)
            try:
                digest, size, head = hashlib.sha256(), 0, b""
                for chunk in chunks:
                    size += len(chunk)
                    head = head if len(head) >= HEAD_BYTES else (head + chunk)[:HEAD_BYTES]
                    _require_good(head, size, most_bytes)
                    digest.update(chunk)
                    file.write(chunk)
                audio = audio_of(head)
                if audio is None:
                    raise RecordingError("no_audio")
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return Received(path, digest.hexdigest(), size, audio.content_type)

    def place(self, received: Received) -> None:
        """Put received content where its hash says; the same content that is there already stays. Raises OSError."""
        path = self.path_of(received.sha256)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        received.path.rename(path)
        sync_folder(path.parent)

    def drop(self, sha256: str) -> None:
        """Remove this content from the disk; gone already is well."""
        path = self.path_of(sha256)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)

    def sweep(self) -> int:
        """Remove what a killed run left half received an hour ago or earlier; how many files."""
        stale = [file for file in (self._folder / _NEW).glob("*") if _age_seconds(file) >= _STALE_SECONDS]
        for file in stale:
            file.unlink(missing_ok=True)
        return len(stale)


def _require_good(head: bytes, size_bytes: int, most_bytes: int) -> None:
    """Refuse as early as it can be known."""
    if size_bytes > most_bytes:
        raise RecordingError("too_large")
    if len(head) >= HEAD_BYTES and audio_of(head) is None:
        raise RecordingError("no_audio")


def _age_seconds(file: Path) -> float:
    try:
        return time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return 0.0
