"""Real log lines and broken ones: a leg, an event or refused; files that grow, are renamed, cut and emptied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.gateways.call_logs import growing_files
from tasks.gateways.call_logs.asterisk_cdr import read_leg
from tasks.gateways.call_logs.growing_files import FilePosition, RawLine, read_new_lines
from tasks.gateways.call_logs.line_text import RefusedLineError, line_text
from tasks.gateways.call_logs.local_times import LocalTimes
from tasks.gateways.call_logs.portions import Portion, read_portion
from tasks.gateways.call_logs.told_legs import Place, Source
from tasks.rules.calls.parties import Switchboard
from tasks.rules.calls.records import Leg
from tasks.rules.errors import OutsideError
from tasks.rules.office import CallLog

MOSCOW = ZoneInfo("Europe/Moscow")
BOARD = Switchboard("RU", frozenset({"+79000000100"}), frozenset({"600"}))
EVENING = datetime(2026, 11, 17, 18, 30, tzinfo=MOSCOW)
CELLS = [
    "", "79000000501", "600", "office", '"Иван ""И"" П" <79000000501>', "PJSIP/trunk-01", "PJSIP/101-02", "Queue",
    "600,tT", "2026-11-17 10:00:00", "2026-11-17 10:00:20", "2026-11-17 10:01:00", "60", "40", "ANSWERED",
    "DOCUMENTATION", "1794898800.7", "79000000100", "", "1794898800.7", "11",
]  # fmt: skip


def _line(cells: list[str]) -> bytes:
    return ",".join('"' + cell.replace('""', '"').replace('"', '""') + '"' if cell else "" for cell in cells).encode()


def _leg(content: bytes, zone: ZoneInfo = MOSCOW) -> Leg:
    text = line_text(RawLine(content, FilePosition(line=1)))
    return read_leg(Source("pbx", LocalTimes(zone), BOARD), Place("Master.csv:1", text))


def _changed(**columns: str) -> bytes:
    names = {"src": 1, "dst": 2, "dstchannel": 6, "app": 7, "start": 9, "answer": 10, "end": 11, "duration": 12,
             "billsec": 13, "disposition": 14, "uniqueid": 16, "sequence": 20}  # fmt: skip
    cells = list(CELLS)
    for name, value in columns.items():
        cells[names[name]] = value
    return _line(cells)


def test_a_full_line_is_a_leg() -> None:
    leg = _leg(_line(CELLS))
    assert (leg.natural_key, leg.linked_id, leg.channel_id) == ("1794898800.7/11", "1794898800.7", "1794898800.7")
    assert leg.started_at == datetime(2026, 11, 17, 7, 0, tzinfo=UTC)
    assert (leg.duration_seconds, leg.talk_seconds, leg.disposition) == (60, 40, "answered")
    assert (leg.caller_phone, leg.extension, leg.queue, leg.line) == ("+79000000501", "101", "600", "+79000000100")
    assert leg.file_line == "Master.csv:1"


@pytest.mark.parametrize(
    ("extra", "key", "linked_id"),
    [
        ([], "h:", "h:"),
        (["1794898800.7"], "1794898800.7/h:", "1794898800.7"),
        (["order 7"], "h:", "h:"),
        (["1794898800.7", "order 7"], "1794898800.7/h:", "1794898800.7"),
        (["", "1794898000.1", "11"], "h:", "1794898000.1"),
        (["1794898800.7", "", "1794898000.1", "11"], "1794898800.7/11", "1794898000.1"),
        (["1794898800.7", "order 7", "", "1794898000.1", "11"], "1794898800.7/11", "1794898000.1"),
    ],
)
def test_sixteen_to_twenty_one_columns(extra: list[str], key: str, linked_id: str) -> None:
    leg = _leg(_line(CELLS[:16] + extra))
    assert leg.natural_key.startswith(key)
    assert leg.linked_id.startswith(linked_id)


def test_bom_nuls_before_and_undecodable_names_do_no_harm() -> None:
    assert _leg(b"\xef\xbb\xbf" + _line(CELLS)) == _leg(_line(CELLS))
    assert _leg(b"\0\0" + _line(CELLS)) == _leg(_line(CELLS))
    assert "\\xc8" in _leg(_line(CELLS).replace("Иван".encode(), "Иван".encode("cp1251"))).raw_line


@pytest.mark.parametrize(
    "changes",
    [{"dstchannel": ""}, {"app": "VoiceMail"}, {"disposition": "NO ANSWER", "answer": "", "billsec": "0"}],
)
def test_answered_by_a_machine_is_not_answered(changes: dict[str, str]) -> None:
    leg = _leg(_changed(**changes))
    assert (leg.disposition, leg.talk_seconds, leg.answered_at) == ("no_answer", 0, None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"   ", "empty"),
        (b"a,b,c", "3 columns"),
        (_line([*CELLS, "more"]), "22 columns"),
        (_line(CELLS)[:150], "quotes"),
        (_line(CELLS).replace(b"office", b"of\0ce"), "NUL"),
        (_changed(start="03/04/2026 10:00", uniqueid=""), "cannot be told apart"),
        (_changed(start="17 Nov 2026 10:00:00"), "YYYY-MM-DD"),
        (_changed(start="17.13.2026 10:00:00"), "YYYY-MM-DD"),
        (_changed(end="2026-11-17 09:59:00"), "clock ran backwards"),
        (_changed(disposition="NO ANSWER"), "yet 40 s were talked"),
        (_changed(duration="1" + "0" * 18), "whole number"),
        (_changed(end=""), "YYYY-MM-DD"),
        (_changed(end="9999-99-99 10:00:00"), "YYYY-MM-DD"),
        (_changed(duration="1e3"), "whole number"),
        (_changed(billsec=""), "whole number"),
        (_changed(disposition="MAYBE"), "disposition"),
        (_changed(sequence="x"), "sequence"),
        (b"\xff\xfe" + "a,b".encode("utf-16-le"), "NUL"),
        (b"\xd0\x9f\xff\x1b[1m *** restarted ***", "1 columns"),
    ],
)
def test_dirty_lines_are_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(RefusedLineError, match=reason):
        _leg(content)


def test_the_hour_that_comes_twice_is_told_apart_by_the_channels_epoch() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for hour in (0, 1):  # 02:30 summer time, then 02:30 winter time
        start = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        content = _changed(start="2026-10-25 02:30:00", answer="2026-10-25 02:30:20", end="2026-10-25 02:31:00",
                           uniqueid=f"{int(start.timestamp())}.7")  # fmt: skip
        leg = _leg(content, berlin)
        assert (leg.started_at, leg.ended_at) == (start, start + timedelta(seconds=60))
        assert leg.answered_at == start + timedelta(seconds=20)


def _read(folder: Path, kept: dict[str, Any], until: datetime = EVENING, **changes: Any) -> Portion:
    """Read a portion and keep its cursors."""
    log = CallLog("pbx", str(folder), **{"time_zone": "Europe/Moscow"} | changes)
    portion = read_portion(log, folder, BOARD, kept, until, 1000)
    kept.update({part.cursor: part.end for part in portion.parts})
    return portion


def _write(folder: Path, *numbers: int, name: str = "Master.csv") -> None:
    with (folder / name).open("ab") as file:
        for number in numbers:
            file.write(_changed(sequence=str(number)) + b"\r\n")


def _numbers(portion: Portion) -> list[int]:
    return [int(leg.natural_key.rpartition("/")[2]) for leg in portion.legs]


def test_only_whole_new_lines_are_read(tmp_path: Path) -> None:
    kept: dict[str, Any] = {}
    _write(tmp_path, 1, 2)
    half = _changed(sequence="3") + b"\n"
    with (tmp_path / "Master.csv").open("ab") as file:
        file.write(half[:70])
    assert _numbers(_read(tmp_path, kept)) == [1, 2]
    assert _read(tmp_path, kept).line_count == 0
    with (tmp_path / "Master.csv").open("ab") as file:
        file.write(half[70:])
    portion = _read(tmp_path, kept)
    assert _numbers(portion) == [3]
    assert portion.legs[0].file_line == "Master.csv:3"


@pytest.mark.parametrize("way", ["rename", "copytruncate"])
def test_rotation_loses_nothing(tmp_path: Path, way: str) -> None:
    kept: dict[str, Any] = {}
    current, old = tmp_path / "Master.csv", tmp_path / "Master.csv.1"
    _write(tmp_path, 1, 2)
    assert _numbers(_read(tmp_path, kept)) == [1, 2]
    _write(tmp_path, 3)
    if way == "rename":
        current.rename(old)
    else:
        old.write_bytes(current.read_bytes())
        current.write_bytes(b"")
    assert _numbers(_read(tmp_path, kept)) == [3]
    _write(tmp_path, 4, 5, 6, 7)
    portion = _read(tmp_path, kept)
    assert (_numbers(portion), portion.notes) == ([4, 5, 6, 7], ())
    assert portion.legs[0].file_line == "Master.csv~2:1"
    assert _read(tmp_path, kept).line_count == 0


def test_two_rotations_between_readings_lose_nothing(tmp_path: Path) -> None:
    kept: dict[str, Any] = {}
    _write(tmp_path, 1)
    _read(tmp_path, kept)
    _write(tmp_path, 2)
    (tmp_path / "Master.csv").rename(tmp_path / "Master.csv.2")
    _write(tmp_path, 3, name="Master.csv.1")
    _write(tmp_path, 4)
    assert _numbers(_read(tmp_path, kept)) == [2, 3, 4]
    assert _read(tmp_path, kept).line_count == 0


def test_long_lines_come_in_small_portions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, Any] = {}
    _write(tmp_path, 1)
    _read(tmp_path, kept)
    _write(tmp_path, 2, 3, 4)
    (tmp_path / "Master.csv").rename(tmp_path / "Master.csv.1")
    _write(tmp_path, 5, 6)
    monkeypatch.setattr(growing_files, "MOST_BYTES", 1 + len(_changed(sequence="2") + b"\r\n"))
    portions = [_read(tmp_path, kept) for _ in range(4)]
    assert [_numbers(portion) for portion in portions] == [[2, 3], [4, 5, 6], [], []]
    assert not any(portion.notes for portion in portions)


def test_a_rest_that_is_gone_is_said(tmp_path: Path) -> None:
    kept: dict[str, Any] = {}
    _write(tmp_path, 1, 2)
    _read(tmp_path, kept)
    (tmp_path / "Master.csv").unlink()
    _write(tmp_path, 3)
    portion = _read(tmp_path, kept)
    assert _numbers(portion) == [3]
    assert "Master.csv last read is gone" in portion.notes[0]
    assert _read(tmp_path, kept).notes == ()


def test_asterisks_own_folders_are_known_and_empty_ones_are_said(tmp_path: Path) -> None:
    assert "no queue_log and no Master.csv yet" in _read(tmp_path, {}).notes[0]
    (tmp_path / "cdr-csv").mkdir()
    _write(tmp_path / "cdr-csv", 1)
    assert _numbers(_read(tmp_path, {})) == [1]
    with pytest.raises(OutsideError, match="is not there"):
        _read(tmp_path / "elsewhere", {})


def test_a_log_in_another_zone_than_declared_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, 1, 2, 3)
    with pytest.raises(OutsideError, match=r"3 h ahead of .* as UTC"):
        _read(tmp_path, {}, time_zone="UTC")


def test_a_line_of_the_future_waits_but_a_broken_clock_holds_up_nobody(tmp_path: Path) -> None:
    kept: dict[str, Any] = {}
    future = _changed(start="2038-01-19 03:14:07", end="2038-01-19 03:14:07", sequence="2", uniqueid="1.1")
    later = _changed(start="2026-11-17 18:29:00", end="2026-11-17 18:31:00", sequence="4")
    content = [_changed(sequence="1"), future, _changed(sequence="3"), later, _changed(sequence="5")]
    (tmp_path / "Master.csv").write_bytes(b"\n".join(content) + b"\n")
    assert _read(tmp_path, kept, EVENING - timedelta(days=3)).line_count == 0
    portion = _read(tmp_path, kept)
    assert (_numbers(portion), [row.row_key for row in portion.refused]) == ([1, 3], ["Master.csv:2"])
    assert _numbers(_read(tmp_path, kept, EVENING + timedelta(minutes=5))) == [4, 5]


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    (tmp_path / "Master.csv").write_bytes(b"x" * 300_000 + b"\n" + _line(CELLS) + b"\n")
    portion = _read(tmp_path, {})
    assert [row.reason for row in portion.refused] == ["the line is too long"]
    assert len(portion.refused[0].raw) <= 2000
    assert len(portion.legs) == 1


def test_queue_events_keep_their_values(tmp_path: Path) -> None:
    text = "1794898806|1794898800.7|600|PJSIP/101|RINGNOANSWER|15000\n1794898806|x|600\nabc|x|600|NONE|ABANDON|1\n"
    (tmp_path / "queue_log").write_text(text)
    portion = _read(tmp_path, {})
    assert [(event.kind, event.data, event.call_key) for event in portion.events] == [
        ("RINGNOANSWER", ("15000",), "1794898800.7")
    ]
    assert [row.row_key for row in portion.refused] == ["queue_log:2", "queue_log:3"]


_PIECES = st.sampled_from(
    [_line(CELLS), b"1794898806|1.7|600|NONE|ABANDON|1", b"\n", b"\r\n", b'"', b",", b"\0", b"\xef\xbb\xbf"]
)


@settings(deadline=None)
@given(st.lists(_PIECES | st.binary(max_size=40), max_size=12))
def test_any_bytes_every_line_is_stored_or_refused(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("Master.csv", "queue_log"):
            (folder / file).write_bytes(content)
        portion = _read(folder, {})
        assert len(portion.legs) + len(portion.events) + len(portion.refused) == 2 * content.count(b"\n")
        assert portion.line_count == 2 * content.count(b"\n")
        assert len(read_new_lines(folder, "Master.csv", FilePosition(), 3).lines) == min(3, content.count(b"\n"))
        assert not any("\0" in row.raw for row in portion.refused)
