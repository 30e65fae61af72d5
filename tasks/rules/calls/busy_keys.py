"""Which calls made a line's busiest hour, and which it held when it held the most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tasks.rules.calls.facts import ALL_LINES

Row = Mapping[str, Any]


def busiest(rows: Sequence[Row], zone: ZoneInfo) -> dict[str, tuple[list[str], list[str]]]:
    """By line ('' unknown) and of ALL_LINES: the calls that began in its busiest hour, and those of its peak moment.

    Counted as the facts are: outside calls with any length, their time by the local hour they began in; the first of
    equals.
    """
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["direction"] != "internal" and row["ended_at"] > row["started_at"]:
            for line in (row["line"] or "", ALL_LINES):
                lines[line].append(row)
    return {line: (_keys(_hour(held, zone)), _keys(_peak(held))) for line, held in lines.items()}


def _hour(held: Sequence[Row], zone: ZoneInfo) -> list[Row]:
    hours: dict[datetime, list[Row]] = defaultdict(list)
    for row in held:
        local = row["started_at"].astimezone(zone)
        hours[local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)].append(row)
    return max(
        hours.values(), key=lambda part: sum(int((r["ended_at"] - r["started_at"]).total_seconds()) for r in part)
    )


def _peak(held: Sequence[Row]) -> list[Row]:
    """At one moment an end comes before a beginning."""
    moves = [(row["started_at"], 1) for row in held] + [(row["ended_at"], -1) for row in held]
    most, at, count = 0, held[0]["started_at"], 0
    for moment, step in sorted(moves):
        count += step
        if count > most:
            most, at = count, moment
    return [row for row in held if row["started_at"] <= at < row["ended_at"]]


def _keys(rows: Sequence[Row]) -> list[str]:
    return [f"call-{row['call_id']}" for row in rows]
