"""One portion of a call log: the next lines of both its files, each read as a leg or queue event, or refused.

The promise: lines = legs + events + refused, whatever the bytes; and nothing that lies after the run's moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tasks.gateways.call_logs import asterisk_cdr, asterisk_queue_log
from tasks.gateways.call_logs.growing_files import FilePosition, RawLine, position_of, read_new_lines
from tasks.gateways.call_logs.line_text import RefusedLineError, file_line, shown_text
from tasks.gateways.store.quarantine import BadRow
from tasks.rules.calls.log_clock import clock_offset_seconds
from tasks.rules.calls.parties import Switchboard
from tasks.rules.calls.records import Leg, QueueEvent
from tasks.rules.errors import OutsideError
from tasks.rules.office import CallLog

FILE_NAMES = (asterisk_queue_log.FILE_NAME, asterisk_cdr.FILE_NAME)
# A line from further in the future than this, with present ones behind it, has a broken clock and is not waited for.
_PATIENCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FilePart:
    """What was read of one file: from where to where."""

    cursor: str
    begin: Mapping[str, Any]
    end: FilePosition
    line_count: int


@dataclass(frozen=True, slots=True)
class Portion:
    """The next lines of one call log, and remarks for people.

    `problems` say why the log could not be read; then there are no lines.
    """

    source: str
    parts: tuple[FilePart, ...] = ()
    legs: tuple[Leg, ...] = ()
    events: tuple[QueueEvent, ...] = ()
    refused: tuple[BadRow, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def line_count(self) -> int:
        """Lines in this portion, over both files."""
        return sum(part.line_count for part in self.parts)


@dataclass(slots=True)
class _Sorted:
    records: list[Leg | QueueEvent] = field(default_factory=list)
    refused: list[BadRow] = field(default_factory=list)
    end: FilePosition | None = None


def cursor_key(log: CallLog, file_name: str) -> str:
    """The cursor's name of one file of a log."""
    return f"calls:{log.name}:{file_name}"


def read_portion(
    log: CallLog,
    folder: Path,
    board: Switchboard,
    cursors: Mapping[str, Mapping[str, Any]],
    until: datetime,
    limit: int,
) -> Portion:
    """Up to `limit` new lines of each file of the log, none that ended after `until`.

    Raises OutsideError when the folder cannot be read, or its times contradict the log's `time_zone`.
    """
    zone = ZoneInfo(log.time_zone)
    readers: dict[str, Callable[[RawLine], Leg | QueueEvent]] = {
        asterisk_queue_log.FILE_NAME: lambda line: asterisk_queue_log.read_queue_event(line, log.name),
        asterisk_cdr.FILE_NAME: lambda line: asterisk_cdr.read_leg(line, log.name, zone, board),
    }
    parts, records, refused, notes = [], [], [], []
    for name in FILE_NAMES:
        cursor = cursor_key(log, name)
        begin = cursors.get(cursor, {})
        new = read_new_lines(_place(folder, name), name, position_of(begin), limit)
        found = _sort(new.lines, readers[name], log.name, name, until)
        if new.is_rest_lost:
            notes.append(f"call log {log.name}: the {name} last read is gone; its last lines may not have been seen")
        if found.end is not None:
            count = len(found.records) + len(found.refused)
            parts.append(FilePart(cursor, begin, found.end, count))
        records += found.records
        refused += found.refused
    if not parts and not any((_place(folder, name) / name).exists() for name in FILE_NAMES):
        notes.append(f"call log {log.name}: there is no {' and no '.join(FILE_NAMES)} yet")
    legs = tuple(record for record in records if isinstance(record, Leg))
    _require_clock(log, legs)
    events = tuple(record for record in records if isinstance(record, QueueEvent))
    return Portion(log.name, tuple(parts), legs, events, tuple(refused), tuple(notes))


def _place(folder: Path, name: str) -> Path:
    """Asterisk keeps Master.csv in a folder of its own, beside the queue log; a copy of both may lie in one folder."""
    own = folder / "cdr-csv"
    return own if name == asterisk_cdr.FILE_NAME and (own / name).exists() else folder


def _sort(
    lines: Sequence[RawLine], read: Callable[[RawLine], Leg | QueueEvent], source: str, name: str, until: datetime
) -> _Sorted:
    results = [_read_or_refuse(line, read, source, name) for line in lines]
    present = [not isinstance(r, BadRow) and _moment(r) <= until for r in results]
    last_present = max((index for index, is_present in enumerate(present) if is_present), default=-1)
    found = _Sorted()
    for index, (line, result) in enumerate(zip(lines, results, strict=True)):
        if isinstance(result, BadRow):
            found.refused.append(result)
        elif present[index]:
            found.records.append(result)
        elif index < last_present and _moment(result) > until + _PATIENCE:
            reason = "its time lies days after lines written later: the clock was wrong"
            found.refused.append(BadRow(source, result.file_line, reason, shown_text(line)))
        else:
            break
        found.end = line.position
    return found


def _read_or_refuse(
    line: RawLine, read: Callable[[RawLine], Leg | QueueEvent], source: str, name: str
) -> Leg | QueueEvent | BadRow:
    try:
        return read(line)
    except RefusedLineError as error:
        return BadRow(source, file_line(name, line), str(error), shown_text(line))


def _moment(record: Leg | QueueEvent) -> datetime:
    """When the line was written: a leg's when it ended."""
    return max(record.started_at, record.ended_at) if isinstance(record, Leg) else record.at


def _require_clock(log: CallLog, legs: Sequence[Leg]) -> None:
    offset = clock_offset_seconds(legs)
    if offset:
        hours = f"{abs(offset) / 3600:g} h {'ahead of' if offset > 0 else 'behind'}"
        raise OutsideError(
            f"call log {log.name}: its times are {hours} the true ones when read as {log.time_zone}; "
            "put its time_zone right (UTC when cdr.conf says usegmtime); nothing was taken from it",
            is_permanent=True,
        )
