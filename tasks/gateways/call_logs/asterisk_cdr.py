"""Asterisk's call detail records: one leg a line, in the columns of cdr_csv, or those of a mapping in cdr_custom.conf.

cdr_csv.c writes 16 to 21 columns without a heading: accountcode, src, dst, dcontext, clid, channel, dstchannel,
lastapp, lastdata, start, answer, end, duration, billsec, disposition, amaflags; uniqueid (`loguniqueid`); userfield
(`loguserfield`); peeraccount, linkedid, sequence (`newcdrcolumns`). cdr_custom writes the same file name in another
order: that of its sample is told by where the disposition stands. Times are local unless `usegmtime`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tasks.gateways.call_logs.columns import named, split_cells, whole_seconds
from tasks.gateways.call_logs.line_text import RefusedLineError, after, line_hash
from tasks.gateways.call_logs.told_legs import Place, Source, Told, joined, leg_of, seconds_between
from tasks.rules.calls.log_clock import channel_epoch
from tasks.rules.calls.parties import MACHINES, Dialled, read_parties
from tasks.rules.calls.records import Disposition, Leg

FILE_NAME = "Master.csv"
SPREADSHEET_NOTE = "saved by a spreadsheet with semicolons"
_CSV = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata",
    "start", "answer", "end", "duration", "billsec", "disposition", "amaflags",
)  # fmt: skip
_CUSTOM = (
    "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end",
    "duration", "billsec", "disposition", "amaflags", "accountcode", "uniqueid", "userfield", "sequence",
)  # fmt: skip
_MOST_COLUMNS = 21
_NEW_COLUMNS = 3
_UNIQUE_ID = re.compile(r"(?:.*-)?\d{9,10}\.\d+")
_DISPOSITIONS: dict[str, Disposition] = {
    "ANSWERED": "answered",
    "NO ANSWER": "no_answer",
    "NOANSWER": "no_answer",
    "BUSY": "busy",
    "FAILED": "failed",
    "CONGESTION": "failed",
}


def read_leg(source: Source, place: Place) -> Leg:
    """One line as a leg. Raises RefusedLineError with the reason when it is none."""
    cells, note = split_cells(place.raw), ""
    if len(cells) < len(_CSV) and place.raw.count(";") >= len(_CSV) - 1:
        cells, note = split_cells(place.raw, ";"), SPREADSHEET_NOTE
    if source.columns:
        return leg_of_cells(named(source.columns, cells), source, place, note)
    if not len(_CSV) <= len(cells) <= _MOST_COLUMNS:
        raise RefusedLineError(f"the line has {len(cells)} columns, Asterisk writes {len(_CSV)} to {_MOST_COLUMNS}")
    if _is_disposition(cells[14]):
        return leg_of_cells(_of_csv(cells), source, place, note)
    if _is_disposition(cells[13]) and len(cells) <= len(_CUSTOM):
        return leg_of_cells(dict(zip(_CUSTOM, cells, strict=False)), source, place, note)
    raise RefusedLineError(
        "column 15 is no disposition (ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION); "
        "does cdr_custom write this file? then put its mapping line into `columns`"
    )


def leg_of_cells(cells: Mapping[str, str], source: Source, place: Place, note: str = "", identity: str = "") -> Leg:
    """The leg of a record whose columns have Asterisk's names, whatever their order.

    `identity` tells legs without a sequence apart; '' for the whole line.
    """
    told = _DISPOSITIONS.get(cells.get("disposition", "").strip().upper())
    if told is None:
        raise RefusedLineError("disposition is none of ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION")
    duration_seconds = whole_seconds(cells.get("duration", ""), "duration")
    bill_seconds = whole_seconds(cells.get("billsec", ""), "billsec")
    if bill_seconds and told != "answered":
        raise RefusedLineError(f"it was not answered, and yet {bill_seconds} s were talked")
    key, linked_id = _keys(cells, identity or place.raw)
    moments = _moments(cells, source, channel_epoch(cells.get("uniqueid", "")), duration_seconds, bill_seconds)
    has_party = bool(cells.get("dstchannel")) and cells.get("lastapp", "").casefold() not in MACHINES
    # a queue, an announcement or voice mail also counts as ANSWERED here
    disposition = "no_answer" if told == "answered" and not has_party else told
    answered_at = moments.answered_at if disposition == "answered" else None
    waited = seconds_between(moments.started_at, answered_at or moments.ended_at)
    marks = (cells.get("userfield", ""), cells.get("accountcode", ""), cells.get("did", ""))
    parties = read_parties(_dialled(cells, marks), source.board)
    return leg_of(
        Told(
            key=key,
            linked_id=linked_id,
            caller=cells.get("src", ""),
            callee=cells.get("dst", ""),
            started_at=moments.started_at,
            ended_at=moments.ended_at,
            duration_seconds=duration_seconds,
            talk_seconds=bill_seconds if disposition == "answered" else 0,
            disposition=disposition,
            answered_at=answered_at,
            # a queue's channel is answered by music: only its own log tells the waiting
            wait_seconds=None if parties.queue else waited,
            recording=cells.get("recordingfile", ""),
            note=joined(note, moments.note),
        ),
        parties,
        source,
        place,
    )


def _keys(cells: Mapping[str, str], identity: str) -> tuple[str, str]:
    """Natural key and linked id: by the PBX's ids as far as they are logged, else by what tells the leg apart."""
    unique_id, linked_id, sequence = (cells.get(name, "") for name in ("uniqueid", "linkedid", "sequence"))
    if sequence and not sequence.isdecimal():
        raise RefusedLineError("the last column is no sequence number")
    own = sequence if unique_id and sequence else f"h:{line_hash(identity)}"
    key = f"{unique_id}/{own}" if unique_id else own
    return key, linked_id or unique_id or key


@dataclass(frozen=True, slots=True)
class _Moments:
    started_at: datetime
    answered_at: datetime
    ended_at: datetime
    note: str


def _moments(
    cells: Mapping[str, str], source: Source, epoch: datetime | None, duration_seconds: int, bill_seconds: int
) -> _Moments:
    """Start, answer (as if there was one) and end; tables of CDR have no end or answer, the lengths tell them."""
    read = source.times.read
    started_at, start_note = read(cells.get("start", ""), epoch)
    ended_at, end_note = after(started_at, duration_seconds), ""
    if "end" in cells:
        ended_at, end_note = read(cells["end"], ended_at)
    answered_at, answer_note = after(ended_at, -bill_seconds), ""
    if cells.get("answer", "").strip():
        answered_at, answer_note = read(cells["answer"], answered_at)
    return _Moments(started_at, answered_at, ended_at, joined(start_note, end_note, answer_note))


def _is_disposition(cell: str) -> bool:
    return cell.strip().upper() in _DISPOSITIONS


def _of_csv(cells: Sequence[str]) -> dict[str, str]:
    """cdr_csv's columns: how many there are tells which, but for one alone, which its form tells."""
    found = dict(zip(_CSV, cells, strict=False))
    extra = list(cells[len(_CSV) :])
    if len(extra) >= _NEW_COLUMNS:
        *extra, _, found["linkedid"], found["sequence"] = extra
    if len(extra) == 1 and not _UNIQUE_ID.fullmatch(extra[0]):
        extra = ["", *extra]
    found["uniqueid"], found["userfield"] = [*extra, "", ""][:2]
    return found


def _dialled(cells: Mapping[str, str], marks: tuple[str, ...]) -> Dialled:
    names = ("src", "dst", "channel", "dstchannel", "lastapp", "lastdata")
    caller, callee, channel, other, application, data = (cells.get(name, "") for name in names)
    return Dialled(caller, callee, channel, other, application, data, marks)
