"""Recordings of calls: noted when a call tells of one, asked for until they are there, removed when time is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.artifacts import publish_table
from tasks.desk import Desk
from tasks.gateways.recordings.contents import Contents, Received
from tasks.gateways.recordings.local_folder import read_local
from tasks.gateways.recordings.web_address import read_web
from tasks.gateways.store import recordings as store
from tasks.gateways.store.connection import Turn, reading, take_turn, writing
from tasks.gateways.store.recordings_told import (
    ToldRecording,
    lines_of_calls,
    newest_leg,
    read_place,
    told_after,
    told_lately,
    write_place,
)
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.office import CallLog, Office
from tasks.rules.recordings.addresses import address_of, names_of
from tasks.rules.recordings.course import (
    SOURCE_FAILS,
    Reason,
    RecordingError,
    after_failure,
    is_past_keeping,
    recording_ban,
)

_CHUNK, _TOLD_CHUNK = 100, 1000
_LATELY = timedelta(days=3)
_PATIENCE = 3


class Asking:
    """One run's asking: the sources' secrets, how often each failed in a row, and what people must hear of."""

    __slots__ = ("failures", "problems", "secrets", "sources")

    def __init__(self, sources: dict[str, CallLog]) -> None:
        self.sources = sources
        self.secrets: dict[str, str] = {}
        self.problems: list[str] = []
        self.failures: Counter[str] = Counter()

    def is_left(self, source: str) -> bool:
        """Whether this source is asked no more in this run: it failed three times in a row, or has no secret."""
        return self.failures[source] >= _PATIENCE


@task(name="note-recordings", cache_policy=NO_CACHE)
def note_recordings(desk: Desk, now: datetime) -> dict[str, int]:
    """Write down every recording that calls, ended by `now`, tell of; those that may not be had with the reason."""
    counts: Counter[str] = Counter()
    with reading(desk.engine) as connection:
        place, newest = read_place(connection), newest_leg(connection)
        lately = told_lately(connection, now - _LATELY, now)
    with writing(desk.engine) as connection:
        counts.update(_note(connection, desk.office, lately, now))
    position, settled = place, place
    while position < newest:
        with writing(desk.engine) as connection:
            told = told_after(connection, position, now, _TOLD_CHUNK)
            new = _note(connection, desk.office, told, now)
            following = told[-1].leg_id if len(told) == _TOLD_CHUNK else newest
            if settled == position:  # nothing was left behind so far
                settled = next((one.leg_id - 1 for one in told if one.call_id is None), following)
            position = following
            write_place(connection, settled, new.total(), now)
        counts.update(new)
    return {f"recordings_{state}": count for state, count in sorted(counts.items())}


def _note(connection: sa.Connection, office: Office, told: Sequence[ToldRecording], now: datetime) -> Counter[str]:
    """Note what these legs tell; how many were new, by state."""
    ready = [one for one in told if one.call_id is not None]
    lines = lines_of_calls(connection, sorted({one.call_id for one in ready if one.call_id is not None}))
    found: dict[tuple[int, str], store.NewRecording] = {}
    logs = {log.name: log for log in office.telephony.logs}
    for one in ready:
        log = logs.get(one.source)
        if log is None or log.recordings.way == "none" or one.call_id is None:
            continue
        numbers = {one.line, *lines.get(one.call_id, ())}
        ban = recording_ban(one.direction, numbers, office.telephony.lines)
        for name in names_of(log.kind, one.text):
            found.setdefault((one.call_id, name), _first_state(office, log, one, name, ban, now))
    return Counter(one.state for one in store.note_recordings(connection, list(found.values()), now))


def _first_state(
    office: Office, log: CallLog, told: ToldRecording, name: str, ban: Reason | None, now: datetime
) -> store.NewRecording:
    noted = partial(store.NewRecording, told.call_id or 0, told.source, name, told.ended_at)
    if ban:
        return noted("forbidden", ban)
    if is_past_keeping(told.ended_at, office.telephony.recordings, now):
        return noted("given_up", "too_old")
    if log.recordings.way != "link":
        return noted("waiting")
    try:
        return noted("linked", address=address_of(log.recordings, name))
    except RecordingError as error:
        return noted("given_up", error.reason)


def begin_asking(desk: Desk, names: Sequence[str]) -> Asking:
    """What is needed to ask the named call logs' sources (none: all); a source without its secret is left alone."""
    logs = {log.name: log for log in desk.office.telephony.logs if not names or log.name in names}
    asking = Asking(logs)
    for name, log in logs.items():
        try:
            asking.secrets[name] = desk.secrets.read(log.recordings.secret) if log.recordings.secret else ""
        except CredentialError as error:
            asking.failures[name] = _PATIENCE
            asking.problems.append(f"recordings of {name}: {error}")
    return asking


def due_recordings(desk: Desk, now: datetime) -> Iterator[list[store.DueRecording]]:
    """Chunk after chunk of what is to be asked for by `now`, each recording once."""
    last = 0
    while True:
        with reading(desk.engine) as connection:
            due = store.due_recordings(connection, now, last, _CHUNK)
        if not due:
            return
        last = due[-1].recording_id
        yield due


@task(name="fetch-recordings", task_run_name="fetch-recordings", cache_policy=NO_CACHE)
def fetch_chunk(desk: Desk, asking: Asking, due: Sequence[store.DueRecording], now: datetime) -> dict[str, int]:
    """Ask for each of these once; counts by what became of it. One that fails stops no other."""
    counts: Counter[str] = Counter()
    contents = Contents(desk.files)
    for one in due:
        if one.source not in asking.sources and one.source in {log.name for log in desk.office.telephony.logs}:
            continue
        if asking.is_left(one.source):
            counts["left"] += 1
            continue
        counts[_fetch(desk, contents, asking, one, now)] += 1
    return {f"recordings_{what}": count for what, count in sorted(counts.items())}


def _fetch(desk: Desk, contents: Contents, asking: Asking, due: store.DueRecording, now: datetime) -> str:
    """One recording from asking to its row; what became of it."""
    log = asking.sources.get(due.source)
    ban = recording_ban(due.direction, due.numbers, desk.office.telephony.lines)
    if ban:
        return _give_up(desk, contents, due, "forbidden", ban, now)
    if log is None or log.recordings.way in ("none", "link"):
        return _give_up(desk, contents, due, "given_up", "not_looked_for", now)
    try:
        chunks = _chunks(desk.office, log, due, asking.secrets[due.source])
        received = contents.receive(chunks, log.recordings.megabytes * 1_000_000)
    except RecordingError as error:
        asking.failures[due.source] = asking.failures[due.source] + 1 if error.reason in SOURCE_FAILS else 0
        if error.reason in SOURCE_FAILS and asking.failures[due.source] == _PATIENCE:
            asking.problems.append(f"recordings of {due.source}: {error}")
        return _failed(desk, contents, due, error.reason, now)
    except OSError as error:
        raise OutsideError(f"the folder of recordings cannot be written: {error.strerror}") from error
    asking.failures[due.source] = 0
    return _keep(desk, contents, due, received, now)


def _chunks(office: Office, log: CallLog, due: store.DueRecording, secret: str) -> Iterator[bytes]:
    if log.recordings.way == "folder":
        zone = ZoneInfo(log.time_zone) if log.time_zone else office.zone
        days = (due.started_at.astimezone(zone).date(), due.ended_at.astimezone(zone).date())
        return read_local(Path(log.recordings.folder), due.name, days)
    return read_web(log.recordings, due.name, secret)


def _keep(desk: Desk, contents: Contents, due: store.DueRecording, received: Received, now: datetime) -> str:
    """Name the content, put it in place, say that it is there: killed in between, the next run does it again."""
    recording_id, sha256 = due.recording_id, received.sha256
    with writing(desk.engine) as connection:
        take_turn(connection, Turn.RECORDING_CONTENT)
        planned = store.plan_content(connection, recording_id, sha256, received.content_type, received.size_bytes)
        _drop_unnamed(connection, contents, due.planned_sha256)
    if not planned:
        received.path.unlink(missing_ok=True)
        return "settled_elsewhere"
    contents.place(received)
    with writing(desk.engine) as connection:
        take_turn(connection, Turn.RECORDING_CONTENT)
        if not contents.path_of(sha256).is_file():
            return "left"
        return "kept" if store.keep_recording(connection, recording_id, now) else "settled_elsewhere"


def _failed(desk: Desk, contents: Contents, due: store.DueRecording, reason: Reason, now: datetime) -> str:
    since = max(due.ended_at, due.noted_at)
    step = after_failure(reason, due.try_count + 1, since, desk.office.telephony.recordings, now)
    with writing(desk.engine) as connection:
        take_turn(connection, Turn.RECORDING_CONTENT)
        store.ask_again(connection, due.recording_id, due.try_count + 1, reason, step, now)
        _drop_unnamed(connection, contents, due.planned_sha256)
    return "asked_again" if step.state == "waiting" else "given_up"


def _give_up(desk: Desk, contents: Contents, due: store.DueRecording, state: str, reason: Reason, now: datetime) -> str:
    with writing(desk.engine) as connection:
        take_turn(connection, Turn.RECORDING_CONTENT)
        store.end_recording(connection, due.recording_id, state, reason, now)
        _drop_unnamed(connection, contents, due.planned_sha256)
    return state


def _drop_unnamed(connection: sa.Connection, contents: Contents, sha256: str | None) -> None:
    """Remove content that no row names any more; inside the transaction that took the name away."""
    if sha256 and not store.is_referred_to(connection, sha256):
        contents.drop(sha256)


@task(name="forget-recordings", cache_policy=NO_CACHE)
def forget_recordings(desk: Desk, now: datetime) -> dict[str, int]:
    """Remove what was kept long enough; what a killed run left half received goes too."""
    contents, removed = Contents(desk.files), 0
    contents.sweep()
    keep_days = desk.office.telephony.recordings.keep_days
    while keep_days:
        with writing(desk.engine) as connection:
            take_turn(connection, Turn.RECORDING_CONTENT)
            old = store.past_keeping(connection, now - timedelta(days=keep_days), _CHUNK)
            for recording_id, sha256 in old:
                store.remove_recording(connection, recording_id, "keep_days_over", now)
                _drop_unnamed(connection, contents, sha256)
        removed += len(old)
        if len(old) < _CHUNK:
            break
    return {"recordings_removed": removed}


@task(name="show-recordings", cache_policy=NO_CACHE)
def show_recordings(desk: Desk) -> None:
    """How many recordings each source has in which state, as an artifact of the run."""
    with reading(desk.engine) as connection:
        rows = [
            {"source": source, "state": state, "recordings": count}
            for source, state, count in store.count_recordings(connection)
        ]
    publish_table("recordings", rows, "Recordings by source and state / Записи по источникам и состояниям")
