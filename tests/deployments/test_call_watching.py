"""The listener sees a new line of a call log, and a call the door has taken, at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from deployments.listener import call_watching
from deployments.listener.call_watching import CALLS, is_watched, watch_calls
from deployments.listener.worklist import Worklist
from sql import schema
from tasks.gateways.store.connection import writing
from tasks.rules.office import CallLog, Telephony
from tests.samples.small_office import small_office

NOON = datetime(2026, 11, 17, 9, tzinfo=UTC)
_LINE = "1794898806|1.7|600|NONE|ABANDON|1\n"


@pytest.fixture
def watched(sqlite_engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worklist]:
    """A worklist that a watcher of one folder fills; the first look is taken off."""
    monkeypatch.setattr(call_watching, "_LOOK_SECONDS", 0.05)
    (tmp_path / "pbx" / "cdr-csv").mkdir(parents=True)
    log = CallLog("pbx", str(tmp_path / "pbx"), "Europe/Moscow")
    office = replace(small_office(tmp_path), telephony=Telephony((log,)))
    worklist, stop = Worklist(), Event()
    desk = SimpleNamespace(office=office, engine=sqlite_engine)
    watcher = Thread(target=watch_calls, args=(desk, worklist, stop), daemon=True)
    watcher.start()
    assert worklist.take(CALLS, 5)
    yield worklist
    stop.set()
    watcher.join(5)


def test_a_line_in_any_of_the_folders_is_seen_at_once(watched: Worklist, tmp_path: Path) -> None:
    for file in (tmp_path / "pbx" / "queue_log", tmp_path / "pbx" / "cdr-csv" / "Master.csv"):
        assert not watched.take(CALLS, 0.2)
        with file.open("a") as log:
            log.write(_LINE)
        assert watched.take(CALLS, 5)


def test_a_call_that_waits_in_the_store_is_seen_once(watched: Worklist, sqlite_engine: sa.Engine) -> None:
    row = {
        "source": "own", "natural_key": "1", "linked_id": "1", "started_at": NOON, "ended_at": NOON,
        "duration_seconds": 0, "talk_seconds": 0, "disposition": "busy", "raw_line": "", "file_line": "post:1",
    }  # fmt: skip
    with writing(sqlite_engine) as connection:
        connection.execute(sa.insert(schema.call_leg).values(**row))
    assert watched.take(CALLS, 5)
    assert not watched.take(CALLS, 0.4)


def test_lists_that_are_asked_for_wait_for_their_schedule() -> None:
    logs = [
        CallLog("a", "x", "UTC"),
        CallLog("b", kind="bitrix24", time_zone="UTC"),
        CallLog("c", kind="bitrix24", time_zone="UTC", post_secret="t"),
        CallLog("d", "x", "UTC", is_active=False),
        CallLog("e", "x", "UTC", "zadarma"),
        CallLog("f", kind="zadarma", time_zone="UTC", url="https://api.example"),
    ]
    assert [is_watched(log) for log in logs] == [True, False, True, False, True, False]
