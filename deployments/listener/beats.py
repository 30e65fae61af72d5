"""The listener's heartbeat: for each mailbox once a minute while its line is good, and a look for silent ones."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event

from deployments.listener.watching import Pulse, Station
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.source_beats import read_signs, write_beats
from tasks.mail_silence import check_silence
from tasks.rules.errors import CalloutError

_log = logging.getLogger("callout.listener")
_BEAT_SECONDS = 60.0
_BEATS_PER_LOOK = 5
_GOOD_SECONDS = 100.0  # a server is asked once a minute and has twenty seconds to answer
_POLLED = timedelta(minutes=3)


def keep_beating(desk: Desk, pulse: Pulse, stations: Callable[[], Sequence[Station]], stop: Event) -> None:
    """Write beats every minute and look for silence every few, until `stop`."""
    count = 0
    while not stop.wait(_BEAT_SECONDS if count else 5.0):
        try:
            beat_once(desk, pulse, stations(), datetime.now(UTC))
            if count % _BEATS_PER_LOOK == 1:
                check_silence.fn(desk, datetime.now(UTC))
        except CalloutError as error:
            _log.warning("beat: %s", error)
        count += 1


def beat_once(desk: Desk, pulse: Pulse, stations: Sequence[Station], now: datetime) -> list[str]:
    """Write a beat for every mailbox whose stations are all good; their names."""
    polled = sorted({station.mailbox.name for station in stations if station.mailbox.protocol == "pop3"})
    with reading(desk.engine) as connection:
        signs = read_signs(connection, polled)
    at = time.monotonic()
    good: dict[str, bool] = {}
    for station in stations:
        name = station.mailbox.name
        read_at = signs[name].last_success_at if name in signs else None
        is_polled = read_at is not None and now - read_at < _POLLED
        is_good = is_polled if name in signs else at - pulse.last(station) < _GOOD_SECONDS
        good[name] = good.get(name, True) and is_good
    names = sorted(name for name, is_good in good.items() if is_good)
    if names:
        with writing(desk.engine) as connection:
            write_beats(connection, names, now)
    return names
