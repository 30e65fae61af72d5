"""Calls in the lists of providers, and lists read into the store until nothing is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from sql import schema
from tasks.gateways.call_logs.portions import Portion
from tasks.gateways.call_logs.remote import read_remote_portion
from tasks.gateways.store.call_lines import keep_portion, read_cursors
from tasks.gateways.store.connection import reading
from tasks.rules.calls.parties import Switchboard
from tasks.rules.office import CallLog
from tests.samples.call_list_hosts import TWILIO_SECRET, ZADARMA_SECRET, ListHost, ZadarmaHost

BOARD = Switchboard("RU", frozenset({"+79000000100"}), frozenset({"600"}))
TEN = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)
EVENING = TEN + timedelta(hours=8)
_MOSCOW = ZoneInfo("Europe/Moscow")
_SECRETS = {"zadarma": ZADARMA_SECRET, "twilio": TWILIO_SECRET}


def kind_of(host: ListHost) -> str:
    """The kind of log that asks this host."""
    return "zadarma" if isinstance(host, ZadarmaHost) else "twilio"


def log_of(host: ListHost) -> CallLog:
    """A log that asks this host."""
    url = f"http://127.0.0.1:{host.port}"
    return CallLog("pbx", "", "Europe/Moscow", kind_of(host), url=url, secret="calls")  # type: ignore[arg-type]  # as text


def read_one(engine: sa.Engine, host: ListHost, now: datetime = EVENING, secret: str = "") -> Portion:
    """The next portion, not kept."""
    log = log_of(host)
    return read_remote_portion(
        log, secret or _SECRETS[log.kind], BOARD, read_cursors(engine, log.name), now, limit=5000
    )


def take_all(engine: sa.Engine, host: ListHost, now: datetime = EVENING) -> dict[str, int]:
    """Read and keep until nothing is left; the summed counts."""
    counts: dict[str, int] = {}
    for _ in range(50):
        portion = read_one(engine, host, now)
        kept = keep_portion(engine, portion, portion.legs, portion.refused, now)
        counts = {name: counts.get(name, 0) + count for name, count in kept.items()}
        if portion.is_last:
            return counts
    raise AssertionError("it never ends")


def kept_keys(engine: sa.Engine) -> list[str]:
    """The natural keys of all legs in the store."""
    with reading(engine) as connection:
        return sorted(connection.scalars(sa.select(schema.call_leg.c.natural_key)))


def kept_reasons(engine: sa.Engine) -> list[str]:
    """Why records were refused."""
    with reading(engine) as connection:
        return sorted(connection.scalars(sa.select(schema.quarantine_row.c.reason)))


def zadarma_call(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    """A record of Zadarma."""
    return {"call_id": f"{at.timestamp():.0f}.{number}", "sip": "101",
            "callstart": f"{at.astimezone(_MOSCOW):%Y-%m-%d %H:%M:%S}", "clid": "79000000501", "destination": "101",
            "disposition": "answered", "seconds": 30, "is_recorded": False,
            "pbx_call_id": f"in_{number}"} | more  # fmt: skip


def twilio_call(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    """A child leg of Twilio."""
    return {"sid": f"CA{number}", "parent_call_sid": f"CAp{number}", "from": "+79000000501", "to": "client:101",
            "status": "completed", "direction": "outbound-dial", "start_time": format_datetime(at),
            "end_time": format_datetime(at + timedelta(seconds=30)), "duration": "30",
            "date_created": format_datetime(at)} | more  # fmt: skip


def call_of(host: ListHost, number: int, at: datetime, **more: Any) -> dict[str, Any]:
    """A record of the host's kind."""
    return (zadarma_call if isinstance(host, ZadarmaHost) else twilio_call)(number, at, **more)
