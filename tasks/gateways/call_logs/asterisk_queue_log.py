"""Asterisk's queue_log: epoch|call id|queue|agent|event|data…; seconds, but RINGNOANSWER's first value is milliseconds.

The values are kept as they came; who reads them must know the unit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from tasks.gateways.call_logs.line_text import RefusedLineError, line_hash
from tasks.gateways.call_logs.told_legs import Place, Source
from tasks.rules.calls.records import QueueEvent

FILE_NAME = "queue_log"
_FEWEST_COLUMNS = 5
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?", re.ASCII)
_KIND = re.compile(r"[A-Z][A-Z0-9_]*")


def read_queue_event(source: Source, place: Place) -> QueueEvent:
    """One line as a queue event. Raises RefusedLineError with the reason when it is none."""
    cells = place.raw.split("|")
    if len(cells) < _FEWEST_COLUMNS:
        raise RefusedLineError(f"the line has {len(cells)} columns, a queue log has at least {_FEWEST_COLUMNS}")
    if not _EPOCH.fullmatch(cells[0]):
        raise RefusedLineError("column 1 is no time in seconds since 1970")
    return queue_event(source, place, datetime.fromtimestamp(float(cells[0]), UTC), cells[1:])


def queue_event(source: Source, place: Place, at: datetime, cells: Sequence[str]) -> QueueEvent:
    """The event of a line or row after its time: call, queue, agent, kind, data. Raises RefusedLineError."""
    call_key, queue, agent, kind, *data = cells
    if not _KIND.fullmatch(kind):
        raise RefusedLineError("column 5 is no event")
    return QueueEvent(
        source=source.name,
        natural_key=f"h:{line_hash(place.raw)}",
        at=at,
        call_key=call_key,
        queue=queue,
        agent=agent,
        kind=kind,
        data=tuple(data),
        raw_line=place.raw,
        file_line=place.file_line,
    )
