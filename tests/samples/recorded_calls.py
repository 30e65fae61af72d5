"""Calls whose legs name recordings, straight in the store; and an office that looks for them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import writing
from tasks.recordings import (
    Asking,
    begin_asking,
    due_recordings,
    fetch_chunk,
    forget_recordings,
    note_recordings,
)
from tasks.rules.office import CallLog, Line, Office
from tasks.rules.office_recordings import RecordingRules, RecordingSource

NOON = datetime(2026, 11, 17, 9, tzinfo=UTC)
OPEN, SHUT = "+79000000100", "+79000000101"
LINES = (Line(OPEN, "Open"), Line(SHUT, "Shut", may_record=False))


def recording_office(
    office: Office, *sources: RecordingSource, rules: RecordingRules | None = None, kind: Any = "asterisk"
) -> Office:
    """`office` with one call log per source, named pbx, pbx2 and so on, and one line that may not be recorded."""
    logs = tuple(
        CallLog(f"pbx{number if number > 1 else ''}", "/nowhere", "Europe/Moscow", kind, recordings=source)
        for number, source in enumerate(sources, start=1)
    )
    telephony = replace(office.telephony, logs=logs, lines=LINES, recordings=rules or RecordingRules())
    return replace(office, telephony=telephony)


def put_call(
    engine: sa.Engine,
    *names: str,
    source: str = "pbx",
    ended_at: datetime = NOON - timedelta(minutes=5),
    line: str | None = OPEN,
    leg_line: str | None = None,
    direction: str = "in",
    is_folded: bool = True,
    lead_id: int | None = None,
) -> int:
    """A call of a minute with a leg per name; returns its id (0: its legs are not folded yet)."""
    began = ended_at - timedelta(minutes=1)
    with writing(engine) as connection:
        number = int(connection.scalar(sa.select(sa.func.count()).select_from(schema.call_leg)) or 0)
        linked = f"{number}.1"
        call_id = None
        if is_folded:
            made = connection.execute(
                sa.insert(schema.call).values(
                    source=source, linked_id=linked, direction=direction, started_at=began, answered_at=began,
                    ended_at=ended_at, outcome="answered", talk_seconds=60, leg_count=len(names), transfer_count=0,
                    client_raw="", client_phone="+79000000501", line=line, lead_id=lead_id, settled_at=ended_at,
                )
            )  # fmt: skip
            [call_id] = made.inserted_primary_key or (0,)
        for place, name in enumerate(names):
            connection.execute(
                sa.insert(schema.call_leg).values(
                    source=source, natural_key=f"{linked}/{place}", linked_id=linked, started_at=began,
                    answered_at=began, ended_at=ended_at, duration_seconds=60, talk_seconds=60, disposition="answered",
                    caller_raw="", callee_raw="", direction=direction, raw_line="", line=leg_line,
                    file_line=f"f:{number}", call_id=call_id, recording=name,
                )
            )  # fmt: skip
    return call_id or 0


def put_file(folder: Path, name: str, content: bytes) -> None:
    """A recording that the PBX has written a minute ago."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    os.utime(file, (time.time() - 60,) * 2)


def fetch_all(desk: Desk, now: datetime, names: Sequence[str] = ()) -> tuple[dict[str, int], Asking]:
    """What the flow does, step by step, without Prefect."""
    counts: dict[str, int] = {}
    asking = begin_asking(desk, names)
    steps = [note_recordings.fn(desk, now)]
    steps += [fetch_chunk.fn(desk, asking, due, now) for due in due_recordings(desk, now)]
    for step in (*steps, forget_recordings.fn(desk, now)):
        counts.update({name: counts.get(name, 0) + count for name, count in step.items()})
    return {name.removeprefix("recordings_"): count for name, count in counts.items() if count}, asking
