"""A refused line of a call log, read again by today's code."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from tasks.gateways.call_logs import asterisk_cdr, asterisk_queue_log
from tasks.gateways.call_logs.growing_files import FilePosition, RawLine
from tasks.gateways.call_logs.line_text import SHOWN_CHARS, RefusedLineError
from tasks.rules.calls.parties import Switchboard
from tasks.rules.calls.records import Leg, QueueEvent
from tasks.rules.office import CallLog

_PLACE = re.compile(r"(?P<name>[^:~]+)(?:~(?P<generation>\d+))?:(?P<line>\d+)")


def read_held_line(row_key: str, raw: str, log: CallLog, board: Switchboard) -> Leg | QueueEvent | str:
    """The line as a leg or queue event, or the reason why it is still none.

    It keeps its place ('Master.csv~2:17'). The clock that refused it before is not asked again: a person has.
    """
    place = _PLACE.fullmatch(row_key)
    if place is None:
        return "its place in the log cannot be read"
    if len(raw) >= SHOWN_CHARS:
        return "it was too long to be kept whole"
    position = FilePosition(line=int(place["line"]), generation=int(place["generation"] or 1))
    line = RawLine(raw.encode("utf-8", "surrogatepass"), position)
    try:
        if place["name"] == asterisk_queue_log.FILE_NAME:
            return asterisk_queue_log.read_queue_event(line, log.name)
        return asterisk_cdr.read_leg(line, log.name, ZoneInfo(log.time_zone), board)
    except RefusedLineError as error:
        return str(error)
