"""The sample telephone day's numbers, and what is true of one of its calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

DAY = date(2026, 11, 17)
ZONE = ZoneInfo("Europe/Moscow")
LINE = "+79000000100"


def known(number: int) -> str:
    """The phone of a client in the office folder."""
    return f"+79000000{200 + number}"


def stranger(number: int) -> str:
    """A phone that nobody knows."""
    return f"+79000000{500 + number}"


@dataclass(frozen=True, slots=True)
class Truth:
    """What one call is, told by who wrote it; `missed` is '' or the state of its missed call at the day's end."""

    linked_id: str
    direction: str
    outcome: str
    wait_seconds: int | None
    talk_seconds: int
    leg_count: int
    transfer_count: int
    client_phone: str | None
    line: str | None
    queue: str | None
    extension: str | None
    missed: str = ""
