"""Lists over HTTP, Zadarma's and Twilio's alike: by watermark, through every way in which a host can fail."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tasks.gateways.call_logs import http_lists
from tasks.gateways.store.call_lines import keep_portion
from tasks.rules.errors import CredentialError, OutsideError
from tests.samples.call_list_hosts import (
    ListHost,
    Reply,
    TwilioHost,
)
from tests.samples.listed_calls import (
    EVENING,
    TEN,
    call_of,
    kept_keys,
    kept_reasons,
    kind_of,
    read_one,
    take_all,
)

pytestmark = pytest.mark.usefixtures("quick_lists")

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture(params=["zadarma", "twilio"])
def either(request: pytest.FixtureRequest) -> ListHost:
    host: ListHost = request.getfixturevalue(request.param)
    return host


def test_page_after_page_by_watermark(engine: sa.Engine, either: ListHost, monkeypatch: pytest.MonkeyPatch) -> None:
    if isinstance(either, TwilioHost):
        either.page_size = 70
    monkeypatch.setattr("tasks.gateways.call_logs.zadarma_list._LIMIT", 70)
    either.calls = [call_of(either, number, TEN + timedelta(seconds=number)) for number in range(210)]
    counts = take_all(engine, either)
    assert (counts["legs"], counts["refused"], counts["lines"]) == (210, 0, 210)
    either.asked.clear()
    # one that began before the newest and is listed now, one that is new, and one of the future
    for number, seconds in ((5001, 61), (5002, 3000), (5003, 12 * 3600)):
        either.calls.append(call_of(either, number, TEN + timedelta(seconds=seconds)))
    counts = take_all(engine, either)
    assert (counts["legs"], counts["repeated"], counts["corrected"]) == (2, 210, 0)
    since = TEN + timedelta(seconds=209, hours=-4)
    if isinstance(either, TwilioHost):
        assert either.asked[0]["StartTime>"] == f"{since:%Y-%m-%dT%H:%M:%SZ}"
    else:
        assert either.asked[0]["start"] == f"{since.astimezone(MOSCOW):%Y-%m-%d %H:%M:%S}"
    assert take_all(engine, either, EVENING + timedelta(hours=8))["legs"] == 1


def test_a_reader_that_dies_between_portions_loses_and_doubles_nothing(
    engine: sa.Engine, either: ListHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_lists, "_ENOUGH_ROWS", 1)
    if isinstance(either, TwilioHost):
        either.page_size = 3
    monkeypatch.setattr("tasks.gateways.call_logs.zadarma_list._LIMIT", 3)
    either.calls = [call_of(either, number, TEN + timedelta(minutes=number)) for number in range(10)]
    for _ in range(2):
        portion = read_one(engine, either)
        keep_portion(engine, portion, portion.legs, portion.refused, EVENING)
        read_one(engine, either)  # read and never kept
        # meanwhile the list grows at its end
        either.calls.append(call_of(either, len(either.calls), TEN + timedelta(minutes=len(either.calls))))
    take_all(engine, either)
    take_all(engine, either)
    assert kept_keys(engine) == sorted(leg.get("sid") or leg["call_id"] for leg in either.calls)


def test_one_broken_record_never_stops_the_rest(engine: sa.Engine, either: ListHost) -> None:
    good = [call_of(either, number, TEN + timedelta(minutes=number)) for number in range(3)]
    name = "disposition" if kind_of(either) == "zadarma" else "status"
    bad = [
        call_of(either, 10, TEN) | {name: "perhaps"},
        call_of(either, 11, TEN) | {name: None},
        call_of(either, 12, TEN) | {"clid": "7\0900", "from": "7\0900"},
        call_of(either, 13, TEN) | {"sip": "\ud800", "to": "\ud800"},
        ["no", "object"],
        "text",
        7,
        None,
    ]
    either.calls = [*bad[:4], good[0], *bad[4:], *good[1:]]
    counts = take_all(engine, either)
    assert (counts["legs"], counts["refused"], counts["lines"]) == (3, 8, 11)
    assert len(kept_reasons(engine)) == 8
    assert kept_reasons(engine).count("the record is no JSON object") == 4
    assert kept_reasons(engine).count("the record holds NUL or broken Unicode") == 2
    assert take_all(engine, either)["refused"] == 0


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ([Reply(429, {})] * 9, "answers HTTP 429"),
        ([Reply(503, "busy")] * 9, "answers HTTP 503"),
        ([Reply(429, {}, {"retry-after": "600"})], "asks to wait 600 s"),
        ([Reply(429, {}, {"retry-after": "Fri, 31 Dec 2100 23:59:59 GMT"})], "asks to wait"),
        ([Reply(200, "<html>maintenance</html>")], "answers HTTP 200, and not as its description says"),
        ([Reply(200, "[" * 100_000)], "not as its description says"),
        ([Reply(200, [])], "not as its description says"),
        ([Reply(200, {"stats": {}, "calls": {}, "status": "success"})], "not as its description says"),
        ([Reply(302, {}, {"location": "https://elsewhere.example/"})], "answers HTTP 302"),
        ([Reply(400, {"message": "Wrong parameters", "code": 20001})], "HTTP 400 (Wrong parameters|20001)"),
    ],
)
def test_what_a_host_can_do_wrong_is_told(
    sqlite_engine: sa.Engine, either: ListHost, faults: list[Reply | None], reason: str
) -> None:
    either.calls = [call_of(either, 1, TEN)]
    either.faults = list(faults)
    with pytest.raises(OutsideError, match=reason) as told:
        read_one(sqlite_engine, either)
    assert not isinstance(told.value, CredentialError)
    either.faults.clear()
    assert take_all(sqlite_engine, either)["legs"] == 1


def test_a_busy_host_is_asked_again(sqlite_engine: sa.Engine, either: ListHost) -> None:
    either.calls = [call_of(either, 1, TEN)]
    either.faults = [Reply(503, "busy"), Reply(429, {}, {"retry-after": "0"}), Reply(502, "")]
    assert take_all(sqlite_engine, either)["legs"] == 1


def test_what_was_read_before_an_error_is_kept(
    sqlite_engine: sa.Engine, either: ListHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(either, TwilioHost):
        either.page_size = 3
    monkeypatch.setattr("tasks.gateways.call_logs.zadarma_list._LIMIT", 3)
    monkeypatch.setattr("tasks.gateways.call_logs.zadarma_list._FIRST", timedelta(days=2))
    either.calls = [call_of(either, number, TEN + timedelta(minutes=number)) for number in range(6)]
    either.faults = [None, Reply(200, "{")]
    portion = read_one(sqlite_engine, either)
    assert (len(portion.legs), portion.is_last) == (3, False)
    keep_portion(sqlite_engine, portion, portion.legs, portion.refused, EVENING)
    either.faults = [Reply(200, "{")]
    with pytest.raises(OutsideError, match="not as its description says"):
        read_one(sqlite_engine, either)
    take_all(sqlite_engine, either)
    assert len(kept_keys(sqlite_engine)) == 6


@pytest.mark.parametrize("secret", ["wrong-key:wrong-secret", "no colon", ":", "key:"])
def test_wrong_credentials_are_told_without_them(sqlite_engine: sa.Engine, either: ListHost, secret: str) -> None:
    with pytest.raises(CredentialError, match="secret 'calls'") as told:
        read_one(sqlite_engine, either, secret=secret)
    assert "wrong" not in str(told.value)
    assert either.asked == []


def test_a_host_that_is_not_there_or_never_ends(
    sqlite_engine: sa.Engine, either: ListHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_lists, "_LONGEST_SECONDS", 0.2)
    either.faults = [Reply(200, "x" * 200, seconds=0.05)]
    with pytest.raises(OutsideError, match="answer does not end"):
        read_one(sqlite_engine, either)
    monkeypatch.setattr(http_lists, "_LARGEST_BYTES", 10)
    with pytest.raises(OutsideError, match="answer does not end"):
        read_one(sqlite_engine, either)
    either.port = 9
    with pytest.raises(OutsideError, match="cannot be reached: ConnectError"):
        read_one(sqlite_engine, either)
