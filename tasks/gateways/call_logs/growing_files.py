"""Reading a log that grows and is rotated: only whole lines, each once, from where the last reading ended.

A file is known by its first line, not by its name: logrotate renames it (then the unread rest is looked for in
NAME.1, NAME-20261117 …) or copies and empties it (`copytruncate`: the name stays, the first line changes).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from tasks.rules.errors import OutsideError

LONGEST_LINE_BYTES = 65_536
_ROTATED = re.compile(r"[.-]\d+")


@dataclass(frozen=True, slots=True)
class FilePosition:
    """Where reading ended: byte `offset` after `line` lines of the file whose first line hashes to `first_line`.

    `generation` counts the files read under this name; `inode` prefers the very file among copies of it.
    """

    offset: int = 0
    line: int = 0
    inode: int = 0
    first_line: str = ""
    generation: int = 1

    def to_json(self) -> dict[str, Any]:
        """The position as it is kept in the cursor."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RawLine:
    """One whole line without its end, and the position after it. `is_cut`: it was too long and is not complete."""

    content: bytes
    position: FilePosition
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class NewLines:
    """Lines read; `is_rest_lost` when the file last read is gone, so that its last lines may never have been seen."""

    lines: tuple[RawLine, ...] = ()
    is_rest_lost: bool = False


def position_of(kept: Mapping[str, Any] | None) -> FilePosition:
    """The position a cursor holds; the beginning for a source never read."""
    return FilePosition(**kept) if kept else FilePosition()


def read_new_lines(folder: Path, name: str, position: FilePosition, limit: int) -> NewLines:
    """Up to `limit` whole lines after `position`, first the rest of a file that was rotated away, then the new one.

    An unfinished last line is left for the next time, unless its file was rotated away and cannot grow any more.
    A file that is not there has no lines. Raises OutsideError when the folder or file cannot be read.
    """
    try:
        lines: list[RawLine] = []
        is_rest_lost = False
        for index, (path, start) in enumerate(_files_to_read(folder, name, position)):
            if index == 0:
                is_rest_lost = bool(position.first_line) and start.generation != position.generation
            lines += _read(path, start, limit - len(lines), is_finished=path.name != name)
            if len(lines) >= limit:
                break
        return NewLines(tuple(lines), is_rest_lost)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise OutsideError(f"the call log {folder / name} cannot be read: {reason}") from error


def _files_to_read(folder: Path, name: str, position: FilePosition) -> Iterator[tuple[Path, FilePosition]]:
    """The files that may hold lines after `position`, oldest first, with where to start in each."""
    if not folder.is_dir():
        raise OutsideError(f"the call log folder {folder} is not there")
    current = folder / name
    known = _identify(current) if current.is_file() else FilePosition()
    if not position.first_line or _is_continued(current, known, position):
        if known.first_line:
            yield current, replace(position, inode=known.inode, first_line=known.first_line)
        return
    generation = position.generation
    for path, identity, start in _rotated_since(folder, name, position):
        generation += start == 0
        yield path, position if start else replace(identity, generation=generation)
    if known.first_line:
        yield current, replace(known, generation=generation + 1)


def _rotated_since(folder: Path, name: str, position: FilePosition) -> list[tuple[Path, FilePosition, int]]:
    """The rotated files from the one last read on, by age: (path, identity, offset to start at)."""
    rotated = sorted(
        (
            path
            for path in folder.iterdir()
            if path.name.startswith(name) and _ROTATED.fullmatch(path.name[len(name) :])
        ),
        key=lambda path: (path.stat().st_mtime_ns, path.name),
    )
    found = [(path, _identify(path)) for path in rotated]
    same = [index for index, (path, identity) in enumerate(found) if _is_continued(path, identity, position)]
    if not same:
        return []
    last_read = next((index for index in same if found[index][1].inode == position.inode), same[0])
    later = [
        (path, identity, 0)
        for path, identity in found[last_read + 1 :]
        if identity.first_line not in (position.first_line, "")
    ]
    return [(*found[last_read], position.offset), *later]


def _is_continued(path: Path, identity: FilePosition, position: FilePosition) -> bool:
    """Whether this is the file last read, grown or unchanged; one that shrank is not."""
    return (
        bool(identity.first_line)
        and identity.first_line == position.first_line
        and path.stat().st_size >= position.offset
    )


def _identify(path: Path) -> FilePosition:
    with path.open("rb") as file:
        first = file.readline(LONGEST_LINE_BYTES)
        digest = (
            hashlib.sha256(first).hexdigest()[:32] if first.endswith(b"\n") or len(first) == LONGEST_LINE_BYTES else ""
        )
        return FilePosition(inode=path.stat().st_ino, first_line=digest)


def _read(path: Path, start: FilePosition, limit: int, *, is_finished: bool) -> list[RawLine]:
    lines: list[RawLine] = []
    position = start
    with path.open("rb") as file:
        file.seek(start.offset)
        while len(lines) < limit:
            content, is_whole, is_cut = _next_line(file)
            if not content or not (is_whole or is_finished):
                break
            position = replace(position, offset=file.tell(), line=position.line + 1)
            lines.append(RawLine(content.rstrip(b"\r\n") if is_whole else content, position, is_cut))
    return lines


def _next_line(file: IO[bytes]) -> tuple[bytes, bool, bool]:
    """The next line's bytes (at most the longest allowed), whether it is ended, and whether bytes were left out."""
    content = file.readline(LONGEST_LINE_BYTES)
    if content.endswith(b"\n") or len(content) < LONGEST_LINE_BYTES:
        return content, content.endswith(b"\n"), False
    while rest := file.readline(LONGEST_LINE_BYTES):
        if rest.endswith(b"\n"):
            return content, True, True
    return content, False, True
