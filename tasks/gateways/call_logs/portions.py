"""One portion of a call log: its next records, each read as a leg or queue event, or refused.

The promise: records = legs + events + refused, whatever the bytes; and nothing that lies after the run's moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tasks.gateways.call_logs.documents import read_documents
from tasks.gateways.call_logs.growing_files import FilePosition, RawLine, position_of, read_new_lines
from tasks.gateways.call_logs.kinds import FILE_KINDS, Record, file_names, read_line, source_of
from tasks.gateways.call_logs.line_text import file_line, shown_text
from tasks.gateways.call_logs.told_legs import Source
from tasks.gateways.store.quarantine import BadRow
from tasks.rules.calls.log_clock import clock_offset_seconds
from tasks.rules.calls.parties import Switchboard
from tasks.rules.calls.records import Leg, QueueEvent
from tasks.rules.errors import OutsideError
from tasks.rules.office import CallLog

# A line from further in the future than this, with present ones behind it, has a broken clock and is not waited for.
_PATIENCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """What was read of one file, table or list: its cursor, from where to where, and how many records that were."""

    cursor: str
    name: str
    begin: Mapping[str, Any]
    end: Mapping[str, Any]
    line_count: int


@dataclass(frozen=True, slots=True)
class Portion:
    """The next records of one call log, and remarks for people.

    `problems` say why the log could not be read; then there are no records. `is_last`: nothing waits behind it.
    """

    source: str
    parts: tuple[Part, ...] = ()
    legs: tuple[Leg, ...] = ()
    events: tuple[QueueEvent, ...] = ()
    refused: tuple[BadRow, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    is_last: bool = False

    @property
    def line_count(self) -> int:
        """Records in this portion, over all parts; headings are none."""
        return sum(part.line_count for part in self.parts)


@dataclass(slots=True)
class Sorted:
    """Records of one part that are usable by now, those refused, and the last line that was dealt with."""

    records: list[Record] = field(default_factory=list)
    refused: list[BadRow] = field(default_factory=list)
    end: FilePosition | None = None

    @property
    def count(self) -> int:
        """How many records that are."""
        return len(self.records) + len(self.refused)


def cursor_key(log: CallLog, name: str) -> str:
    """The cursor's name of one file, table or list of a log."""
    return f"calls:{log.name}:{name}"


def read_portion(
    log: CallLog,
    folder: Path,
    board: Switchboard,
    cursors: Mapping[str, Mapping[str, Any]],
    until: datetime,
    limit: int,
) -> Portion:
    """Up to `limit` new records of each file of the log, none that ended after `until`.

    Raises OutsideError when the folder cannot be read, or its times contradict the log's `time_zone`.
    """
    source = source_of(log, board)
    if FILE_KINDS[log.kind].is_document:
        return _document_portion(log, source, folder, cursors, until, limit)
    parts, found, notes = [], [], []
    names = _named_files(log, folder)
    for place, name in names:
        cursor = cursor_key(log, name)
        begin = cursors.get(cursor, {})
        head_lines = FILE_KINDS[log.kind].head_lines
        new = read_new_lines(place, name, position_of(begin), limit, head_lines)
        sorted_lines = _sort(new.lines, log, source, name, until)
        if new.is_rest_lost:
            notes.append(f"call log {log.name}: the {name} last read is gone; its last lines may not have been seen")
        if new.is_anew:
            notes.append(f"call log {log.name}: {name} was written anew and is read again; corrected lines count")
        if sorted_lines.end is not None:
            end = _whole_end(sorted_lines.end, new.lines)
            parts.append(Part(cursor, name, begin, end.to_json(), sorted_lines.count))
        found.append(sorted_lines)
    if not parts and not any((place / name).exists() for place, name in names):
        wanted = " and no ".join(FILE_KINDS[log.kind].patterns if not log.files else (log.files,))
        notes.append(f"call log {log.name}: there is no {wanted} yet")
    return portion_of(log, parts, found, notes)


def portion_of(
    log: CallLog, parts: Sequence[Part], found: Iterable[Sorted], notes: Sequence[str], *, is_last: bool = False
) -> Portion:
    """The portion of what was read. Raises OutsideError when its times contradict the log's `time_zone`."""
    every = list(found)
    records = [record for one in every for record in one.records]
    legs = tuple(record for record in records if isinstance(record, Leg))
    _require_clock(log, legs)
    return Portion(
        log.name,
        tuple(parts),
        legs,
        tuple(record for record in records if isinstance(record, QueueEvent)),
        tuple(row for one in every for row in one.refused),
        (*notes, *_put_right(log, legs)),
        is_last=is_last,
    )


def moment_of(record: Record) -> datetime:
    """When the record was written: a leg's when it ended."""
    return max(record.started_at, record.ended_at) if isinstance(record, Leg) else record.at


def _named_files(log: CallLog, folder: Path) -> list[tuple[Path, str]]:
    """Where the log's files lie. Asterisk keeps Master.csv in a folder of its own, beside the queue log."""
    names = [(folder, name) for name in file_names(log, folder)]
    if log.kind != "asterisk":
        return names
    for own in (folder / "cdr-csv", folder / "cdr-custom"):
        inside = [(own, name) for name in file_names(log, own) if (own / name).exists()] if own.is_dir() else []
        if inside:
            kept = {name for _, name in inside}
            return [*((place, name) for place, name in names if name not in kept), *inside]
    return names


def _document_portion(
    log: CallLog,
    source: Source,
    folder: Path,
    cursors: Mapping[str, Mapping[str, Any]],
    until: datetime,
    limit: int,
) -> Portion:
    """The next files of a folder in which every file is one call."""
    name = "files"
    cursor = cursor_key(log, name)
    begin = cursors.get(cursor, {})
    found, parts, end = Sorted(), [], begin
    for document in read_documents(folder, FILE_KINDS[log.kind].patterns, log.files, begin, limit):
        result = read_line(log, source, f"{name}:{document.name}", document.line)
        if result is not None and not isinstance(result, BadRow) and moment_of(result) > until:
            break
        if isinstance(result, BadRow):
            found.refused.append(result)
        elif result is not None:
            found.records.append(result)
        end = document.position
    if end != begin:
        parts.append(Part(cursor, name, begin, end, found.count))
    return portion_of(log, parts, [found], ())


def _sort(lines: Sequence[RawLine], log: CallLog, source: Source, name: str, until: datetime) -> Sorted:
    results = [read_line(log, source, file_line(name, line), line) for line in lines]
    moments = [None if result is None or isinstance(result, BadRow) else moment_of(result) for result in results]
    last_present = max((index for index, at in enumerate(moments) if at is not None and at <= until), default=-1)
    found = Sorted()
    for index, (line, result) in enumerate(zip(lines, results, strict=True)):
        at = moments[index]
        if isinstance(result, BadRow):
            found.refused.append(result)
        elif result is not None and at is not None:
            if at <= until:
                found.records.append(result)
            elif index < last_present and at > until + _PATIENCE:
                reason = "its time lies days after lines written later: the clock was wrong"
                found.refused.append(BadRow(log.name, result.file_line, reason, shown_text(line)))
            else:
                break
        found.end = line.position
    return found


def _whole_end(end: FilePosition, lines: Sequence[RawLine]) -> FilePosition:
    """The position to keep; what is known of the end of all lines read does not hold of an earlier one."""
    return end if end == lines[-1].position else replace(end, tail="", mtime_ns=0)


def _put_right(log: CallLog, legs: Iterable[Leg]) -> list[str]:
    counts = Counter(leg.note for leg in legs if leg.note)
    return [f"call log {log.name}: {count} lines taken with a note: {note}" for note, count in sorted(counts.items())]


def _require_clock(log: CallLog, legs: Sequence[Leg]) -> None:
    offset = clock_offset_seconds(legs)
    if offset:
        hours = f"{abs(offset) / 3600:g} h {'ahead of' if offset > 0 else 'behind'}"
        raise OutsideError(
            f"call log {log.name}: its times are {hours} the true ones when read as {log.time_zone}; "
            "put its time_zone right (UTC when cdr.conf says usegmtime); nothing was taken from it",
            is_permanent=True,
        )
