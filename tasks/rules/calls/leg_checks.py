"""What a leg must hold to be stored when it is told alone, by the same bounds as the gate's suite for whole batches."""

from __future__ import annotations

from datetime import UTC, datetime

from tasks.rules.calls.records import Leg

_DAY_SECONDS = 86_400
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)


def leg_flaws(leg: Leg) -> list[str]:
    """Why the leg cannot be stored; none when it can."""
    flaws = []
    if not leg.linked_id:
        flaws.append("linked_id must be filled")
    if leg.started_at < _OLDEST:
        flaws.append("started_at must be a time of the year 2000 or later")
    for name, seconds in (("duration_seconds", leg.duration_seconds), ("talk_seconds", leg.talk_seconds)):
        if not 0 <= seconds <= _DAY_SECONDS:
            flaws.append(f"{name} must be between 0 and 24 hours")
    if leg.talk_seconds > leg.duration_seconds + 1:
        flaws.append("talk_seconds must be no longer than duration_seconds and one")
    return flaws
