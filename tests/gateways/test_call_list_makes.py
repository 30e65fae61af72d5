"""What only Twilio's list or only Zadarma's does: places that lead elsewhere, running calls, windows, clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tasks.gateways.call_logs import http_lists
from tasks.gateways.call_logs.remote import read_remote_portion
from tasks.gateways.store.call_lines import keep_portion, read_cursors
from tasks.rules.errors import OutsideError
from tasks.rules.office import CallLog
from tests.samples.call_list_hosts import (
    TWILIO_SID,
    ZADARMA_SECRET,
    Reply,
    TwilioHost,
    ZadarmaHost,
)
from tests.samples.listed_calls import (
    BOARD,
    EVENING,
    TEN,
    kept_keys,
    kept_reasons,
    read_one,
    take_all,
    twilio_call,
    zadarma_call,
)

pytestmark = pytest.mark.usefixtures("quick_lists")


def test_pages_that_go_in_a_circle_are_an_error(sqlite_engine: sa.Engine, twilio: TwilioHost) -> None:
    place = f"/2010-04-01/Accounts/{TWILIO_SID}/Calls.json"
    pages = [
        Reply(200, {"calls": [twilio_call(turn, TEN)], "next_page_uri": f"{place}?PageSize=1&Page={turn + 1}"})
        for turn in range(3)
    ]
    twilio.faults = [*pages * 9]
    with pytest.raises(OutsideError, match="the same page again and again"):
        take_all(sqlite_engine, twilio)


@pytest.mark.parametrize(
    "following",
    ["https://elsewhere.example/calls", "//elsewhere.example/calls", "/2010-04-01/Accounts/AC1/Calls.json?Page=1",
     "@elsewhere.example/", 7, f"/2010-04-01/Accounts/{TWILIO_SID}/Calls.json?" + "x" * 3000],
)  # fmt: skip
def test_twilios_next_page_is_never_asked_elsewhere(
    sqlite_engine: sa.Engine, twilio: TwilioHost, following: Any
) -> None:
    twilio.faults = [Reply(200, {"calls": [twilio_call(1, TEN)], "next_page_uri": following})]
    with pytest.raises(OutsideError, match="not as its description says"):
        read_one(sqlite_engine, twilio)
    assert len(twilio.asked) == 1


def test_a_place_kept_too_long_begins_the_round_again(
    engine: sa.Engine, twilio: TwilioHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_lists, "_ENOUGH_ROWS", 1)
    twilio.page_size = 2
    twilio.calls = [twilio_call(number, TEN + timedelta(minutes=number)) for number in range(6)]
    portion = read_one(engine, twilio)
    keep_portion(engine, portion, portion.legs, portion.refused, EVENING)
    gone = Reply(404, {"code": 20404})
    twilio.faults = [gone]
    with pytest.raises(OutsideError, match="HTTP 404 20404"):  # in the same run it is an error
        read_one(engine, twilio)
    twilio.faults = [gone]
    assert take_all(engine, twilio, EVENING + timedelta(minutes=5))["legs"] == 4
    assert len(kept_keys(engine)) == 6


def test_twilios_running_calls_are_waited_for(engine: sa.Engine, twilio: TwilioHost) -> None:
    twilio.calls = [
        twilio_call(1, TEN, status="in-progress", end_time=None, duration=None),
        twilio_call(2, TEN + timedelta(hours=6)),
        twilio_call(3, TEN + timedelta(hours=7), status="queued", start_time=None, end_time=None, duration=None),
        twilio_call(4, TEN - timedelta(days=2), status="ringing", end_time=None, duration=None),
        twilio_call(5, TEN, status="canceled", start_time=None, end_time=None, duration="0"),
    ]
    counts = take_all(engine, twilio)
    assert (counts["legs"], counts["refused"]) == (2, 1)
    assert "not over yet" in kept_reasons(engine)[0]
    later = TEN + timedelta(hours=14)
    twilio.calls[0] = twilio_call(1, TEN)
    twilio.calls[2] = twilio_call(3, TEN + timedelta(hours=8))
    counts = take_all(engine, twilio, later)
    assert (counts["legs"], counts["refused"]) == (2, 0)
    assert kept_keys(engine) == ["CA1", "CA2", "CA3", "CA5"]


def test_zadarmas_first_reading_goes_back_a_year_in_windows(engine: sa.Engine, zadarma: ZadarmaHost) -> None:
    days = [0, 1, 27, 28, 29, 100, 364]
    zadarma.calls = [zadarma_call(day, TEN - timedelta(days=day)) for day in days]
    seam = datetime(2026, 1, 13, 9, 0, tzinfo=UTC)  # noon in Moscow
    zadarma.calls += [zadarma_call(900 + at, seam + timedelta(seconds=at)) for at in range(3)]
    assert take_all(engine, zadarma)["legs"] == 10
    ends = [(asked["start"], asked["end"]) for asked in zadarma.asked]
    assert ends[0] == ("2025-11-17 18:00:00", "2025-12-15 12:00:00")
    assert ends[-1][1] == "2026-11-17 18:00:00"
    assert [start for start, _ in ends[1:]] == [f"{end[:-1]}1" for _, end in ends[:-1]]


def test_a_zadarma_that_ignores_skip_is_an_error(
    sqlite_engine: sa.Engine, zadarma: ZadarmaHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.gateways.call_logs.zadarma_list._LIMIT", 2)
    monkeypatch.setattr("tasks.gateways.call_logs.zadarma_list._FIRST", timedelta(days=2))
    rows = [zadarma_call(number, TEN) for number in range(2)]
    zadarma.faults = [Reply(200, {"status": "success", "stats": rows})] * 9
    with pytest.raises(OutsideError, match="the same page again and again"):
        take_all(sqlite_engine, zadarma)
    zadarma.faults = [Reply(200, {"status": "success", "stats": [*rows, *rows]})]
    with pytest.raises(OutsideError, match="not as its description says"):
        take_all(sqlite_engine, zadarma)


def test_zadarmas_empty_account_is_not_asked_for_a_year_each_time(
    sqlite_engine: sa.Engine, zadarma: ZadarmaHost
) -> None:
    take_all(sqlite_engine, zadarma)
    zadarma.asked.clear()
    take_all(sqlite_engine, zadarma)
    assert len(zadarma.asked) <= 2


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_zadarmas_times_over_the_night_of_the_clock_change(
    sqlite_engine: sa.Engine, zadarma: ZadarmaHost, zone: str
) -> None:
    change = datetime(2026, 10, 25, 0, 0, tzinfo=UTC) if "B" in zone else datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    moments = [change + timedelta(minutes=10 * turn) for turn in range(18)]
    log = CallLog("pbx", "", zone, "zadarma", url=f"http://127.0.0.1:{zadarma.port}", secret="calls")
    for turn, moment in enumerate(moments):
        call = zadarma_call(turn, moment)
        zadarma.calls.append(call | {"callstart": f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"})
        now = moment + timedelta(minutes=1)
        for _ in range(30):
            cursors = read_cursors(sqlite_engine, "pbx")
            portion = read_remote_portion(log, ZADARMA_SECRET, BOARD, cursors, now, 5000)
            keep_portion(sqlite_engine, portion, portion.legs, portion.refused, now)
            if portion.is_last:
                break
    last = moments[-1] + timedelta(hours=5)
    portion = read_remote_portion(log, ZADARMA_SECRET, BOARD, read_cursors(sqlite_engine, "pbx"), last, 5000)
    keep_portion(sqlite_engine, portion, portion.legs, portion.refused, last)
    assert len(kept_keys(sqlite_engine)) == 18
