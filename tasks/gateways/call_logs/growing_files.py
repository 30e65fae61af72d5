"""Reading a log that grows and is rotated: only whole lines, each once, from where the last reading ended.

A file is known by its first line (below a heading by its first two), not by its name: logrotate renames it (then the
unread rest is looked for in NAME.1, NAME-20261117 …) or copies and empties it (`copytruncate`: the name stays, the
first line changes). A file that was written anew (another inode, another end of what was read, or another time without
having grown) is read from its beginning: what was stored before is recognised, what was corrected counts.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from tasks.rules.errors import OutsideError

LONGEST_LINE_BYTES = 65_536
# of one reading, for a file whose every line is as long as may be
MOST_BYTES = 33_554_432
_TAIL_BYTES = 4096
_ROTATED = re.compile(r"[.-]\d+")


@dataclass(frozen=True, slots=True)
class FilePosition:
    """Where reading ended: byte `offset` after `line` lines of the file whose first line hashes to `first_line`.

    `generation` counts the files read under this name; `inode` prefers the very file among copies of it. `tail` hashes
    the last bytes read, and `mtime_ns` is the file's time when all of it had been read; '' and 0: not known.
    """

    offset: int = 0
    line: int = 0
    inode: int = 0
    first_line: str = ""
    generation: int = 1
    tail: str = ""
    mtime_ns: int = 0

    def to_json(self) -> dict[str, Any]:
        """The position as it is kept in the cursor."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RawLine:
    """One whole line without its end, and the position after it. `is_cut`: it was too long and is not complete.

    `head` is the first line of its file.
    """

    content: bytes
    position: FilePosition
    is_cut: bool = False
    head: bytes = b""


@dataclass(frozen=True, slots=True)
class NewLines:
    """Lines read; `is_rest_lost` when the file last read is gone, so that its last lines may never have been seen.

    `is_anew`: the file was written anew, and is read from its beginning.
    """

    lines: tuple[RawLine, ...] = ()
    is_rest_lost: bool = False
    is_anew: bool = False


def position_of(kept: Mapping[str, Any] | None) -> FilePosition:
    """The position a cursor holds; the beginning for a source never read."""
    return FilePosition(**kept) if kept else FilePosition()


def read_new_lines(folder: Path, name: str, position: FilePosition, limit: int, head_lines: int = 1) -> NewLines:
    """Up to `limit` whole lines after `position`, first the rest of a file that was rotated away, then the new one.

    About 32 MB are the most, however long the lines.

    A file is known by its first `head_lines` lines: 2 where the first is the same heading in every file.

    An unfinished last line is left for the next time, unless its file was rotated away and cannot grow any more.
    A file that is not there has no lines. Raises OutsideError when the folder or file cannot be read.
    """
    try:
        lines: list[RawLine] = []
        is_rest_lost = is_anew = False
        for index, (path, start) in enumerate(_Files(folder, name, head_lines).to_read(position)):
            if index == 0:
                is_other = bool(position.first_line) and start.generation != position.generation
                is_anew = is_other and start.first_line == position.first_line
                is_rest_lost = is_other and not is_anew
            new = _read(path, start, limit - len(lines), is_finished=path.name != name)
            lines += new
            if len(lines) >= limit or (new and new[-1].position.offset - start.offset >= MOST_BYTES):
                break
        return NewLines(tuple(lines), is_rest_lost, is_anew)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise OutsideError(f"the call log {folder / name} cannot be read: {reason}") from error


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of one name: the one that grows, and those rotated away."""

    folder: Path
    name: str
    head_lines: int

    def to_read(self, position: FilePosition) -> Iterator[tuple[Path, FilePosition]]:
        """The files that may hold lines after `position`, oldest first, with where to start in each."""
        if not self.folder.is_dir():
            raise OutsideError(f"the call log folder {self.folder} is not there")
        current = self.folder / self.name
        known = self._identify(current) if current.is_file() else FilePosition()
        if known.first_line and (not position.first_line or _is_continued(current, known, position)):
            if position.first_line and _is_written_anew(current, known, position):
                yield current, replace(known, generation=position.generation + 1)
            else:
                yield current, replace(position, inode=known.inode, first_line=known.first_line)
            return
        if not position.first_line:
            return
        generation = position.generation
        for path, identity, start in self._rotated_since(position):
            generation += start == 0
            yield path, position if start else replace(identity, generation=generation)
        if known.first_line:
            yield current, replace(known, generation=generation + 1)

    def _rotated_since(self, position: FilePosition) -> list[tuple[Path, FilePosition, int]]:
        """The rotated files from the one last read on, by age: (path, identity, offset to start at)."""
        rotated = sorted(
            (path for path in self.folder.iterdir() if is_rotated(path.name, self.name)),
            key=lambda path: (path.stat().st_mtime_ns, path.name),
        )
        found = [(path, self._identify(path)) for path in rotated]
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

    def _identify(self, path: Path) -> FilePosition:
        with path.open("rb") as file:
            first = [file.readline(LONGEST_LINE_BYTES) for _ in range(self.head_lines)]
            is_there = all(line.endswith(b"\n") or len(line) == LONGEST_LINE_BYTES for line in first)
            digest = hashlib.sha256(b"".join(first)).hexdigest()[:32] if is_there else ""
            return FilePosition(inode=path.stat().st_ino, first_line=digest)


def is_rotated(file_name: str, name: str) -> bool:
    """Whether a file is what logrotate made of `name`: NAME.1, NAME-20261117."""
    return file_name.startswith(name) and bool(_ROTATED.fullmatch(file_name[len(name) :]))


def _is_continued(path: Path, identity: FilePosition, position: FilePosition) -> bool:
    """Whether this is the file last read, grown or unchanged; one that shrank is not."""
    return (
        bool(identity.first_line)
        and identity.first_line == position.first_line
        and path.stat().st_size >= position.offset
    )


def _is_written_anew(path: Path, known: FilePosition, position: FilePosition) -> bool:
    """Whether what was read may stand there differently by now."""
    if not position.tail:
        return False
    state = path.stat()
    has_new_time = state.st_size == position.offset and 0 < position.mtime_ns != state.st_mtime_ns
    return known.inode != position.inode or has_new_time or _tail_hash(path, position.offset) != position.tail


def _tail_hash(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        file.seek(max(0, offset - _TAIL_BYTES))
        return hashlib.sha256(file.read(min(offset, _TAIL_BYTES))).hexdigest()[:16]


def _read(path: Path, start: FilePosition, limit: int, *, is_finished: bool) -> list[RawLine]:
    contents: list[tuple[bytes, int, bool]] = []
    with path.open("rb") as file:
        head = file.readline(LONGEST_LINE_BYTES).rstrip(b"\r\n")
        file.seek(start.offset)
        offset = start.offset
        while len(contents) < limit and offset - start.offset < MOST_BYTES:
            content, is_whole, is_cut = _next_line(file)
            if not content or not (is_whole or is_finished):
                break
            offset = file.tell() if is_cut else offset + len(content)
            contents.append((content.rstrip(b"\r\n") if is_whole else content, offset, is_cut))
        state = os.fstat(file.fileno())
    if not contents:
        return []
    mtime_ns = state.st_mtime_ns if offset == state.st_size else 0
    last = replace(start, tail=_tail_hash(path, offset), mtime_ns=mtime_ns)
    return [
        RawLine(
            content,
            FilePosition(end, number, last.inode, last.first_line, last.generation, last.tail, last.mtime_ns),
            is_cut,
            head,
        )
        for number, (content, end, is_cut) in enumerate(contents, start.line + 1)
    ]


def _next_line(file: IO[bytes]) -> tuple[bytes, bool, bool]:
    """The next line's bytes (at most the longest allowed), whether it is ended, and whether bytes were left out."""
    content = file.readline(LONGEST_LINE_BYTES)
    if content.endswith(b"\n") or len(content) < LONGEST_LINE_BYTES:
        return content, content.endswith(b"\n"), False
    while rest := file.readline(LONGEST_LINE_BYTES):
        if rest.endswith(b"\n"):
            return content, True, True
    return content, False, True
