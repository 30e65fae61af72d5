"""A line of a call log as text: undecodable bytes stay visible, and what no row can hold is refused."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from tasks.gateways.call_logs.growing_files import RawLine

_BOM = b"\xef\xbb\xbf"
SHOWN_CHARS = 2000


class RefusedLineError(ValueError):
    """A line that cannot be used; its text is the reason."""


def line_text(line: RawLine) -> str:
    """The line's text. A byte order mark and NULs before it (left by a crash of the PBX) are dropped.

    Raises RefusedLineError for an empty line, one that is too long, and NULs inside.
    """
    content = line.content.lstrip(b"\0")
    content = content.removeprefix(_BOM) if line.position.line == 1 else content
    if line.is_cut:
        raise RefusedLineError("the line is too long")
    if b"\0" in content:
        raise RefusedLineError("the line holds NUL bytes: is the file damaged, or not in UTF-8?")
    text = content.decode("utf-8", "backslashreplace")
    if not text.strip():
        raise RefusedLineError("the line is empty")
    return text


def shown_text(line: RawLine) -> str:
    """The line as it is kept when refused: every byte visible, cut when very long."""
    return line.content.decode("utf-8", "backslashreplace").replace("\0", "\\x00")[:SHOWN_CHARS]


def line_hash(text: str) -> str:
    """What identifies a line that carries no id of its own."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def file_line(name: str, line: RawLine) -> str:
    """'Master.csv:17'; for the second file of that name 'Master.csv~2:17', and so on."""
    generation = line.position.generation
    return f"{name}{f'~{generation}' if generation > 1 else ''}:{line.position.line}"


def after(start: datetime, seconds: int) -> datetime:
    """`start` and so many seconds; the start itself when that is no possible time."""
    try:
        return start + timedelta(seconds=seconds)
    except OverflowError:
        return start
