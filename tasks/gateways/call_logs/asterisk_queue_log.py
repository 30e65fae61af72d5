"""Asterisk's queue_log: epoch|call id|queue|agent|event|data…; seconds, but RINGNOANSWER's first value is milliseconds.

The values are kept as they came; who reads them must know the unit.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tasks.gateways.call_logs.growing_files import RawLine
from tasks.gateways.call_logs.line_text import RefusedLineError, file_line, line_hash, line_text
from tasks.rules.calls.records import QueueEvent

FILE_NAME = "queue_log"
_FEWEST_COLUMNS = 5
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?")
_KIND = re.compile(r"[A-Z][A-Z0-9_]*")


def read_queue_event(line: RawLine, source: str) -> QueueEvent:
    """One line as a queue event. Raises RefusedLineError with the reason when it is none."""
    text = line_text(line)
    cells = text.split("|")
    if len(cells) < _FEWEST_COLUMNS:
        raise RefusedLineError(f"the line has {len(cells)} columns, a queue log has at least {_FEWEST_COLUMNS}")
    epoch, call_key, queue, agent, kind = cells[:_FEWEST_COLUMNS]
    if not _EPOCH.fullmatch(epoch) or not epoch.isascii():
        raise RefusedLineError("column 1 is no time in seconds since 1970")
    if not _KIND.fullmatch(kind):
        raise RefusedLineError("column 5 is no event")
    return QueueEvent(
        source=source,
        natural_key=f"h:{line_hash(text)}",
        at=datetime.fromtimestamp(float(epoch), UTC),
        call_key=call_key,
        queue=queue,
        agent=agent,
        kind=kind,
        data=tuple(cells[_FEWEST_COLUMNS:]),
        raw_line=text,
        file_line=file_line(FILE_NAME, line),
    )
