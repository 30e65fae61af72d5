"""Calls that a program tells us in our own words, one JSON object each: POST /telephony/SOURCE, kind `post`.

Needed: id, direction (in, out, internal), client (the number outside), started_at (ISO 8601 with offset), ended_at or
duration_seconds, outcome (answered, no_answer, busy, failed). Optional: call_id (what folds legs into one call),
answered_at, talk_seconds, wait_seconds, extension, line, queue, recording. What is left out is not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast, get_args

from tasks.gateways.call_logs.columns import json_cells, need, whole_seconds
from tasks.gateways.call_logs.line_text import RefusedLineError, after
from tasks.gateways.call_logs.local_times import iso_time
from tasks.gateways.call_logs.told_legs import Place, Source, Told, leg_of, require_order, seconds_between
from tasks.rules.calls.parties import told_parties
from tasks.rules.calls.records import Direction, Disposition, Leg
from tasks.rules.nearest_name import nearest

_KNOWN = (
    "id", "call_id", "direction", "client", "started_at", "answered_at", "ended_at", "duration_seconds",
    "talk_seconds", "wait_seconds", "outcome", "extension", "line", "queue", "recording",
)  # fmt: skip


def read_leg(source: Source, place: Place) -> Leg:
    """One call as a leg. Raises RefusedLineError, for unknown names too."""
    cells = json_cells(place.raw)
    for name in cells:
        if name not in _KNOWN:
            hint = nearest(name, _KNOWN)
            raise RefusedLineError(f"{name!r} is not known{f': is it {hint}?' if hint else ''}")
    direction, outcome = _word(cells, "direction", Direction), _word(cells, "outcome", Disposition)
    started_at, ended_at, answered_at = _moments(cells)
    is_answered = outcome == "answered"
    client, desk, line = (cells.get(name, "") for name in ("client", "extension", "line"))
    numbers = (client, line or desk) if direction == "in" else (desk or line, client)
    talk = cells.get("talk_seconds", "")
    if not talk and is_answered and answered_at is None:
        raise RefusedLineError("an answered call needs talk_seconds or answered_at")
    told_wait = cells.get("wait_seconds", "")
    wait = whole_seconds(told_wait, "wait_seconds") if told_wait else None
    if wait is None and (answered_at is not None or not is_answered):
        wait = seconds_between(started_at, answered_at or ended_at)
    key = need(cells, "id")
    told = Told(
        key=key,
        linked_id=cells.get("call_id") or key,
        caller=numbers[0],
        callee=numbers[1],
        started_at=started_at,
        ended_at=ended_at,
        duration_seconds=seconds_between(started_at, ended_at),
        talk_seconds=whole_seconds(talk, "talk_seconds") if talk else _talk(answered_at, ended_at),
        disposition=cast("Disposition", outcome),
        answered_at=answered_at,
        wait_seconds=wait,
        recording=cells.get("recording", ""),
    )
    parties = told_parties(cast("Direction", direction), numbers, source.board, extension=desk, shown_line=line)
    return leg_of(told, replace(parties, queue=cells.get("queue") or parties.queue), source, place)


def _moments(cells: Mapping[str, str]) -> tuple[datetime, datetime, datetime | None]:
    started_at = iso_time(need(cells, "started_at"))
    if cells.get("ended_at"):
        ended_at = iso_time(cells["ended_at"])
    else:
        ended_at = after(started_at, whole_seconds(need(cells, "duration_seconds"), "duration_seconds"))
    answered_at = iso_time(cells["answered_at"]) if cells.get("answered_at") else None
    require_order(started_at, answered_at, ended_at)
    return started_at, ended_at, answered_at


def _talk(answered_at: datetime | None, ended_at: datetime) -> int:
    return seconds_between(answered_at, ended_at) if answered_at else 0


def _word(cells: Mapping[str, str], name: str, kind: object) -> str:
    word, allowed = need(cells, name), get_args(kind)
    if word not in allowed:
        raise RefusedLineError(f"{name} must be one of {', '.join(allowed)}")
    return word
