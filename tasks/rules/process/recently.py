"""When each rule of an item acted within the last hour: two machines that answer each other are stopped (rule 11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from tasks.rules.process.reasons import HeldError, Reason

MAX_PER_HOUR = 20
_HOUR = timedelta(hours=1)

Recent = Mapping[str, tuple[datetime, ...]]


def acted(recent: Recent, rules: Iterable[str], now: datetime) -> Recent:
    """What is kept once these rules have acted at `now`. Raises HeldError for one that acted too often."""
    since = now - _HOUR
    if recent and min(recent.values())[0] <= since:
        found = {key: times for key, times in recent.items() if times[-1] > since}
    else:
        found = {**recent}
    for key in rules:
        if key not in found:
            found[key] = (now,)
            continue
        times = (*(at for at in found[key] if at > since), now)
        if len(times) > MAX_PER_HOUR:
            raise HeldError(Reason("too_often", key, wanted=MAX_PER_HOUR))
        found[key] = times
    return found
