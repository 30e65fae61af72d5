"""Which calls stand behind each figure: the keys of the detail rows by what they are and where they belong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from tasks.rules.office import ServiceLevel

# how to ask the list of calls for the rows of a figure, where they are too many to be listed
_ASKED = {
    "offered": "direction=in",
    "answered": "direction=in; outcome=answered",
    "missed": "direction=in; outcome≠answered",
    "abandoned": "direction=in; outcome=abandoned",
    "short_abandons": "direction=in; outcome=abandoned; wait<{short}",
    "flow_out": "direction=in; flow_out=yes",
    "within": "direction=in; outcome=answered; wait≤{threshold}",
    "served": "direction=in; outcome=answered/abandoned; wait≤{threshold}",
    "made": "direction=out",
    "reached": "direction=out; outcome=answered",
}


class CallKeys:
    """An index of the listed calls. With no calls listed every answer is empty and `asked` says how to find them."""

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]],
        zone: ZoneInfo,
        level: ServiceLevel,
        owed: Collection[int] = (),
    ) -> None:
        """`owed` are the calls that are to be returned, by row id."""
        self._found: dict[tuple[str, Any, str], list[str]] = defaultdict(list)
        self._level = level
        for row in rows:
            key = f"call-{row['call_id']}"
            places = _places(row, zone)
            for kind in [*_kinds(row, level), *_unreturned(row, owed)]:
                for place in places:
                    self._found[(*place, kind)].append(key)

    def of(self, kind: str, dimension: str = "all", value: Any = None) -> tuple[str, ...]:
        """The keys of the calls of this kind, of all or where `dimension` (day, hour, cell, queue …) is `value`."""
        return tuple(self._found.get((dimension, value, kind), ()))

    def asked(self, kind: str, dimension: str = "all", value: Any = None) -> str:
        """The condition under which the list of calls holds exactly these rows."""
        level = self._level
        said = _ASKED[kind].format(short=level.short_abandon_seconds, threshold=level.threshold_seconds)
        if dimension == "cell":
            weekday, hour = value
            return f"{said}; weekday={weekday}; hour={hour}"
        return said if dimension == "all" else f"{said}; {dimension}={value}"


def _places(row: Mapping[str, Any], zone: ZoneInfo) -> tuple[tuple[str, Any], ...]:
    local = row["started_at"].astimezone(zone)
    return (
        ("all", None),
        ("day", local.date()),
        ("hour", local.hour),
        ("cell", (local.weekday(), local.hour)),
        ("queue", row["queue"] or ""),
        ("line", row["line"] or ""),
        ("person", row["person_id"] or 0),
        ("phone", row["client_phone"]),
        ("contact", row["contact_id"]),
    )


def _unreturned(row: Mapping[str, Any], owed: Collection[int]) -> list[str]:
    """Why nobody owes the return of a missed call: it has no number, or the caller hung up at once."""
    if row["direction"] != "in" or row["outcome"] == "answered" or row["call_id"] in owed:
        return []
    return ["withheld"] if row["client_phone"] is None else ["unowed"]


def _kinds(row: Mapping[str, Any], level: ServiceLevel) -> list[str]:
    is_answered = row["outcome"] == "answered"
    if row["direction"] == "out":
        return ["made", "reached"] if is_answered else ["made"]
    if row["direction"] != "in":
        return []
    wait = row["wait_seconds"]
    kinds = ["offered", "answered" if is_answered else "missed"]
    if row["outcome"] == "abandoned":
        kinds.append("abandoned")
        kinds += ["short_abandons"] if wait is not None and wait < level.short_abandon_seconds else []
    kinds += ["flow_out"] if row["flow_out"] else []
    kinds += ["within"] if is_answered and wait is not None and wait <= level.threshold_seconds else []
    is_soon = wait is not None and wait <= level.threshold_seconds
    return [*kinds, "served"] if is_soon and row["outcome"] in ("answered", "abandoned") else kinds
