"""Answers read directly say what imapclient reads in them; answers of another shape are left to it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient.datetime_util import parse_to_datetime
from imapclient.response_parser import parse_fetch_response

from tasks.gateways.imap_bodies import WHOLE, _plain, bodies_in
from tasks.gateways.imap_envelopes import _moment

RAW = st.binary(max_size=80) | st.sampled_from([b")", b"2 (UID 9 BODY[] {3}", b""])


def plain_answer(number: int, uid: int, raw: bytes) -> list[object]:
    return [(f"{number} (UID {uid} BODY[] {{{len(raw)}}}".encode(), raw), b")"]


@given(st.dictionaries(st.integers(1, 2**32 - 1), RAW, max_size=5))
def test_plain_answers_are_read_as_the_library_reads_them(mails: dict[int, bytes]) -> None:
    lines = [part for number, (uid, raw) in enumerate(mails.items(), 1) for part in plain_answer(number, uid, raw)]
    assert _plain(lines) == mails
    read = parse_fetch_response(lines, normalise_times=False, uid_is_key=True)
    assert {uid: data[b"BODY[]"] for uid, data in read.items()} == mails


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([(b"1 (BODY[] {2}", b"ab"), b" UID 7)"], {7: b"ab"}),
        ([(b"1 (FLAGS (\\Seen) UID 7 BODY[] {2}", b"ab"), b")"], {7: b"ab"}),
        ([b'1 (UID 7 BODY[] "ab")'], {7: b"ab"}),
        ([b"1 (UID 7 BODY[] NIL)"], {7: None}),
        ([*plain_answer(1, 7, b"ab"), b"9 (FLAGS (\\Seen))"], {7: b"ab", 9: None}),
        ([b"9 (UID 8 FLAGS (\\Seen))", *plain_answer(1, 7, b"ab")], {7: b"ab", 8: None}),
        ([(b"1 (UID 7 BODY[] {2}", b"ab"), b" FLAGS (\\Seen))"], {7: b"ab"}),
        ([None], {}),
    ],
)
def test_an_answer_of_another_shape_is_read_too(lines: list[object], expected: dict[int, bytes | None]) -> None:
    assert bodies_in(lines, WHOLE) == expected


@given(
    st.integers(0, 4_102_444_800),
    st.integers(-12 * 60, 14 * 60),
    st.booleans(),
)
def test_a_time_is_read_as_the_library_reads_it(epoch_seconds: int, offset_minutes: int, is_upper: bool) -> None:
    moment = datetime.fromtimestamp(epoch_seconds, timezone(timedelta(minutes=offset_minutes)))
    told = f"{moment.day:2d}{moment:-%b-%Y %H:%M:%S %z}".encode()
    told = told.upper() if is_upper else told
    assert _moment(told) == moment == parse_to_datetime(told, normalise=False)


@pytest.mark.parametrize(
    "told", [b"7-Nov-2026 09:00:00 +0300", b"07 Nov 2026 09:00:00 MSK", b"Sat, 7 Nov 2026 09:00:00"]
)
def test_a_time_of_another_shape_is_the_librarys(told: bytes) -> None:
    assert _moment(told) == parse_to_datetime(told, normalise=False)


def test_a_month_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="parse"):
        _moment(b"07-Anf-2026 09:00:00 +0300")
