"""Which calls stand behind each figure: the keys of the detail rows by what they are and where they belong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from tasks.rules.calls.busy_keys import busiest
from tasks.rules.calls.facts import ALL_LINES
from tasks.rules.office import ServiceLevel

EMPTY = "empty"
"""In a condition: the column has nothing in it."""

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
    "waited": "direction=in; wait≠empty",
    "waited_long": "direction=in; outcome≠abandoned; wait≠empty | direction=in; outcome=abandoned; wait≥{short}",
    "answer_waited": "direction=in; outcome=answered; wait≠empty",
    "wait_unknown": "direction=in; wait=empty",
    "answered_by_us": "direction=in; outcome=answered; person≠empty",
    "made": "direction=out",
    "reached": "direction=out; outcome=answered",
    "talked": "direction=in/out; outcome=answered",
    "busy": "direction=in/out",
    "busy_hour": "direction=in/out",
    "busy_peak": "direction=in/out",
    "withheld": "direction=in; outcome≠answered; phone=empty",
    "unowed": "direction=in; outcome≠answered; phone≠empty; missed_state=empty",
    "owed": "missed_state≠empty",
    "returned": "missed_state=returned_in_time/returned_late",
    "came_back": "missed_state=came_back",
    "lost": "missed_state=lost",
    "still_open": "missed_state=open",
    "in_time": "deadline=kept",
    "overdue": "deadline=late",
}


class CallKeys:
    """An index of the listed calls. Where they are too many to be listed, `asked` says how to find them."""

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]],
        zone: ZoneInfo,
        level: ServiceLevel,
        names: Mapping[tuple[str, Any], str] | None = None,
        *,
        is_listed: bool = True,
    ) -> None:
        """`rows` are those of the query listed_calls; `names` what the list of calls calls a person or contact."""
        self._is_listed = is_listed
        self._found: dict[tuple[str, Any, str], list[str]] = defaultdict(list)
        self._level = level
        self._names = names or {}
        listed = list(rows)
        for row in listed:
            key = f"call-{row['call_id']}"
            places = _places(row, zone)
            for kind in [*_kinds(row, level), *_unreturned(row)]:
                for place in places:
                    self._found[(*place, kind)].append(key)
        for line, (hour, peak) in busiest(listed, zone).items():
            place = ("all", None) if line == ALL_LINES else ("line", line)
            self._found[(*place, "busy_hour")], self._found[(*place, "busy_peak")] = hour, peak

    def of(self, kind: str, dimension: str = "all", value: Any = None) -> tuple[str, ...]:
        """The keys of the calls of this kind, of all or where `dimension` (day, hour, cell, queue …) is `value`."""
        return tuple(self._found.get((dimension, value, kind), ()))

    def asked(self, kind: str, dimension: str = "all", value: Any = None) -> str:
        """The condition under which the list of calls holds exactly these rows (of a peak: all it is the peak of).

        Its parts are joined by '; ' (and) and ' | ' (or). '' where the calls are listed.
        """
        if self._is_listed:
            return ""
        level = self._level
        said = _ASKED[kind].format(short=level.short_abandon_seconds, threshold=level.threshold_seconds)
        return " | ".join(f"{part}{self._place(dimension, value)}" for part in said.split(" | "))

    def _place(self, dimension: str, value: Any) -> str:
        if dimension == "all":
            return ""
        if dimension == "cell":
            weekday, hour = value
            return f"; weekday={weekday}; hour={hour}"
        name = self._names.get((dimension, value), value)
        column = "client" if dimension == "contact" else dimension
        return f"; {column}={name if (dimension, name) != ('person', 0) and name not in ('', None) else EMPTY}"


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


def _unreturned(row: Mapping[str, Any]) -> list[str]:
    """Why nobody owes the return of a missed call: it has no number, or the caller hung up at once."""
    if row["direction"] != "in" or row["outcome"] == "answered" or row["missed_state"]:
        return []
    return ["withheld"] if row["client_phone"] is None else ["unowed"]


def _kinds(row: Mapping[str, Any], level: ServiceLevel) -> list[str]:
    is_answered = row["outcome"] == "answered"
    if row["direction"] not in ("in", "out"):
        return []
    kinds = ["talked"] if is_answered else []
    kinds += ["busy"] if row["ended_at"] > row["started_at"] else []
    if row["direction"] == "out":
        return [*kinds, "made", "reached"] if is_answered else [*kinds, "made"]
    kinds += ["offered", "answered" if is_answered else "missed"]
    kinds += ["answered_by_us"] if is_answered and row["person_id"] else []
    kinds += ["abandoned"] if row["outcome"] == "abandoned" else []
    kinds += ["flow_out"] if row["flow_out"] else []
    return [*kinds, *_waits(row, level)]


def _waits(row: Mapping[str, Any], level: ServiceLevel) -> list[str]:
    """What an incoming call counts as by its wait."""
    wait, is_answered, is_abandoned = (row["wait_seconds"], *(row["outcome"] == of for of in ("answered", "abandoned")))
    if wait is None:
        return ["wait_unknown"]
    is_short = is_abandoned and wait < level.short_abandon_seconds
    is_soon = wait <= level.threshold_seconds
    kinds = ["waited", "short_abandons" if is_short else "waited_long"]
    kinds += ["answer_waited"] if is_answered else []
    kinds += ["within"] if is_answered and is_soon else []
    return [*kinds, "served"] if is_soon and (is_answered or is_abandoned) else kinds
