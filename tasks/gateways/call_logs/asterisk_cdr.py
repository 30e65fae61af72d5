"""Asterisk's Master.csv (cdr_csv): one leg a line, no header, 16 to 21 columns by the settings of cdr.conf.

The columns, from Asterisk's cdr_csv.c: accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata,
start, answer, end, duration, billsec, disposition, amaflags; uniqueid (`loguniqueid`); userfield (`loguserfield`);
peeraccount, linkedid, sequence (`newcdrcolumns`). Times are local unless `usegmtime`.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from tasks.gateways.call_logs.growing_files import RawLine
from tasks.gateways.call_logs.line_text import (
    RefusedLineError,
    after,
    file_line,
    line_hash,
    line_text,
    utc_of,
)
from tasks.rules.calls.log_clock import channel_epoch
from tasks.rules.calls.parties import MACHINES, Dialled, Switchboard, read_parties
from tasks.rules.calls.records import Disposition, Leg

FILE_NAME = "Master.csv"
_COLUMNS = (16, 17, 18, 19, 20, 21)
_NEW_COLUMNS = 3
_UNIQUE_ID = re.compile(r"(?:.*-)?\d{9,10}\.\d+")
_WHOLE = re.compile(r"-?\d{1,9}")
_DISPOSITIONS: dict[str, Disposition] = {
    "ANSWERED": "answered",
    "NO ANSWER": "no_answer",
    "NOANSWER": "no_answer",
    "BUSY": "busy",
    "FAILED": "failed",
    "CONGESTION": "failed",
}


@dataclass(frozen=True, slots=True)
class _Ids:
    unique_id: str = ""
    user_field: str = ""
    linked_id: str = ""
    sequence: str = ""


def read_leg(line: RawLine, source: str, zone: ZoneInfo, board: Switchboard) -> Leg:
    """One line as a leg. Raises RefusedLineError with the reason when it is none."""
    text = line_text(line)
    cells = _cells(text)
    ids = _read_ids(cells[16:])
    disposition = _DISPOSITIONS.get(cells[14].strip().upper())
    if disposition is None:
        raise RefusedLineError("column 15 is no disposition (ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION)")
    duration_seconds, bill_seconds = _seconds(cells[12]), _seconds(cells[13])
    started_at = utc_of(cells[9], zone, channel_epoch(ids.unique_id))
    ended_at = utc_of(cells[11], zone, after(started_at, duration_seconds))
    if disposition == "answered" and not _has_party(cells):
        disposition = "no_answer"
    is_answered = disposition == "answered"
    answered_at = utc_of(cells[10], zone, after(ended_at, -bill_seconds)) if is_answered and cells[10] else None
    parties = read_parties(_dialled(cells, ids), board)
    key, linked_id = _keys(text, ids)
    return Leg(
        source=source,
        natural_key=key,
        linked_id=linked_id,
        started_at=started_at,
        answered_at=(answered_at or after(ended_at, -bill_seconds)) if is_answered else None,
        ended_at=ended_at,
        duration_seconds=duration_seconds,
        talk_seconds=bill_seconds if is_answered else 0,
        disposition=disposition,
        caller_raw=cells[1],
        caller_phone=parties.caller_phone,
        callee_raw=cells[2],
        callee_phone=parties.callee_phone,
        extension=parties.extension,
        queue=parties.queue,
        line=parties.line,
        direction=parties.direction,
        raw_line=text,
        file_line=file_line(FILE_NAME, line),
    )


def _cells(text: str) -> list[str]:
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error as error:
        raise RefusedLineError(f"the quotes do not match: {error}") from error
    if len(rows) != 1 or len(rows[0]) not in _COLUMNS:
        count = len(rows[0]) if rows else 0
        raise RefusedLineError(f"the line has {count} columns, Asterisk writes {_COLUMNS[0]} to {_COLUMNS[-1]}")
    return rows[0]


def _read_ids(extra: list[str]) -> _Ids:
    """The optional columns: how many there are tells which, but for one alone, which its form tells."""
    linked_id = sequence = ""
    if len(extra) >= _NEW_COLUMNS:
        *extra, _, linked_id, sequence = extra
    if len(extra) == 1 and not _UNIQUE_ID.fullmatch(extra[0]):
        extra = ["", *extra]
    unique_id, user_field = [*extra, "", ""][:2]
    if sequence and not sequence.isdecimal():
        raise RefusedLineError("the last column is no sequence number")
    return _Ids(unique_id, user_field, linked_id, sequence)


def _keys(text: str, ids: _Ids) -> tuple[str, str]:
    """Natural key and linked id: by the PBX's ids as far as they are logged, else by the line itself."""
    own = f"h:{line_hash(text)}"
    key = f"{ids.unique_id}/{ids.sequence or own}" if ids.unique_id else own
    return key, ids.linked_id or ids.unique_id or key


def _has_party(cells: list[str]) -> bool:
    """Whether somebody was at the other end; a queue, an announcement or voice mail also counts as ANSWERED here."""
    return bool(cells[6]) and cells[7].casefold() not in MACHINES


def _dialled(cells: list[str], ids: _Ids) -> Dialled:
    return Dialled(cells[1], cells[2], cells[5], cells[6], cells[7], cells[8], (ids.user_field, cells[0]))


def _seconds(cell: str) -> int:
    if not _WHOLE.fullmatch(cell.strip()):
        raise RefusedLineError("duration or billsec is no whole number of seconds")
    return int(cell)
