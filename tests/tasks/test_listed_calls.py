"""Lists asked over HTTP through the real steps: calls in the store, secrets by name, problems that stop nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks import calls as steps
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import reading
from tasks.quality import gate_batch
from tasks.rules.errors import OutsideError
from tasks.rules.office import CallLog, Hours, LeadTimes, Line, Office, Sender, Telephony
from tests.samples.call_list_hosts import TWILIO_SECRET, ZADARMA_SECRET, TwilioHost, ZadarmaHost, open_host

TEN = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)
EVENING = TEN + timedelta(hours=8)


@pytest.fixture(autouse=True)
def _without_prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one step that a helper calls by itself runs as the plain function it wraps."""
    monkeypatch.setattr(steps, "read_call_log", steps.read_call_log.fn)


@pytest.fixture
def zadarma() -> Iterator[ZadarmaHost]:
    legs = [
        {"call_id": f"{TEN.timestamp():.0f}.1", "sip": "101", "callstart": "2026-11-17 10:00:00", "seconds": 0,
         "clid": "79000000501", "destination": "101", "disposition": "busy", "pbx_call_id": "in_1"},
        {"call_id": f"{TEN.timestamp() + 9:.0f}.2", "sip": "102", "callstart": "2026-11-17 10:00:09", "seconds": 30,
         "clid": "79000000501", "destination": "102", "disposition": "answered", "pbx_call_id": "in_1"},
    ]  # fmt: skip
    with open_host(ZadarmaHost(legs)) as host:
        yield host


@pytest.fixture
def twilio() -> Iterator[TwilioHost]:
    parent = {"sid": "CA1", "parent_call_sid": None, "from": "+79000000502", "to": "+79000000100", "duration": "40",
              "status": "completed", "direction": "inbound", "start_time": format_datetime(TEN),
              "end_time": format_datetime(TEN + timedelta(seconds=40)), "date_created": ""}  # fmt: skip
    child = parent | {"sid": "CA2", "parent_call_sid": "CA1", "to": "client:101", "direction": "outbound-dial"}
    with open_host(TwilioHost([parent, child])) as host:
        yield host


def _desk(engine: sa.Engine, folder: Path, zadarma: ZadarmaHost, twilio: TwilioHost, **secrets: str) -> Desk:
    logs = (
        CallLog("cloud", "", "Europe/Moscow", "zadarma", url=f"http://127.0.0.1:{zadarma.port}", secret="cloud"),
        CallLog("apart", "", "UTC", "twilio", url=f"http://127.0.0.1:{twilio.port}", secret="apart"),
    )
    telephony = Telephony(logs, (Line("+79000000100", "Office"),), {"600": "Sales"})
    sender = Sender("office@north-service.example", "Office", "127.0.0.1", 25)
    hours = Hours(time(9), time(18))
    office = Office("North", "north-service.example", "Europe/Moscow", "en", "RUB", hours, sender, LeadTimes(), (),
                    telephony, (), (), (), (), {}, "", "digest")  # fmt: skip
    return Desk(office, engine, SecretSource(folder, secrets.get), folder, folder)


def _run(desk: Desk) -> None:
    problems: list[str] = []
    for portion in steps.new_portions(desk, [], EVENING):
        verdict = gate_batch.fn("call_legs", steps.leg_rows(portion), portion.source)
        steps.keep_call_lines.fn(desk, portion, verdict, EVENING)
        problems.extend(portion.problems)
    steps.fold_calls.fn(desk, EVENING)
    steps.require_readable(problems)


def _calls(engine: sa.Engine) -> list[tuple[str, str, str, int]]:
    table = schema.call
    with reading(engine) as connection:
        query = sa.select(table.c.source, table.c.direction, table.c.outcome, table.c.talk_seconds)
        return sorted(tuple(row) for row in connection.execute(query))


def test_legs_of_both_lists_become_calls_once(
    engine: sa.Engine, tmp_path: Path, zadarma: ZadarmaHost, twilio: TwilioHost
) -> None:
    desk = _desk(engine, tmp_path, zadarma, twilio, cloud=ZADARMA_SECRET, apart=TWILIO_SECRET)
    for _ in range(2):
        _run(desk)
        assert _calls(engine) == [("apart", "in", "answered", 40), ("cloud", "in", "answered", 30)]


def test_a_list_that_refuses_its_secret_stops_no_other(
    sqlite_engine: sa.Engine, tmp_path: Path, zadarma: ZadarmaHost, twilio: TwilioHost
) -> None:
    desk = _desk(sqlite_engine, tmp_path, zadarma, twilio, cloud="wrong:key", apart=TWILIO_SECRET)
    with pytest.raises(OutsideError, match="call log cloud: Zadarma refuses the token of secret 'cloud'"):
        _run(desk)
    assert _calls(sqlite_engine) == [("apart", "in", "answered", 40)]
