"""Recordings from a call's legs to the kept content and its removal, on both engines, exactly once."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks import recordings as steps
from tasks.desk import Desk
from tasks.gateways.recordings.contents import Contents
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.balance import stuck_rows
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.recording_rights import hold_recording
from tasks.gateways.store.recordings import plan_content
from tasks.rules.office_recordings import RecordingRules, RecordingSource
from tests.samples.desks import desk_with
from tests.samples.recorded_calls import NOON, OPEN, SHUT, fetch_all, put_call, put_file, recording_office
from tests.samples.recording_host import recording_host
from tests.samples.small_office import small_office
from tests.samples.sounds import mp3, wav

MINUTES_5 = timedelta(minutes=5)


@pytest.fixture
def monitor(tmp_path: Path) -> Path:
    folder = tmp_path / "monitor"
    folder.mkdir()
    return folder


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path, monitor: Path) -> Desk:
    """An office whose call log pbx has its recordings in a folder."""
    office = recording_office(small_office(tmp_path), RecordingSource("folder", str(monitor)))
    return Desk(office, engine, SecretSource(tmp_path / "secrets", lambda _: None), tmp_path / "files", tmp_path)


def _rows(desk: Desk) -> list[Any]:
    with reading(desk.engine) as connection:
        return list(connection.execute(sa.select(schema.recording).order_by(schema.recording.c.id)))


def _named(desk: Desk) -> dict[str, Any]:
    return {row.name: row for row in _rows(desk)}


def _kinds(desk: Desk) -> Counter[str]:
    table = schema.event
    with reading(desk.engine) as connection:
        return Counter(connection.scalars(sa.select(table.c.kind).where(table.c.entity == "recording")))


def _files(desk: Desk) -> list[str]:
    return sorted(file.name for file in (desk.files / "recordings").rglob("*") if file.is_file())


def test_a_recording_is_kept_by_its_content_once(desk: Desk, monitor: Path) -> None:
    call_id = put_call(desk.engine, "a.wav", "a.wav", "2.mp3", "")
    put_call(desk.engine, "same.wav")
    for name, content in (("a.wav", wav()), ("2026/11/17/2.mp3", mp3()), ("same.wav", wav())):
        put_file(monitor, name, content)
    assert fetch_all(desk, NOON)[0] == {"waiting": 3, "kept": 3}
    told = [(row.call_id == call_id, row.name, row.state, row.content_type, row.size_bytes) for row in _rows(desk)]
    assert told == [
        (True, "a.wav", "kept", "audio/wav", len(wav())),
        (True, "2.mp3", "kept", "audio/mpeg", len(mp3())),
        (False, "same.wav", "kept", "audio/wav", len(wav())),
    ]
    hashes = sorted(hashlib.sha256(content).hexdigest() for content in (wav(), mp3()))
    assert _files(desk) == hashes
    before = _rows(desk)
    assert fetch_all(desk, NOON)[0] == fetch_all(desk, NOON + timedelta(days=2))[0] == {}
    assert _rows(desk) == before
    assert _kinds(desk) == {"recording.kept": 3}


def test_one_that_is_not_there_yet_is_asked_again_and_given_up_in_the_end(desk: Desk, monitor: Path) -> None:
    put_call(desk.engine, "late.wav", "never.wav")
    now, moments = NOON, []
    assert fetch_all(desk, now)[0] == {"waiting": 2, "asked_again": 2}
    assert fetch_all(desk, now + timedelta(minutes=4))[0] == {}
    put_file(monitor, "late.wav", wav())
    assert fetch_all(desk, now + MINUTES_5)[0] == {"kept": 1, "asked_again": 1}
    while (row := _rows(desk)[1]).state == "waiting":
        moments.append(row.next_try_at)
        now = row.next_try_at
        fetch_all(desk, now)
    assert (row.state, row.reason, row.next_try_at) == ("given_up", "not_there", None)
    assert now == NOON + timedelta(hours=48)
    assert 10 < row.try_count == len(moments) + 2 < 20
    assert _kinds(desk) == {"recording.kept": 1, "recording.given_up": 1}


def test_a_line_that_may_not_be_recorded_is_left_alone_and_that_is_said(desk: Desk, monitor: Path) -> None:
    engine = desk.engine
    put_call(engine, "shut.wav", line=SHUT)
    put_call(engine, "sent-on.wav", line=OPEN, leg_line=SHUT)
    put_call(engine, "unknown.wav", line=None)
    put_call(engine, "inner.wav", line=None, direction="internal")
    put_call(engine, "open.wav", line=OPEN)
    for row in ("shut", "sent-on", "unknown", "inner", "open"):
        put_file(monitor, f"{row}.wav", wav())
    assert fetch_all(desk, NOON)[0] == {"forbidden": 3, "waiting": 2, "kept": 2}
    reasons = {row.name: row.reason for row in _rows(desk) if row.state == "forbidden"}
    assert reasons == {
        "shut.wav": "line_not_recorded",
        "sent-on.wav": "line_not_recorded",
        "unknown.wav": "line_unknown",
    }
    assert _kinds(desk) == {"recording.forbidden": 3, "recording.kept": 2}
    assert len(_files(desk)) == 1


def test_a_line_that_is_forbidden_later_is_not_fetched_any_more(desk: Desk, monitor: Path) -> None:
    put_call(desk.engine, "a.wav")
    fetch_all(desk, NOON)
    put_file(monitor, "a.wav", wav())
    telephony = desk.office.telephony
    lines = tuple(replace(line, may_record=False) for line in telephony.lines)
    other = desk_with(desk, replace(desk.office, telephony=replace(telephony, lines=lines)))
    assert fetch_all(other, NOON + MINUTES_5)[0] == {"forbidden": 1}
    assert _files(desk) == []


def test_links_are_kept_as_they_are_and_only_of_named_hosts(desk: Desk) -> None:
    link = RecordingSource("link", hosts=("files.example",))
    linking = desk_with(desk, recording_office(desk.office, link))
    put_call(desk.engine, "https://files.example/1?t=x", "https://evil.example/2", "name.wav")
    put_call(desk.engine, "https://files.example/3", line=SHUT)
    assert fetch_all(linking, NOON)[0] == {"linked": 1, "given_up": 2, "forbidden": 1}
    assert [(row.state, row.reason, row.address) for row in _rows(desk)] == [
        ("linked", "", "https://files.example/1?t=x"),
        ("given_up", "other_host", None),
        ("given_up", "no_address", None),
        ("forbidden", "line_not_recorded", None),
    ]


def test_legs_that_fold_late_or_are_told_late_are_not_forgotten(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_TOLD_CHUNK", 2)
    old = NOON - timedelta(days=40)
    put_call(desk.engine, "waits.wav", is_folded=False, ended_at=old)
    for number in range(5):
        put_call(desk.engine, f"{number}.wav", ended_at=old)
    silent = put_call(desk.engine, "", ended_at=NOON - timedelta(days=2))
    assert fetch_all(desk, NOON)[0]["waiting"] == 5
    leg = schema.call_leg
    with writing(desk.engine) as connection:
        connection.execute(sa.update(leg).where(leg.c.recording == "waits.wav").values(call_id=1))
        connection.execute(sa.update(leg).where(leg.c.call_id == silent).values(recording="told.wav"))
    assert fetch_all(desk, NOON + timedelta(seconds=1))[0]["waiting"] == 2
    assert len(_rows(desk)) == 7
    assert fetch_all(desk, NOON + timedelta(seconds=2))[0] == {}


def test_a_run_about_the_past_sees_only_the_past(desk: Desk, monitor: Path) -> None:
    put_call(desk.engine, "a.wav", ended_at=NOON + timedelta(hours=1))
    put_file(monitor, "a.wav", wav())
    assert fetch_all(desk, NOON)[0] == {}
    assert fetch_all(desk, NOON + timedelta(hours=1))[0] == {"waiting": 1, "kept": 1}


def test_content_goes_when_its_time_is_over_and_nobody_else_has_it(desk: Desk, monitor: Path) -> None:
    engine = desk.engine
    put_call(engine, "old.wav", "held.mp3", "own.wav", ended_at=NOON - timedelta(days=29))
    put_call(engine, "new.wav")
    put_file(monitor, "old.wav", wav())
    put_file(monitor, "new.wav", wav())
    put_file(monitor, "own.wav", wav(2.0))
    put_file(monitor, "held.mp3", mp3())
    rules = RecordingRules(keep_days=30)
    short = desk_with(desk, replace(desk.office, telephony=replace(desk.office.telephony, recordings=rules)))
    assert fetch_all(short, NOON)[0] == {"waiting": 4, "kept": 4}
    with writing(engine) as connection:
        assert hold_recording(connection, _named(desk)["held.mp3"].id, "court", "person:1", NOON)
    later = NOON + timedelta(days=2)
    assert fetch_all(short, later)[0] == {"removed": 2}
    old, held, own, new = (_named(desk)[name] for name in ("old.wav", "held.mp3", "own.wav", "new.wav"))
    assert (old.state, old.reason, old.removed_at) == ("removed", "keep_days_over", later)
    assert (held.state, own.state, new.state) == ("kept", "removed", "kept")
    assert _files(desk) == sorted([held.sha256, new.sha256])  # old's content is new's too
    with writing(engine) as connection:
        assert hold_recording(connection, held.id, None, "person:1", later)
    assert fetch_all(short, later + timedelta(days=40))[0] == {"removed": 2}
    assert _files(desk) == []
    assert _kinds(desk)["recording.removed"] == 4
    put_call(engine, "ancient.wav", ended_at=NOON - timedelta(days=31))
    assert fetch_all(short, later + timedelta(days=41))[0] == {"given_up": 1}
    assert _rows(desk)[-1].reason == "too_old"


def test_a_source_that_fails_is_left_alone_for_this_run_and_stops_no_other(desk: Desk, monitor: Path) -> None:
    with recording_host() as host:
        host.down = 500
        web = RecordingSource("https", url=host.url("/{name}"), hosts=(host.host,))
        both = recording_office(desk.office, web, RecordingSource("folder", str(monitor)))
        two = desk_with(desk, both)
        put_call(desk.engine, *[f"{number}.wav" for number in range(6)])
        put_call(desk.engine, "b.wav", source="pbx2")
        put_file(monitor, "b.wav", wav())
        counts, asking = fetch_all(two, NOON)
        assert counts == {"waiting": 7, "asked_again": 3, "left": 3, "kept": 1}
        assert (len(host.asked), len(asking.problems)) == (3, 1)
        assert host.host not in asking.problems[0]
        host.down, host.contents = 0, {f"/{number}.wav": wav(mark=bytes([number, 0])) for number in range(6)}
        assert fetch_all(two, NOON + MINUTES_5)[0] == {"kept": 6}
    assert len(_files(desk)) == 7


def test_a_missing_secret_names_itself_and_stops_no_other(desk: Desk, monitor: Path) -> None:
    web = RecordingSource("https", url="https://files.example/{name}", hosts=("files.example",), secret="rec-token")
    two = desk_with(desk, recording_office(desk.office, web, RecordingSource("folder", str(monitor))))
    put_call(desk.engine, "a.wav")
    put_call(desk.engine, "b.wav", source="pbx2")
    put_file(monitor, "b.wav", wav())
    counts, asking = fetch_all(two, NOON)
    assert counts == {"waiting": 2, "left": 1, "kept": 1}
    assert ["rec-token" in problem for problem in asking.problems] == [True]
    assert _rows(desk)[0].try_count == 0


def test_what_is_no_recording_is_given_up_at_once(desk: Desk, monitor: Path) -> None:
    put_call(desk.engine, "page.wav", "../../etc/passwd", "x" * 3000)
    put_file(monitor, "page.wav", b"<html>" * 1000)
    assert fetch_all(desk, NOON)[0] == {"waiting": 2, "given_up": 2}
    assert [row.reason for row in _rows(desk)] == ["no_audio", "outside_folder"]
    assert _files(desk) == []


def test_one_whose_source_is_looked_for_no_more_is_given_up(desk: Desk) -> None:
    put_call(desk.engine, "a.wav")
    put_call(desk.engine, "b.wav", source="gone")
    fetch_all(desk, NOON)
    off = desk_with(desk, recording_office(desk.office, RecordingSource()))
    assert fetch_all(off, NOON + MINUTES_5)[0] == {"given_up": 1}
    assert [(row.name, row.reason) for row in _rows(desk)] == [("a.wav", "not_looked_for")]


def test_other_content_at_the_second_asking_leaves_none_of_the_first(desk: Desk, monitor: Path) -> None:
    put_call(desk.engine, "a.wav")
    put_file(monitor, "a.wav", wav(1.0))
    steps.note_recordings.fn(desk, NOON)
    [due] = next(steps.due_recordings(desk, NOON))
    contents = Contents(desk.files)
    received = contents.receive(iter([wav(1.0)]), 10**6)
    with writing(desk.engine) as connection:  # as a run killed before the last commit leaves it
        plan_content(connection, due.recording_id, received.sha256, "audio/wav", 1)
    contents.place(received)
    put_file(monitor, "a.wav", wav(2.0))
    assert fetch_all(desk, NOON)[0] == {"kept": 1}
    assert _files(desk) == [hashlib.sha256(wav(2.0)).hexdigest()]
    assert _rows(desk)[0].size_bytes == len(wav(2.0))


def test_what_nobody_asked_for_in_a_day_is_a_difference(desk: Desk) -> None:
    put_call(desk.engine, "a.wav")
    fetch_all(desk, NOON)
    for hours, keys in ((0, []), (23, []), (25, ["recording:1"])):
        now = NOON + timedelta(hours=hours)
        with reading(desk.engine) as connection:
            left = [one for one in stuck_rows(connection, now, now) if one.source == "recordings"]
        assert ([one.key for one in left], {one.wrong for one in left} <= {"not_fetched"}) == (keys, True)


def test_only_the_named_logs_are_asked(desk: Desk, monitor: Path) -> None:
    folder = RecordingSource("folder", str(monitor))
    two = desk_with(desk, recording_office(desk.office, folder, folder))
    put_call(desk.engine, "a.wav")
    put_call(desk.engine, "a.wav", source="pbx2")
    put_file(monitor, "a.wav", wav())
    assert fetch_all(two, NOON, ["pbx2"])[0] == {"waiting": 2, "kept": 1}
    assert [row.state for row in _rows(desk)] == ["waiting", "kept"]
