"""The makes of telephone systems: how each kind's records come, and who reads one of them.

A reader is given a source and one record with its place, and returns a leg or queue event, None for a heading, or
raises RefusedLineError with the reason. A new make is one such function and one entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from zoneinfo import ZoneInfo

from tasks.gateways.call_logs import (
    asterisk_cdr,
    asterisk_queue_log,
    bitrix24,
    freeswitch,
    mango,
    own_calls,
    three_cx,
    twilio,
    zadarma,
)
from tasks.gateways.call_logs.growing_files import RawLine, is_rotated
from tasks.gateways.call_logs.line_text import RefusedLineError, line_text, shown_text
from tasks.gateways.call_logs.local_times import LocalTimes
from tasks.gateways.call_logs.told_legs import Place, Source
from tasks.gateways.store.quarantine import BadRow
from tasks.rules.calls.log_columns import columns_of
from tasks.rules.calls.parties import Switchboard
from tasks.rules.calls.records import Leg, QueueEvent
from tasks.rules.office import CallLog

Record = Leg | QueueEvent
Reader = Callable[[Source, Place], Record | None]


@dataclass(frozen=True, slots=True)
class FileKind:
    """Files of one kind of log: the usual names (patterns), and who reads a record.

    `head_lines`: lines by which a file is known again. `is_document`: a file is one record, not one a line.
    """

    patterns: tuple[str, ...]
    read: Reader
    head_lines: int = 1
    is_document: bool = False


def _read_asterisk(source: Source, place: Place) -> Record:
    """Both of Asterisk's files by their names: the queue's log is told by its own."""
    if place.file_line.startswith(asterisk_queue_log.FILE_NAME):
        return asterisk_queue_log.read_queue_event(source, place)
    return asterisk_cdr.read_leg(source, place)


_ASTERISK = (asterisk_queue_log.FILE_NAME, asterisk_cdr.FILE_NAME)
FILE_KINDS: Mapping[str, FileKind] = {
    "asterisk": FileKind(_ASTERISK, _read_asterisk),
    "freeswitch_csv": FileKind(("Master.csv",), freeswitch.read_csv_leg),
    "freeswitch_json": FileKind(("*.cdr.json", "*.json"), freeswitch.read_json_leg, is_document=True),
    "3cx": FileKind(("cdr.log", "cdr*.log", "*.csv"), three_cx.read_leg),
    "mango": FileKind(("*.csv",), mango.read_leg),
    "zadarma": FileKind(("*.csv", "*.jsonl"), zadarma.read_leg, head_lines=2),
    "twilio": FileKind(("*.csv", "*.jsonl"), twilio.read_leg, head_lines=2),
}
READERS: Mapping[str, Reader] = {kind: files.read for kind, files in FILE_KINDS.items()} | {
    "bitrix24": bitrix24.read_leg,
    "post": own_calls.read_leg,
}


def source_of(log: CallLog, board: Switchboard) -> Source:
    """What the readers of this log have at hand."""
    return Source(log.name, LocalTimes(ZoneInfo(log.time_zone)), board, columns_of(log.columns), log.people)


def read_line(log: CallLog, source: Source, place: str, line: RawLine) -> Record | BadRow | None:
    """One line of a file as a record, None for a heading, or the row refused at `place` with its reason."""
    try:
        has_heading = FILE_KINDS[log.kind].head_lines > 1
        head = line.head.decode("utf-8-sig", "backslashreplace") if has_heading else ""
        return READERS[log.kind](source, Place(place, line_text(line), head))
    except RefusedLineError as error:
        return BadRow(log.name, place, str(error), shown_text(line))


def file_names(log: CallLog, folder: Path) -> list[str]:
    """The names of the log's files that are there now, each pattern's in order; rotated ones belong to their name."""
    patterns = _patterns(log)
    there = sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    found = [name for pattern in patterns for name in there if fnmatchcase(name, pattern)]
    plain = [pattern for pattern in patterns if not set("*?[") & set(pattern)]
    names = dict.fromkeys([*plain, *found])
    return [name for name in names if not any(is_rotated(name, other) for other in names if other != name)]


def _patterns(log: CallLog) -> tuple[str, ...]:
    usual = FILE_KINDS[log.kind].patterns
    if not log.files:
        return usual
    own = tuple(part.strip() for part in log.files.split(",") if part.strip())
    return (asterisk_queue_log.FILE_NAME, *own) if log.kind == "asterisk" else own
