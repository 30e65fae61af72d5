"""A refused line of a call log, read again by today's code."""

from __future__ import annotations

from tasks.gateways.call_logs.asterisk_manager import read_live_record
from tasks.gateways.call_logs.kinds import READERS, source_of
from tasks.gateways.call_logs.line_text import SHOWN_CHARS, RefusedLineError
from tasks.gateways.call_logs.told_legs import Place
from tasks.rules.calls.parties import Switchboard
from tasks.rules.calls.records import LIVE_PLACE, Leg, QueueEvent
from tasks.rules.office import CallLog


def read_held_line(row_key: str, raw: str, log: CallLog, board: Switchboard) -> Leg | QueueEvent | str:
    """The line as a leg or queue event, or the reason why it is still none.

    It keeps its place ('Master.csv~2:17'). The clock that refused it before is not asked again: a person has.
    """
    name, _, number = row_key.rpartition(":")
    if not name or not number:
        return "its place in the log cannot be read"
    if len(raw) >= SHOWN_CHARS:
        return "it was too long to be kept whole"
    if not raw.strip():
        return "the line is empty"
    reader = read_live_record if row_key.startswith(LIVE_PLACE) else READERS.get(log.kind)
    if reader is None:
        return f"a log of kind {log.kind} is read again at its source, not line by line"
    try:
        record = reader(source_of(log, board), Place(row_key, raw))
    except RefusedLineError as error:
        return str(error)
    return "it is the heading of its file" if record is None else record
