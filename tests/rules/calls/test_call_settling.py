"""What becomes of a call, and who is at its ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tasks.rules.calls.log_clock import channel_epoch, clock_offset_seconds
from tasks.rules.calls.parties import Dialled, Switchboard, device_of, read_parties
from tasks.rules.calls.records import Leg
from tasks.rules.calls.settling import call_subject, decide_result, lead_key, lead_title, task_title

OURS, CLIENT, TRUNK, DESK = "+79000000100", "79000000501", "PJSIP/trunk-01", "PJSIP/101-02"
BOARD = Switchboard("RU", frozenset({"+79000000100"}), frozenset({"600"}))


@pytest.mark.parametrize(
    ("direction", "phone", "flags", "result"),
    [
        ("in", "+79000000501", "", "lead"),
        ("in", "+79000000501", "lead", "activity"),
        ("in", "+79000000501", "short", "activity"),
        ("in", "+79000000201", "known", "activity"),
        ("in", None, "", "activity"),
        ("out", "+79000000501", "", "activity"),
        ("out", "+79000000501", "checked", "lead"),
        ("in", "+79000000101", "ours", "nothing"),
        ("internal", None, "", "nothing"),
    ],
)
def test_what_becomes_of_a_call(direction: Any, phone: str | None, flags: str, result: str) -> None:
    made = decide_result(
        direction, phone, is_ours=flags == "ours", is_known=flags == "known", has_lead=flags == "lead",
        is_short=flags == "short", is_checked=flags == "checked",
    )  # fmt: skip
    assert made == result


def test_the_words_hide_the_number_where_it_is_not_the_point() -> None:
    assert call_subject("in", "answered", 125, "ru") == "Входящий звонок: разговор 2:05"
    assert call_subject("out", "busy", 0, "en") == "Outgoing call: engaged"
    assert lead_title("in", "+79000000501", "ru") == "Звонок с номера +7900***0501"
    assert lead_title("out", "+79000000501", "ru") == "Звонок на номер +7900***0501"
    assert task_title("+79000000501", "en") == "Call back: +79000000501"
    assert lead_key("+79000000501", date(2026, 11, 17)) == "call:+79000000501:2026-11-17"


@pytest.mark.parametrize(
    ("channel", "device"),
    [
        ("PJSIP/101-0000001a", "101"),
        ("PJSIP/mts-trunk-0000001b", "mts-trunk"),
        ("Local/101@from-queue-00000001;2", "101"),
        ("SIP/102", "102"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_devices_are_read_from_channels(channel: str, device: str) -> None:
    assert device_of(channel) == device


@pytest.mark.parametrize(
    ("leg", "expected"),
    [
        ((CLIENT, "600", TRUNK, DESK, "Queue", "600,t"), ("in", f"+{CLIENT}", "101", "600", None)),
        (("anonymous", "600", TRUNK, "", "Queue", "600|t"), ("in", None, None, "600", None)),
        ((CLIENT, "102", TRUNK, "", "Dial", "PJSIP/102"), ("in", f"+{CLIENT}", "102", None, None)),
        ((CLIENT, "89000000100", TRUNK, DESK, "Dial", ""), ("in", f"+{CLIENT}", "101", None, "+79000000100")),
        (("101", "89000000201", DESK, TRUNK, "Dial", ""), ("out", None, "101", None, None)),
        (("79000000100", "89000000201", DESK, TRUNK, "Dial", ""), ("out", OURS, "101", None, OURS)),
        (("101", "102", DESK, "PJSIP/102-02", "Dial", ""), ("internal", None, "101", None, None)),
        ((CLIENT, "101", "Local/101@q-01;2", DESK, "Dial", ""), ("in", f"+{CLIENT}", "101", None, None)),
    ],
)  # fmt: skip
def test_the_ends_of_a_leg(leg: tuple[str, ...], expected: tuple[Any, ...]) -> None:
    found = read_parties(Dialled(*leg), BOARD)
    assert (found.direction, found.caller_phone, found.extension, found.queue, found.line) == expected


def _leg(epoch: int, offset: int, channel: str = "", linked: str = "") -> Leg:
    name = f"{epoch}.1"
    at = datetime.fromtimestamp(epoch, UTC) + timedelta(seconds=offset)
    return Leg("pbx", f"{channel or name}/1", linked or channel or name, at, None, at, 0, 0, "busy", "", None, "", None,
               None, None, None, "in", "", "")  # fmt: skip


@pytest.mark.parametrize(
    ("offsets", "found"),
    [
        ([], 0),
        ([0, 1, 2], 0),
        ([10800, 10801, 10800], 10800),
        ([-10799], -10800),
        ([19800, 19801, 19800, 19800, 7], 19800),
        ([10800, 0, 0], 0),
        ([700, 650, 660], 0),
    ],
)
def test_the_clock_of_a_log_is_checked_by_the_channels_own(offsets: list[int], found: int) -> None:
    legs = [_leg(1794895200 + 60 * number, offset) for number, offset in enumerate(offsets)]
    assert clock_offset_seconds(legs) == found


def test_transferred_legs_and_other_ids_say_nothing_of_the_clock() -> None:
    assert (
        clock_offset_seconds([_leg(1794895200, 10800, linked="1794890000.1"), _leg(1794895200, 9, channel="h:x")]) == 0
    )
    assert channel_epoch("pbx1-1794895200.17") == datetime.fromtimestamp(1794895200, UTC)
    assert channel_epoch("h:abc") is None
