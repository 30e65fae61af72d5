"""Whether a call log's local times fit its declared zone.

The PBX's channel id holds the true time in seconds since 1970, so the zone is right when starts and ids agree
(FACTS: the mode of start − epoch). A log written in GMT (Asterisk's `usegmtime`) shows up here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from tasks.rules.calls.records import Leg

_CHANNEL_ID = re.compile(r"(?:.*-)?(\d{9,10})\.\d+", re.ASCII)
_HALF_HOUR = 1800
_NEAR_SECONDS = 120
_ENOUGH_SHARE = 0.8


def channel_epoch(channel_id: str) -> datetime | None:
    """The moment a channel was made, from an id like '1794895200.17' or 'pbx1-1794895200.17'; None if it has none."""
    match = _CHANNEL_ID.fullmatch(channel_id)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def clock_offset_seconds(legs: Iterable[Leg]) -> int:
    """By how many seconds the log's times are off from the channels' own: 0 when they agree or nothing can be told.

    Zones differ by half hours: only an offset near a multiple of that, shared by nearly all calls, is believed.
    """
    firsts: dict[str, float] = {}
    for leg in legs:
        channel = leg.channel_id
        # the call's first channel; where the call's id is no channel's (Zadarma), each leg's own
        if channel != leg.linked_id and _CHANNEL_ID.fullmatch(leg.linked_id):
            continue
        epoch = channel_epoch(channel)
        if epoch is not None:
            offset = (leg.started_at - epoch).total_seconds()
            firsts[channel] = min(offset, firsts.get(channel, offset))
    steps = Counter(_step(offset) for offset in firsts.values())
    if not steps:
        return 0
    step, count = steps.most_common(1)[0]
    return step if count >= _ENOUGH_SHARE * len(firsts) else 0


def _step(offset: float) -> int:
    nearest = round(offset / _HALF_HOUR) * _HALF_HOUR
    return nearest if abs(offset - nearest) <= _NEAR_SECONDS else 0
