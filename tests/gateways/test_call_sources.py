"""Logs read into the store: every record once, corrected ones count, and records = stored + refused, always."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql import schema
from tasks.gateways.call_logs import http_lists
from tasks.gateways.call_logs.portions import Portion, read_portion
from tasks.gateways.call_logs.remote import read_remote_portion
from tasks.gateways.store.call_lines import keep_portion, read_cursors
from tasks.gateways.store.connection import reading, writing
from tasks.rules.calls.parties import Switchboard
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.office import CallLog
from tests.samples.bitrix_portal import TOKEN, Portal, open_portal

BOARD = Switchboard("RU", frozenset({"+79000000100"}), frozenset({"600"}))
TEN = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)
EPOCH = int(TEN.timestamp())
EVENING = TEN + timedelta(hours=8)
HEAD = "call_id,sip,callstart,clid,destination,disposition,seconds,is_recorded,pbx_call_id"


def _row(number: int, seconds: int = 48) -> str:
    at = TEN + timedelta(seconds=3 * 3600 + number)
    call = f"{EPOCH + number}.{number}"
    return f"{call},101,{at:%Y-%m-%d %H:%M:%S},79000000501,101,answered,{seconds},false,in_{number}"


def _log(kind: str, folder: Path | str = "", **more: Any) -> CallLog:
    return CallLog("pbx", str(folder), "Europe/Moscow", kind, **more)  # type: ignore[arg-type]  # a kind as text


def _take(engine: sa.Engine, log: CallLog, now: datetime = EVENING, secret: str = "", limit: int = 5000) -> Any:
    """Read and keep until nothing is left; the summed counts and all notes."""
    counts: dict[str, int] = {}
    notes: list[str] = []
    for _ in range(50):
        cursors = read_cursors(engine, log.name)
        if log.folder:
            portion: Portion = read_portion(log, Path(log.folder), BOARD, cursors, now, limit)
        else:
            portion = read_remote_portion(log, secret, BOARD, cursors, now, limit)
        kept = keep_portion(engine, portion, portion.legs, portion.refused, now)
        counts = {name: counts.get(name, 0) + count for name, count in kept.items()}
        notes.extend(portion.notes)
        if portion.is_last or not portion.parts:
            return counts, notes
    raise AssertionError("it never ends")


def _legs(engine: sa.Engine) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.execute(sa.select(schema.call_leg).order_by(schema.call_leg.c.id)))


def test_files_with_headings_one_after_another(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "mon.csv").write_text(f"\ufeff{HEAD}\r\n{_row(1)}\r\n{_row(2)}\r\n")
    counts, _ = _take(sqlite_engine, _log("zadarma", tmp_path))
    assert (counts["lines"], counts["legs"]) == (2, 2)
    with (tmp_path / "mon.csv").open("a") as file:
        file.write(f"{_row(3)}\n{_row(4)},more\n")
    (tmp_path / "tue.csv").write_text(f"{HEAD}\n{_row(5)}\n{_row(1)}\n")
    counts, _ = _take(sqlite_engine, _log("zadarma", tmp_path), limit=2)
    assert counts == {"lines": 4, "legs": 2, "queue_events": 0, "refused": 1, "corrected": 0, "repeated": 1}
    assert [leg.file_line for leg in _legs(sqlite_engine)] == ["mon.csv:2", "mon.csv:3", "mon.csv:4", "tue.csv:2"]


def test_a_file_that_comes_again_corrected(engine: sa.Engine, tmp_path: Path) -> None:
    file = tmp_path / "day.csv"
    first = f"{HEAD}\n{_row(1)}\n{_row(2)}\nbroken\n"
    file.write_text(first)
    _take(engine, _log("zadarma", tmp_path))
    with writing(engine) as connection:
        connection.execute(sa.update(schema.call_leg).values(note="seen"))
    file.write_text(f"{HEAD}\n{_row(1)}\n{_row(2, 49)}\nbroken\n")
    os.utime(file, ns=(1, 1))
    counts, notes = _take(engine, _log("zadarma", tmp_path))
    assert counts == {"lines": 3, "legs": 0, "queue_events": 0, "refused": 0, "corrected": 1, "repeated": 2}
    assert "written anew" in notes[0]
    assert [(leg.talk_seconds, leg.note) for leg in _legs(engine)] == [(48, "seen"), (49, "")]
    with reading(engine) as connection:
        query = sa.select(schema.event.c.data).where(schema.event.c.kind == "call_leg.corrected")
        assert connection.execute(query).scalar_one()["raw_line"] == _row(2)
    # the old file once more, under another name: what was replaced does not come back
    (tmp_path / "old.csv").write_text(first)
    counts, _ = _take(engine, _log("zadarma", tmp_path))
    assert (counts["corrected"], counts["repeated"], counts["refused"]) == (0, 2, 1)
    assert [leg.talk_seconds for leg in _legs(engine)] == [48, 49]


_GOOD = st.integers(0, 40).map(_row)
_BAD = st.sampled_from(
    ["", "a,b", _row(1).replace("answered", "?"), _row(2).replace("48", "9" * 19), "\0\0", "¥¥", '"']
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(_GOOD | _BAD | st.text('0123456789,.:-¥ \0"', max_size=30), max_size=25), limit=st.integers(1, 9))
def test_records_are_stored_and_refused_ones(
    lines: list[str], limit: int, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pbx")
    (folder / "x.csv").write_text("".join(f"{line}\n" for line in (HEAD, *lines)))
    engine = sa.create_engine(f"sqlite:///{folder / 'store.db'}")
    (folder / "store.db").write_bytes(sqlite_template.read_bytes())
    counts, _ = _take(engine, _log("zadarma", folder, files="x.csv"), limit=limit)
    headings = sum(line == HEAD for line in lines)
    assert counts.get("lines", 0) == len(lines) - headings or not lines
    told = counts.get("legs", 0) + counts.get("refused", 0) + counts.get("repeated", 0) + counts.get("corrected", 0)
    assert counts.get("lines", 0) == told
    with reading(engine) as connection:
        held = connection.scalar(sa.select(sa.func.count()).select_from(schema.quarantine_row))
        reasons = connection.scalars(sa.select(schema.quarantine_row.c.reason)).all()
    assert (held, len(_legs(engine))) == (counts.get("refused", 0), counts.get("legs", 0))
    assert all(reasons)
    engine.dispose()


def test_a_zone_that_the_ids_contradict_is_an_error(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("\n".join([HEAD, *map(_row, range(5))]) + "\n")
    log = CallLog("pbx", str(tmp_path), "UTC", "zadarma")
    with pytest.raises(OutsideError, match=r"3 h ahead of .* read as UTC"):
        _take(sqlite_engine, log)
    assert _legs(sqlite_engine) == []


def test_a_spreadsheets_copy_of_master_csv_is_taken_with_a_note(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    cells = ["", "79000000501", "101", "office", "x", "PJSIP/t-1", "PJSIP/101-2", "Dial", "PJSIP/101",
             "17.11.2026 10:00",
             "17.11.2026 10:00", "17.11.2026 10:01", "60", "40", "ANSWERED", "DOC", f"{EPOCH + 20}.7"]  # fmt: skip
    (tmp_path / "Master.csv").write_text(";".join(cells) + "\n")
    counts, notes = _take(sqlite_engine, _log("asterisk", tmp_path))
    leg = _legs(sqlite_engine)[0]
    assert (counts["legs"], leg.started_at, leg.ended_at) == (
        1,
        TEN + timedelta(seconds=20),
        TEN + timedelta(seconds=80),
    )
    assert leg.answered_at == leg.ended_at - timedelta(seconds=40)
    assert "semicolons" in leg.note
    assert "1 lines taken with a note: saved by a spreadsheet" in notes[0]


def test_one_file_per_call(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    def write(name: str, seconds: int) -> None:
        (tmp_path / f"{name}.cdr.json").write_text(
            f'{{"variables": {{"uuid": "{name}", "start_epoch": "{EPOCH}", "duration": "{seconds}", "billsec": "0",\n'
            f'"end_epoch": "{EPOCH + seconds}", "caller_id_number": "79000000501", "destination_number": "101"}}}}'
        )

    write("a", 10)
    write("b", 20)
    log = _log("freeswitch_json", tmp_path)
    assert _take(sqlite_engine, log, limit=1)[0]["legs"] == 2
    write("c", 30)
    write("a", 11)
    (tmp_path / "d.cdr.json").write_text('{"variables": {"uu')  # still being written
    counts, _ = _take(sqlite_engine, log)
    assert (counts["legs"], counts["corrected"], counts["refused"]) == (1, 1, 0)
    assert [leg.duration_seconds for leg in _legs(sqlite_engine)] == [11, 20, 30]


def _cdr_table(folder: Path) -> sa.Engine:
    pbx = sa.create_engine(f"sqlite:///{folder / 'cdr.db'}")
    with pbx.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE cdr (calldate DATETIME, clid TEXT, src TEXT, dst TEXT, channel TEXT, dstchannel TEXT, lastapp"
            " TEXT, lastdata TEXT, duration INT, billsec INT, disposition TEXT, uniqueid TEXT, recordingfile TEXT)"
        )
        connection.exec_driver_sql(
            "CREATE TABLE queue_log (id INTEGER PRIMARY KEY, time TEXT, callid TEXT, queuename TEXT, agent TEXT,"
            " event TEXT, data1 TEXT, data2 TEXT)"
        )
    return pbx


def _add_call(pbx: sa.Engine, number: int, seconds: int = 0, duration: Any = 60) -> None:
    at = TEN + timedelta(hours=3, seconds=seconds)
    values = (f"{at:%Y-%m-%d %H:%M:%S}.000000", "79000000501", "101", "PJSIP/t-1", "PJSIP/101-2", "Dial", duration, 48,
              "ANSWERED", f"{EPOCH + seconds}.{number}", "rec.wav")  # fmt: skip
    with pbx.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO cdr (calldate, src, dst, channel, dstchannel, lastapp, duration, billsec, disposition,"
            " uniqueid, recordingfile) VALUES (?,?,?,?,?,?,?,?,?,?,?)", values
        )  # fmt: skip


def test_asterisks_tables_by_watermark(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    pbx = _cdr_table(tmp_path)
    for number in range(7):
        _add_call(pbx, number, seconds=number // 3)  # several of the same second, more than a page holds
    _add_call(pbx, 8, 9, duration="long")
    with pbx.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO queue_log (time, callid, queuename, agent, event, data1) VALUES"
            " ('2026-11-17 10:00:01.25', 'x', '600', 'NONE', 'ENTERQUEUE', ''),"
            " ('soon', 'x', '600', 'NONE', 'ABANDON', '')"
        )
    log = _log("asterisk_table", url=f"sqlite:///{tmp_path / 'cdr.db'}", tables="cdr, queue_log")
    counts, _ = _take(sqlite_engine, log, limit=2)
    assert (counts["legs"], counts["queue_events"], counts["refused"]) == (7, 1, 2)
    leg = _legs(sqlite_engine)[0]
    assert (leg.started_at, leg.talk_seconds, leg.wait_seconds, leg.recording) == (TEN, 48, 12, "rec.wav")
    _add_call(pbx, 20, seconds=-3600)  # a long call: it began before those that are stored
    _add_call(pbx, 21, seconds=60)
    counts, _ = _take(sqlite_engine, log, limit=3)
    assert (counts["legs"], counts["refused"], counts["corrected"]) == (2, 0, 0)
    with pbx.begin() as connection:
        connection.exec_driver_sql("UPDATE cdr SET recordingfile = 'later.wav' WHERE uniqueid LIKE '%.21'")
    counts, _ = _take(sqlite_engine, log)
    assert (counts["legs"], counts["corrected"]) == (0, 1)
    with pytest.raises(OutsideError, match="the database says"):
        _take(sqlite_engine, _log("asterisk_table", url=f"sqlite:///{tmp_path / 'no' / 'cdr.db'}"))


def _bitrix_call(number: int, seconds: int, code: str = "200") -> dict[str, Any]:
    at = TEN + timedelta(seconds=seconds)
    return {"ID": str(number), "CALL_ID": f"call.{number}", "CALL_TYPE": "2", "PHONE_NUMBER": "+79000000501",
            "PORTAL_NUMBER": "79000000100", "PORTAL_USER_ID": "17", "CALL_DURATION": "30",
            "CALL_START_DATE": at.isoformat(), "CALL_FAILED_CODE": code, "COST": "0.5000"}  # fmt: skip


@pytest.fixture
def portal(quick_lists: None) -> Any:
    with open_portal() as portal:
        yield portal


def test_bitrix24s_list_page_after_page(sqlite_engine: sa.Engine, portal: Portal, monkeypatch: Any) -> None:
    monkeypatch.setattr(http_lists, "_PAGES", 2)
    portal.calls = [_bitrix_call(number, number * 60) for number in range(1, 132)]
    portal.calls[3]["CALL_TYPE"] = "odd"
    portal.busy = 2
    log = _log("bitrix24", url=portal.url, secret="bitrix", people={"17": "101"})
    counts, _ = _take(sqlite_engine, log, secret=TOKEN)
    assert (counts["legs"], counts["refused"], counts["lines"]) == (130, 1, 131)
    assert [said["start"] for said in portal.asked] == [0, 50, 100]
    leg = _legs(sqlite_engine)[0]
    assert (leg.extension, leg.wait_seconds, leg.line) == ("101", None, "+79000000100")
    # a call that took an hour is listed late; one is corrected; one has not ended yet
    portal.calls += [_bitrix_call(200, 3600), _bitrix_call(201, 9 * 3600)]
    portal.calls[130]["CALL_FAILED_CODE"] = "304"
    portal.asked.clear()
    counts, _ = _take(sqlite_engine, log, secret=TOKEN)
    assert (counts["legs"], counts["corrected"], counts["refused"]) == (1, 1, 0)
    assert datetime.fromisoformat(portal.asked[0]["FILTER"][">=CALL_START_DATE"]) == TEN + timedelta(
        minutes=131, hours=-4
    )
    assert _take(sqlite_engine, log, EVENING + timedelta(hours=4), secret=TOKEN)[0]["legs"] == 1


def test_bitrix24_that_refuses_never_shows_its_token(sqlite_engine: sa.Engine, portal: Portal) -> None:
    log = _log("bitrix24", url=portal.url, secret="bitrix")
    with pytest.raises(CredentialError, match="secret 'bitrix'") as refused:
        _take(sqlite_engine, log, secret="wrong-token")
    assert "wrong-token" not in str(refused.value)
    portal.busy = 9
    with pytest.raises(OutsideError, match="HTTP 503 QUERY_LIMIT_EXCEEDED"):
        _take(sqlite_engine, log, secret=TOKEN)
    with pytest.raises(OutsideError, match="cannot be reached: ConnectError"):
        _take(sqlite_engine, _log("bitrix24", url="http://127.0.0.1:9/rest/1", secret="bitrix"), secret=TOKEN)
