"""Calls told live by Asterisk's manager interface: kept at once, and once, whatever the log tells before or after."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from deployments.demo.make_calls import FOLDER, sample_day
from sql.schema import call, call_leg, intake_item, lead, quarantine_row, queue_event
from tasks import calls as steps
from tasks.calls import fold_calls, settle_calls, switchboard_of
from tasks.desk import Desk
from tasks.gateways.call_logs.held_lines import read_held_line
from tasks.gateways.call_logs.manager_line import Block, Blocks
from tasks.gateways.store.connection import reading
from tasks.live_calls import take_live
from tasks.posted_calls import TakenCall
from tasks.rules.calls.leg_checks import leg_flaws
from tasks.rules.gate import GateResult
from tasks.rules.office import CallLog, Line, Telephony
from tasks.rules.office_telephony import Manager
from tests.samples.desks import desk_with
from tests.samples.manager_server import cdr_fields, event_bytes

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
CDR = {
    "AccountCode": "", "Source": "+79000000501", "Destination": "101", "DestinationContext": "from-trunk",
    "CallerID": '"Anna" <+79000000501>', "Channel": "PJSIP/trunk-00000001", "DestinationChannel": "PJSIP/101-00000002",
    "LastApplication": "Dial", "LastData": "PJSIP/101,20", "StartTime": "2026-11-17 12:00:00",
    "AnswerTime": "2026-11-17 12:00:05", "EndTime": "2026-11-17 12:01:05", "Duration": "65", "BillableSeconds": "60",
    "Disposition": "ANSWERED", "AMAFlags": "DOCUMENTATION", "UniqueID": "1794906000.1", "UserField": "",
    "LinkedID": "1794906000.1", "Sequence": "1",
}  # fmt: skip
CSV = (
    '"","+79000000501","101","from-trunk","""Anna"" <+79000000501>","PJSIP/trunk-00000001","PJSIP/101-00000002",'
    '"Dial","PJSIP/101,20","2026-11-17 12:00:00","2026-11-17 12:00:05","2026-11-17 12:01:05",65,60,"ANSWERED",'
    '"DOCUMENTATION","1794906000.1",""'
)
QUEUE = {"Queue": "600", "Uniqueid": "1794906000.1", "Timestamp": "1794906001.998"}


@pytest.fixture
def live(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose Asterisk writes a folder and tells live."""
    monkeypatch.setattr(steps, "read_call_log", steps.read_call_log.fn)
    (tmp_path / "pbx").mkdir()
    log = CallLog("pbx", str(tmp_path / "pbx"), "Europe/Moscow", ami=Manager("127.0.0.1:5038", "callout", "pbx"))
    telephony = Telephony((log,), (Line("+79000000100", "Office"),), {"600": "Sales", "601": "Service"})
    return desk_with(desk, replace(desk.office, telephony=telephony))


def _take(desk: Desk, fields: dict[str, str]) -> TakenCall | None:
    (block,) = Blocks().feed(event_bytes({"Event": "Cdr"} | fields))
    return take_live(desk, desk.office.telephony.logs[0], block, NOW)


def _kept(desk: Desk, fields: dict[str, str]) -> str:
    taken = _take(desk, fields)
    assert taken is not None
    return taken.reason or taken.kept


def _read_files(desk: Desk) -> dict[str, int]:
    counts: dict[str, int] = {}
    for portion in steps.new_portions(desk, [], NOW):
        flaws = {position: leg_flaws(leg) for position, leg in enumerate(portion.legs)}
        bad = {position: tuple(reasons) for position, reasons in flaws.items() if reasons}
        verdict = GateResult(good=tuple(position for position in flaws if position not in bad), bad=bad)
        for name, count in steps.keep_call_lines.fn(desk, portion, verdict, NOW).items():
            counts[name] = counts.get(name, 0) + count
    return counts


def _rows(desk: Desk, table: sa.Table, *leave: str) -> list[tuple[Any, ...]]:
    columns = [column for column in table.columns if column.name not in leave]
    with reading(desk.engine) as connection:
        return sorted((tuple(row) for row in connection.execute(sa.select(*columns))), key=str)


def _count(desk: Desk, table: sa.Table) -> int:
    return len(_rows(desk, table))


def test_a_call_told_live_is_a_lead_at_once_and_the_file_adds_nothing(live: Desk, tmp_path: Path) -> None:
    assert [_kept(live, CDR), _kept(live, CDR)] == ["new", "repeated"]
    assert fold_calls.fn(live, NOW, is_early=True) == {"calls": 1, "changed_calls": 0}
    settle_calls.fn(live, NOW)
    assert (_count(live, lead), _count(live, intake_item)) == (1, 1)
    (tmp_path / "pbx" / "Master.csv").write_text(f'{CSV},"","1794906000.1",1\n')
    assert _read_files(live) == {
        "lines": 1, "legs": 0, "queue_events": 0, "refused": 0, "corrected": 0, "repeated": 1,
    }  # fmt: skip
    assert fold_calls.fn(live, NOW) == {"calls": 0, "changed_calls": 0}
    assert (_count(live, call), _count(live, call_leg), _count(live, lead)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"LinkedID": "", "Sequence": ""}, "linkedid => LinkedID and sequence => Sequence"),
        ({"Sequence": ""}, "below [mappings]: sequence => Sequence"),
        ({"Sequence": "x"}, "no sequence number"),
        ({"UniqueID": ""}, "uniqueid is missing"),
        ({"Disposition": "MAYBE"}, "disposition is none of"),
        ({"Duration": "x"}, "duration is no whole number"),
        ({"Duration": "999999"}, "24 hours"),
        ({"StartTime": "soon"}, "a time is not written"),
        ({"Disposition": "BUSY"}, "not answered, and yet 60 s"),
        ({"UniqueID": "1794902400.1", "LinkedID": "1794902400.1"}, "contradict its channel's id"),
        ({"Event": "AgentComplete", "Reason": "rain", "Queue": "600", "Uniqueid": "1.1"}, "none of the ways"),
        ({"Event": "QueueCallerJoin", "Queue": "600"}, "uniqueid is missing"),
        ({"Event": "QueueMemberPause", "Queue": "600", "Paused": "1"}, "membername is missing"),
        ({"Event": "QueueCallerJoin", "Queue": "600", "Uniqueid": "1.1", "Timestamp": "now"}, "timestamp is no time"),
    ],
)  # fmt: skip
def test_a_broken_event_is_held_with_its_reason(live: Desk, changed: dict[str, str], reason: str) -> None:
    fields = CDR if "Event" not in changed else {}
    assert reason in _kept(live, fields | changed)
    assert (_count(live, call_leg), _count(live, queue_event), _count(live, quarantine_row)) == (0, 0, 1)
    with reading(live.engine) as connection:
        held = connection.execute(sa.select(quarantine_row)).one()
    log = live.office.telephony.logs[0]
    again = read_held_line(held.row_key, held.raw, log, switchboard_of(live.office, log))
    assert not isinstance(again, str) or reason in again


def test_half_an_event_and_garbage_are_held_and_what_nobody_keeps_is_passed_over(live: Desk) -> None:
    half = dict(list(CDR.items())[:5])
    assert "came in part only" in _kept(live, half)
    log = live.office.telephony.logs[0]
    taken = take_live(live, log, Block({}, "\x1b[31mgarbage", "it is no event"), NOW)
    assert taken is not None
    assert taken.kept == "refused"
    assert _take(live, {"Event": "FullyBooted"}) is None
    assert _take(live, {"Event": "AgentComplete", "Reason": "transfer"} | QUEUE) is None
    assert _count(live, quarantine_row) == 2


def test_a_log_without_sequences_takes_no_live_calls(live: Desk, tmp_path: Path) -> None:
    (tmp_path / "pbx" / "Master.csv").write_text(f"{CSV}\n")
    assert _read_files(live)["legs"] == 1
    assert "newcdrcolumns = yes" in _kept(live, CDR)
    assert _count(live, call_leg) == 1


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"Event": "QueueCallerJoin", "CallerIDNum": "+79000000501", "Position": "1"},
         "NONE|ENTERQUEUE||+79000000501|1"),
        ({"Event": "QueueCallerAbandon", "Position": "1", "OriginalPosition": "2", "HoldTime": "9"},
         "NONE|ABANDON|1|2|9"),
        ({"Event": "AgentConnect", "MemberName": "Olga", "HoldTime": "9", "DestUniqueid": "1.2", "RingTime": "3"},
         "Olga|CONNECT|9|1.2|3"),
        ({"Event": "AgentRingNoAnswer", "MemberName": "Olga", "RingTime": "15"}, "Olga|RINGNOANSWER|15000"),
        ({"Event": "AgentComplete", "MemberName": "Olga", "HoldTime": "9", "TalkTime": "60", "Reason": "agent"},
         "Olga|COMPLETEAGENT|9|60|1"),
        ({"Event": "AgentComplete", "MemberName": "Olga", "HoldTime": "9", "TalkTime": "60", "Reason": "caller"},
         "Olga|COMPLETECALLER|9|60|1"),
        ({"Event": "QueueMemberPause", "MemberName": "Olga", "Paused": "1", "PausedReason": "lunch"},
         "Olga|PAUSE|lunch"),
        ({"Event": "QueueMemberPause", "MemberName": "Olga", "Paused": "0"}, "Olga|UNPAUSE|"),
    ],
)  # fmt: skip
def test_a_queues_word_counts_once_in_either_order(
    live: Desk, tmp_path: Path, fields: dict[str, str], line: str
) -> None:
    key = "NONE" if fields["Event"] == "QueueMemberPause" else "1794906000.1"
    assert [_kept(live, QUEUE | fields), _kept(live, QUEUE | fields)] == ["new", "repeated"]
    told = _rows(live, queue_event, "id", "natural_key", "raw_line", "file_line", "data")
    (tmp_path / "pbx" / "queue_log").write_text(f"1794906002|{key}|600|{line}\n1794907002|{key}|600|{line}\n")
    assert _read_files(live)["queue_events"] == 2
    rows = _rows(live, queue_event, "id", "natural_key", "raw_line", "data")
    assert [row[-1] for row in rows] == ["queue_log:1", "queue_log:2"]
    assert [row[2:6] for row in rows] == [told[0][2:]] * 2
    assert _kept(live, QUEUE | fields | {"Timestamp": "1794906003.1"}) == "repeated"
    assert _kept(live, QUEUE | fields | {"Timestamp": "1794908003.1"}) == "new"


def _events_of(csv_lines: Sequence[str], queue_lines: Sequence[str]) -> Iterator[dict[str, str]]:
    """What a PBX that writes these lines tells live, as far as its manager interface tells it."""
    yield from map(cdr_fields, csv.reader(csv_lines))
    names = {
        "ENTERQUEUE": ("QueueCallerJoin", {}), "ABANDON": ("QueueCallerAbandon", {}),
        "CONNECT": ("AgentConnect", {}), "RINGNOANSWER": ("AgentRingNoAnswer", {}),
        "COMPLETEAGENT": ("AgentComplete", {"Reason": "agent"}),
        "COMPLETECALLER": ("AgentComplete", {"Reason": "caller"}),
        "PAUSE": ("QueueMemberPause", {"Paused": "1"}), "UNPAUSE": ("QueueMemberPause", {"Paused": "0"}),
    }  # fmt: skip
    for line in queue_lines:
        epoch, key, queue, agent, kind, *_ = line.split("|")
        if kind in names:
            name, more = names[kind]
            said = {"Event": name, "Queue": queue, "Uniqueid": key, "MemberName": agent, "Timestamp": f"{epoch}.9"}
            yield said | more


def _whole(name: str, mark: str, count: int) -> list[str]:
    """The lines of the sample day that a PBX could tell live as well."""
    lines = [line.decode("utf-8", "replace") for line in (FOLDER / name).read_bytes().splitlines()]
    return [line for line in lines if line.count(mark) >= count and "\ufffd" not in line and "\0" not in line]


def test_a_day_by_both_ways_is_the_day_that_happened(live: Desk, tmp_path: Path) -> None:
    every = list(_events_of(_whole("Master.csv", ",", 20), _whole("queue_log", "|", 4)))
    before, after = every[::2], every[1::2]
    for one in before:
        _take(live, one)
    assert _count(live, call_leg) > 20
    assert _count(live, queue_event) > 20
    for name in ("Master.csv", "queue_log"):
        (tmp_path / "pbx" / name).write_bytes((FOLDER / name).read_bytes())
    counts = _read_files(live)
    assert counts["corrected"] == 0
    for one in after:
        _take(live, one)
    truth = sample_day().truth
    assert _count(live, call_leg) == sum(one.leg_count for one in truth)
    assert {row[0][:5] for row in _rows(live, queue_event, *(set(queue_event.c.keys()) - {"file_line"}))} == {"queue"}
    fold_calls.fn(live, NOW)
    names = ("linked_id", "outcome", "wait_seconds", "talk_seconds", "leg_count")
    told = _rows(live, call, *(set(call.c.keys()) - set(names)))
    order = [column.name for column in call.columns if column.name in names]
    assert told == sorted((tuple(getattr(one, name) for name in order) for one in truth), key=str)
