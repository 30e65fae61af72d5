"""Every make's records in its own form: what is told is read, what is not told stays unknown, the rest is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tasks.gateways.call_logs.kinds import READERS
from tasks.gateways.call_logs.line_text import RefusedLineError
from tasks.gateways.call_logs.local_times import LocalTimes
from tasks.gateways.call_logs.told_legs import Place, Source
from tasks.rules.calls.log_columns import columns_of, missing_columns
from tasks.rules.calls.parties import Switchboard
from tasks.rules.calls.records import Leg

MOSCOW = LocalTimes(ZoneInfo("Europe/Moscow"))
BOARD_LINE = "+79000000100"
BOARD = Switchboard("RU", frozenset({BOARD_LINE}), frozenset({"600"}))
TEN = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)  # ten o'clock in Moscow
EPOCH = int(TEN.timestamp())


def _read(kind: str, raw: str, head: str = "", columns: str = "") -> Leg | None:
    source = Source("pbx", MOSCOW, BOARD, columns_of(columns), {"17": "101"})
    record = READERS[kind](source, Place("cdr:1", raw, head))
    assert record is None or isinstance(record, Leg)
    return record


def _leg(kind: str, raw: str, head: str = "", columns: str = "") -> Leg:
    leg = _read(kind, raw, head, columns)
    assert leg is not None
    return leg


def _essence(leg: Leg) -> tuple[Any, ...]:
    return (leg.direction, leg.disposition, leg.caller_phone or leg.callee_phone, leg.extension, leg.talk_seconds,
            leg.wait_seconds, (leg.ended_at - TEN).seconds)  # fmt: skip


FS = (
    '"Иван","79000000501","101","office","2026-11-17 10:00:00","2026-11-17 10:00:12","2026-11-17 10:01:00",'
    '"60","48","NORMAL_CLEARING","a1-uuid","b2-uuid","","PCMA","PCMA"'
)
CUSTOM = (
    '"""И"" <79000000501>","79000000501","101","office","PJSIP/trunk-01","PJSIP/101-02","Dial","PJSIP/101",'
    f'"2026-11-17 10:00:00","2026-11-17 10:00:12","2026-11-17 10:01:00","60","48","ANSWERED","3","","{EPOCH}.7","",11'
)
THREE_CX = (
    "Call 44,00000177B7BD4CEE_15,00:00:48,2026/11/17 10:00:00,2026/11/17 10:00:12,2026/11/17 10:01:00,"
    "TerminatedBySrc,79000000501,Ext.101,10000,101,79000000100,,101,101,,,,,Chain: 79000000501;Ext.101,"
    "Line,Extension,Extension,79000000501,Анна,Анна,"
)
THREE_CX_OUT = THREE_CX.replace("79000000501,Ext.101", "Ext.101,79000000501").replace(
    "Line,Extension,", "Extension,Line,"
)
MANGO = f"[rec1];{EPOCH};{EPOCH + 60};{EPOCH + 12};;79000000501;101;sip:a@x.example;1110;79000000100;abonent;MToxMDA=="
ZADARMA_HEAD = "call_id,sip,callstart,clid,destination,disposition,seconds,is_recorded,pbx_call_id"
ZADARMA = f"{EPOCH}.172,101,2026-11-17 10:00:00,79000000501,101,answered,48,true,in_ae6b03"
ZADARMA_ROW = dict(zip(ZADARMA_HEAD.split(","), ZADARMA.split(","), strict=True))
TWILIO_HEAD = "Call Sid,Parent Call Sid,From,To,Status,Direction,Start Time,End Time,Duration"
TWILIO = "CA1,,+79000000501,+79000000100,completed,inbound,2026-11-17T10:00:00+03:00,2026-11-17T10:01:00+03:00,60"
TWILIO_CHILD = {
    "sid": "CA2", "parent_call_sid": "CA1", "from": "+79000000501", "to": "client:101", "status": "completed",
    "direction": "outbound-dial", "start_time": "Tue, 17 Nov 2026 07:00:00 +0000",
    "end_time": "Tue, 17 Nov 2026 07:00:48 +0000", "duration": "48",
}  # fmt: skip
BITRIX = {
    "ID": "7", "CALL_ID": "externalCall.7b0c.1", "CALL_TYPE": "2", "PHONE_NUMBER": "+79000000501",
    "PORTAL_NUMBER": "79000000100", "PORTAL_USER_ID": "17", "CALL_DURATION": "48",
    "CALL_START_DATE": "2026-11-17T10:00:00+03:00", "CALL_FAILED_CODE": "200", "RECORD_FILE_ID": "9",
}  # fmt: skip
OWN = {"id": "c1", "direction": "in", "client": "8 900 000-05-01", "line": "+79000000100", "extension": "101",
       "started_at": "2026-11-17T10:00:00+03:00", "answered_at": "2026-11-17T10:00:12+03:00",
       "ended_at": "2026-11-17T10:01:00+03:00", "outcome": "answered"}  # fmt: skip
FS_JSON = {
    "variables": {"uuid": "b2-uuid", "call_uuid": "a1-uuid", "direction": "inbound", "start_epoch": str(EPOCH),
                  "answer_epoch": str(EPOCH + 12), "end_epoch": str(EPOCH + 60), "duration": "60", "billsec": "48",
                  "hangup_cause": "NORMAL_CLEARING", "bridge_uuid": "c3"},
    "callflow": [{"caller_profile": {"caller_id_number": "79000000501", "destination_number": "101"}}],
}  # fmt: skip


def test_answered_calls_of_every_make() -> None:
    phone = "+79000000501"
    told = ("in", "answered", phone, "101", 48, 12, 60)
    assert _essence(_leg("asterisk", CUSTOM)) == told
    assert _essence(_leg("freeswitch_csv", FS)) == told
    assert _essence(_leg("freeswitch_json", json.dumps(FS_JSON))) == told
    assert _essence(_leg("3cx", THREE_CX)) == told
    assert _essence(_leg("mango", MANGO)) == told
    assert _essence(_leg("post", json.dumps(OWN))) == told
    untold = ("in", "answered", phone, "101", 48, None, 48)
    assert _essence(_leg("zadarma", ZADARMA, ZADARMA_HEAD)) == untold
    assert _essence(_leg("twilio", json.dumps(TWILIO_CHILD))) == untold
    assert _essence(_leg("bitrix24", json.dumps(BITRIX))) == untold


def test_legs_of_one_call_are_bound_and_recordings_named() -> None:
    assert _leg("twilio", json.dumps(TWILIO_CHILD)).linked_id == _leg("twilio", TWILIO, TWILIO_HEAD).linked_id == "CA1"
    assert _leg("freeswitch_json", json.dumps(FS_JSON)).linked_id == _leg("freeswitch_csv", FS).linked_id
    assert _leg("zadarma", ZADARMA, ZADARMA_HEAD).linked_id == "in_ae6b03"
    names = [_leg("mango", MANGO).recording, _leg("bitrix24", json.dumps(BITRIX)).recording]
    assert names == ["rec1", "9"]
    lines = {_leg(kind, raw).line for kind, raw in (("mango", MANGO), ("3cx", THREE_CX), ("post", json.dumps(OWN)))}
    assert lines == {"+79000000100"}


def test_a_program_that_answers_is_nobody() -> None:
    parent = _leg("twilio", TWILIO, TWILIO_HEAD)
    assert (parent.direction, parent.disposition, parent.talk_seconds) == ("in", "no_answer", 0)
    voicemail = _leg("freeswitch_csv", FS.replace("b2-uuid", ""))
    assert (voicemail.disposition, voicemail.answered_at, voicemail.talk_seconds) == ("no_answer", None, 0)
    queue = _leg("3cx", THREE_CX.replace("Extension,Extension,7", "Queue,Queue,7"))
    assert (queue.disposition, queue.wait_seconds) == ("no_answer", None)


@pytest.mark.parametrize(
    ("kind", "raw", "head", "expected"),
    [
        ("freeswitch_csv", FS.replace('"2026-11-17 10:00:12"', '""').replace('"48"', '"0"')
         .replace("NORMAL_CLEARING", "USER_BUSY"), "", "busy"),
        ("freeswitch_csv", FS.replace('"2026-11-17 10:00:12"', '""').replace('"48"', '"0"')
         .replace("NORMAL_CLEARING", "CALL_REJECTED"), "", "failed"),
        ("3cx", THREE_CX.replace("2026/11/17 10:00:12", "").replace("TerminatedBySrc", "NoAnswer"), "", "no_answer"),
        ("3cx", THREE_CX.replace("2026/11/17 10:00:12", "").replace("TerminatedBySrc", "Busy"), "", "busy"),
        ("mango", MANGO.replace(f";{EPOCH + 12};", ";0;").replace("1110", "1121"), "", "busy"),
        ("mango", MANGO.replace(f";{EPOCH + 12};", ";0;").replace("1110", "1131"), "", "failed"),
        ("zadarma", ZADARMA.replace("answered", "cancel"), ZADARMA_HEAD, "no_answer"),
        ("bitrix24", json.dumps(BITRIX | {"CALL_FAILED_CODE": "304", "CALL_DURATION": "0"}), "", "no_answer"),
        ("bitrix24", json.dumps(BITRIX | {"CALL_FAILED_CODE": "486"}), "", "busy"),
    ],
)  # fmt: skip
def test_calls_that_nobody_answered(kind: str, raw: str, head: str, expected: str) -> None:
    leg = _leg(kind, raw, head)
    assert (leg.disposition, leg.talk_seconds, leg.answered_at) == (expected, 0, None)


FS_UNANSWERED = FS.replace('"2026-11-17 10:00:12"', '""').replace('"48"', '"0"')
THREE_CX_UNANSWERED = THREE_CX.replace("2026/11/17 10:00:12", "")
MANGO_UNANSWERED = MANGO.replace(f";{EPOCH + 12};", ";0;")


@pytest.mark.parametrize(
    ("kind", "codes", "expected"),
    [
        ("freeswitch_csv", "USER_BUSY BUSY_EVERYWHERE DECLINE", "busy"),
        ("freeswitch_csv", "NORMAL_CLEARING ORIGINATOR_CANCEL NO_ANSWER NO_USER_RESPONSE ALLOTTED_TIMEOUT LOSE_RACE "
         "SUBSCRIBER_ABSENT NO_PICKUP PROGRESS_TIMEOUT", "no_answer"),
        ("freeswitch_csv", "CALL_REJECTED UNALLOCATED_NUMBER NO_ROUTE_DESTINATION NORMAL_TEMPORARY_FAILURE "
         "GATEWAY_DOWN USER_NOT_REGISTERED RECOVERY_ON_TIMER_EXPIRE", "failed"),
        ("3cx", "busy TargetBusy RouteBusy declined", "busy"),
        ("3cx", "NoAnswerTimeout timeout TerminatedBySrc TerminatedByDst src_participant_terminated Failed_Cancelled "
         "Redirected", "no_answer"),
        ("3cx", "Failed no_route NoRouteExists RouteNotFound TargetNotFound not_found", "failed"),
        ("mango", "1121 1122 1123 1162 1164", "busy"),
        ("mango", "1100 1110 1111 1120 1124 1163 1170 1180 1181 1182 1183", "no_answer"),
        ("mango", "1130 1131 1132 1133 1134 1140 1150 1151 1152 1160 1161 1171 1190 1191 1192 2110 2240 2300 3330 4502 "
         "5003", "failed"),
        ("zadarma", "busy", "busy"),
        ("zadarma", "no answer/no answered/cancel/CANCEL", "no_answer"),
        ("zadarma", "failed/no money/no money, no limit/no limit/no day limit/line limit/unallocated number", "failed"),
        ("twilio", "busy", "busy"),
        ("twilio", "no-answer canceled", "no_answer"),
        ("twilio", "failed", "failed"),
        ("bitrix24", "486 603", "busy"),
        ("bitrix24", "304 603-S 480", "no_answer"),
        ("bitrix24", "402 403 404 423 484 503 OTHER 777", "failed"),
    ],
)  # fmt: skip
def test_every_documented_code(kind: str, codes: str, expected: str) -> None:
    for code in codes.split("/") if kind == "zadarma" else codes.split():
        raw = {
            "freeswitch_csv": FS_UNANSWERED.replace("NORMAL_CLEARING", code),
            "3cx": THREE_CX_UNANSWERED.replace("TerminatedBySrc", code),
            "mango": MANGO_UNANSWERED.replace("1110", code),
            "zadarma": json.dumps(ZADARMA_ROW | {"disposition": code}),
            "twilio": json.dumps(TWILIO_CHILD | {"status": code}),
            "bitrix24": json.dumps(BITRIX | {"CALL_FAILED_CODE": code}),
        }[kind]
        assert (code, _leg(kind, raw).disposition) == (code, expected)


def test_a_trunk_of_twilio_tells_one_leg() -> None:
    trunk = TWILIO_CHILD | {"parent_call_sid": None, "to": "+79000000100", "direction": "trunking-originating"}
    leg = _leg("twilio", json.dumps(trunk))
    assert (leg.direction, leg.disposition, leg.caller_phone, leg.line) == (
        "in",
        "answered",
        "+79000000501",
        BOARD_LINE,
    )
    out = trunk | {"from": "+79000000100", "to": "+79000000501", "direction": "trunking-terminating"}
    leg = _leg("twilio", json.dumps(out))
    assert (leg.direction, leg.callee_phone, leg.line) == ("out", "+79000000501", BOARD_LINE)


def test_a_call_of_twilio_that_was_never_dialled_began_when_it_was_created() -> None:
    call = TWILIO_CHILD | {"status": "canceled", "start_time": None, "end_time": None, "duration": None}
    assert _leg("twilio", json.dumps(call | {"date_created": TWILIO_CHILD["start_time"]})).started_at == TEN
    for time in ("", "soon", "Fri, 31 Dec 9999 23:59:59 -1200", "Tue, 99 Nov 2026 07:00:00 +0000"):
        with pytest.raises(RefusedLineError):
            _leg("twilio", json.dumps(call | {"date_created": time}))


@pytest.mark.parametrize(
    ("kind", "raw", "direction"),
    [
        ("freeswitch_csv", FS.replace('"79000000501","101"', '"101","79000000501"'), "out"),
        ("freeswitch_csv", FS.replace('"79000000501","101"', '"102","101"'), "internal"),
        ("mango", MANGO.replace(";;79000000501;101;sip:a@x.example;", ";101;sip:a@x.example;;79000000501;"), "out"),
        ("3cx", THREE_CX_OUT, "out"),
        ("bitrix24", json.dumps(BITRIX | {"CALL_TYPE": "1"}), "out"),
    ],
)  # fmt: skip
def test_who_called_whom(kind: str, raw: str, direction: str) -> None:
    leg = _leg(kind, raw)
    assert (leg.direction, leg.extension) == (direction, "102" if direction == "internal" else "101")
    outside = {leg.caller_phone, leg.callee_phone} - {None, "+79000000100"}
    assert outside == (set() if direction == "internal" else {"+79000000501"})


def test_other_columns_by_the_line_of_the_configuration() -> None:
    mapping = "Master.csv => ${CSV_QUOTE(${CDR(src)})},${CDR(dst)},${CDR(channel)},${CDR(dstchannel)},${CDR(start)}," \
              "${CDR(end)},${CDR(duration,f)},${CDR(billsec,f)},${CDR(disposition)},${CDR(linkedid)}"  # fmt: skip
    raw = "79000000501,101,PJSIP/mts-1,PJSIP/101-2,2026-11-17 10:00:00,2026-11-17 10:01:00,60.31,48.07,ANSWERED,5.5"
    leg = _leg("asterisk", raw, columns=mapping)
    assert (leg.talk_seconds, leg.wait_seconds, leg.linked_id, leg.extension) == (48, 12, "5.5", "101")
    template = '"${uuid}","${caller_id_number}","${destination_number}","${start_stamp}","${duration}","${billsec}"'
    assert columns_of(template)[:2] == ("uuid", "caller_id_number")
    assert _leg("freeswitch_csv", 'u,7,101,"2026-11-17 10:00:00",5,0', columns=template).duration_seconds == 5
    assert columns_of("fields = clid,src(noquote), time-start") == ("clid", "src", "time_start")
    assert missing_columns("mango", "records,start") == (
        "finish", "answer", "from_extension", "from_number", "to_extension", "to_number", "disconnect_reason",
    )  # fmt: skip


def test_the_sql_template_and_headings() -> None:
    cells = FS.removesuffix(',"PCMA","PCMA"').replace(',"a1', ', "a1')
    statement = "".join(("INSERT INTO cdr VALUES (", cells, ");"))
    assert _essence(_leg("freeswitch_csv", statement)) == _essence(_leg("freeswitch_csv", FS))
    assert _read("zadarma", ZADARMA_HEAD, ZADARMA_HEAD) is None
    assert _read("twilio", TWILIO_HEAD, TWILIO_HEAD) is None


@pytest.mark.parametrize(
    ("kind", "raw", "head", "reason"),
    [
        ("freeswitch_csv", "a,b,c", "", "3 columns"),
        ("freeswitch_csv", FS.replace('"60"', f'"{10**18}"'), "", "whole number"),
        ("freeswitch_csv", FS.replace("10:01:00", "09:59:00"), "", "clock ran backwards"),
        ("freeswitch_json", '{"variables": 1}', "", "no JSON of mod_json_cdr"),
        ("freeswitch_json", "[" * 100_000, "", "no JSON of mod_json_cdr"),
        ("3cx", THREE_CX.replace("00:00:48", "48"), "", "HH:MM:SS"),
        ("3cx", THREE_CX.replace("10:00:12", "10:05:12"), "", "clock ran backwards"),
        ("mango", MANGO.replace(str(EPOCH), "soon", 1), "", "since 1970"),
        ("mango", "records;start;finish;answer;from_extension;from_number;to_extension;to_number;x", "", "since 1970"),
        ("zadarma", ZADARMA.replace("answered", "perhaps"), ZADARMA_HEAD, "disposition"),
        ("zadarma", ZADARMA + ",more", ZADARMA_HEAD, "10 columns, 9 are expected"),
        ("twilio", TWILIO, "", "no heading"),
        ("twilio", TWILIO.replace("completed", "ringing"), TWILIO_HEAD, "not over yet"),
        ("bitrix24", json.dumps(BITRIX | {"CALL_TYPE": "9"}), "", "call_type"),
        ("bitrix24", json.dumps(BITRIX | {"CALL_START_DATE": "2026-11-17 10:00:00"}), "", "10:00:00\\+03:00"),
        ("post", json.dumps(OWN | {"extention": "1"}), "", "is it extension"),
        ("post", json.dumps(OWN | {"outcome": "talked"}), "", "outcome must be one of"),
        ("post", json.dumps(OWN | {"outcome": "busy", "talk_seconds": 5}), "", "yet 5 s were talked"),
        ("post", "[]", "", "no object"),
    ],
)  # fmt: skip
def test_dirty_records_are_refused_with_a_reason(kind: str, raw: str, head: str, reason: str) -> None:
    with pytest.raises(RefusedLineError, match=reason):
        _read(kind, raw, head)


def test_withheld_and_broken_numbers_are_kept_as_they_came() -> None:
    leg = _leg("freeswitch_csv", FS.replace('"79000000501"', '"¥¥"'))
    assert (leg.caller_raw, leg.caller_phone, leg.direction) == ("¥¥", None, "in")
