"""What a source told of one leg, checked against itself and made a Leg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tasks.gateways.call_logs.line_text import RefusedLineError
from tasks.gateways.call_logs.local_times import LocalTimes
from tasks.rules.calls.parties import Parties, Switchboard
from tasks.rules.calls.records import Disposition, Leg


@dataclass(frozen=True, slots=True)
class Source:
    """What every reader of one source has at hand. `people`: the source's own id of a person → extension."""

    name: str
    times: LocalTimes
    board: Switchboard
    columns: tuple[str, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands ('Master.csv:17'), its text as it is kept, and its file's first line."""

    file_line: str
    raw: str
    head: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One leg in a source's words. `wait_seconds` None: not told; `talk_seconds` as the source counts it."""

    key: str
    linked_id: str
    caller: str
    callee: str
    started_at: datetime
    ended_at: datetime
    duration_seconds: int
    talk_seconds: int
    disposition: Disposition
    answered_at: datetime | None = None
    wait_seconds: int | None = None
    recording: str = ""
    note: str = ""


def leg_of(told: Told, parties: Parties, source: Source, place: Place) -> Leg:
    """The leg. Raises RefusedLineError when it contradicts itself: talk without an answer, an end before the start."""
    is_answered = told.disposition == "answered"
    if told.talk_seconds and not is_answered:
        raise RefusedLineError(f"it was not answered, and yet {told.talk_seconds} s were talked")
    if told.ended_at < told.started_at:
        raise RefusedLineError("it ends before it starts: the clock ran backwards")
    answered_at = None
    if is_answered:
        answered_at = told.answered_at or told.ended_at - timedelta(seconds=told.talk_seconds)
    wait = told.wait_seconds
    return Leg(
        source=source.name,
        natural_key=told.key,
        linked_id=told.linked_id,
        started_at=told.started_at,
        answered_at=answered_at,
        ended_at=told.ended_at,
        duration_seconds=told.duration_seconds,
        talk_seconds=told.talk_seconds,
        disposition=told.disposition,
        caller_raw=told.caller,
        caller_phone=parties.caller_phone,
        callee_raw=told.callee,
        callee_phone=parties.callee_phone,
        extension=parties.extension,
        queue=parties.queue,
        line=parties.line,
        direction=parties.direction,
        raw_line=place.raw,
        file_line=place.file_line,
        wait_seconds=wait if wait is None else max(0, wait),
        recording=told.recording,
        note=told.note,
    )


def require_order(started_at: datetime, answered_at: datetime | None, ended_at: datetime) -> None:
    """Raise RefusedLineError when a source that tells all three moments tells them in no possible order."""
    if answered_at is not None and not started_at <= answered_at <= ended_at:
        raise RefusedLineError("it was answered before it began or after it ended: the clock ran backwards")


def joined(*notes: str) -> str:
    """Several notes as one, each once."""
    return "; ".join(dict.fromkeys(note for note in notes if note))


def seconds_between(begin: datetime, end: datetime) -> int:
    """Whole seconds from one moment to the other."""
    return int((end - begin).total_seconds())
