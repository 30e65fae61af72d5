"""The telephone's figures: what was offered, who waited how long, what became of the missed calls.

A figure that the source cannot tell is None, never 0. Every count is the length of a list of row ids, so that it can be
walked back to its calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from tasks.rules.office import ServiceLevel
from tasks.rules.working_time import WorkingCalendar

LEVELS = ("offered", "offered_without_short", "answered")
CALL_COLUMNS = ("call_id", "direction", "started_at", "outcome", "wait_seconds", "talk_seconds", "client_phone")
GROUP_COLUMNS = ("queue", "line", "person_id")


@dataclass(frozen=True, slots=True)
class CallFigures:
    """Figures of a set of incoming calls, seconds throughout; ids are those of the table call.

    `levels` holds the share in percent by each definition of ServiceLevel.counts, over calls whose wait is known.
    """

    offered: tuple[int, ...]
    answered: tuple[int, ...]
    missed: tuple[int, ...]
    abandoned: tuple[int, ...]
    short_abandons: tuple[int, ...]
    within: tuple[int, ...]
    unknown_waits: tuple[int, ...]
    levels: dict[str, float | None]
    mean_answer_seconds: float | None
    wait_p50: float | None
    wait_p90: float | None
    wait_p95: float | None
    talk_seconds: int
    mean_talk_seconds: float | None

    @property
    def answered_percent(self) -> float | None:
        """Answered in percent of offered; None when nothing was offered."""
        return _share(len(self.answered), len(self.offered))


@dataclass(frozen=True, slots=True)
class PersonCalls:
    """One employee's calls: answered incoming, made outgoing (and of these answered by the client)."""

    person_id: int
    answered: tuple[int, ...]
    talk_seconds: int
    mean_talk_seconds: float | None
    made: tuple[int, ...]
    reached: tuple[int, ...]
    made_talk_seconds: int


@dataclass(frozen=True, slots=True)
class MissedFigures:
    """What became of missed calls (ids of missed_call); call-back times are working seconds."""

    all: tuple[int, ...]
    returned: tuple[int, ...]
    came_back: tuple[int, ...]
    still_open: tuple[int, ...]
    overdue: tuple[int, ...]
    in_time: tuple[int, ...]
    call_back_p50: float | None
    call_back_p90: float | None


@dataclass(frozen=True, slots=True)
class Telephony:
    """A whole period. `days` has None for a day without a single row; `hours` are local hours of the day."""

    total: CallFigures
    days: dict[date, CallFigures | None]
    hours: dict[int, CallFigures]
    queues: dict[str, CallFigures]
    lines: dict[str, CallFigures]
    people: tuple[PersonCalls, ...]
    missed: MissedFigures
    repeats: dict[str, tuple[int, ...]]


def telephony(
    calls: Sequence[dict[str, Any]],
    missed: Sequence[dict[str, Any]],
    days: Sequence[date],
    level: ServiceLevel,
    calendar: WorkingCalendar,
    zone: ZoneInfo,
    known_at: datetime,
) -> Telephony:
    """All figures of the local `days` from the rows of call_rows and missed_rows."""
    frame = call_frame(calls, zone)
    incoming = frame[frame["direction"] == "in"]
    seen_days = set(frame["day"])
    return Telephony(
        total=call_figures(incoming, level),
        days={day: call_figures(incoming[incoming["day"] == day], level) if day in seen_days else None for day in days},
        hours={int(str(hour)): call_figures(part, level) for hour, part in incoming.groupby("hour")},
        queues={str(name): call_figures(part, level) for name, part in incoming.groupby("queue")},
        lines={str(name): call_figures(part, level) for name, part in incoming.groupby("line")},
        people=_people(frame),
        missed=missed_figures(missed, calendar, known_at),
        repeats=_repeats(incoming),
    )


def call_frame(calls: Sequence[dict[str, Any]], zone: ZoneInfo) -> pd.DataFrame:
    """The rows with their local day and hour; '' stands for no queue and no known line."""
    frame = pd.DataFrame(list(calls), columns=[*CALL_COLUMNS, *GROUP_COLUMNS])
    local = [moment.astimezone(zone) for moment in frame["started_at"]]
    frame["day"] = pd.Series([moment.date() for moment in local], dtype="object")
    frame["hour"] = pd.Series([moment.hour for moment in local], dtype="int64")
    frame["wait_seconds"] = pd.to_numeric(frame["wait_seconds"])
    frame["talk_seconds"] = pd.to_numeric(frame["talk_seconds"]).astype("int64")
    for name in ("queue", "line"):
        frame[name] = frame[name].astype("object").where(frame[name].notna(), "")
    return frame


def call_figures(incoming: pd.DataFrame, level: ServiceLevel) -> CallFigures:
    """Figures of these incoming calls by the office's definitions."""
    is_answered = incoming["outcome"] == "answered"
    is_abandoned = incoming["outcome"] == "abandoned"
    wait = incoming["wait_seconds"]
    is_short = is_abandoned & (wait < level.short_abandon_seconds)
    is_within = is_answered & (wait <= level.threshold_seconds)
    is_known = wait.notna()
    answered = incoming[is_answered]
    return CallFigures(
        offered=_ids(incoming),
        answered=_ids(answered),
        missed=_ids(incoming[~is_answered]),
        abandoned=_ids(incoming[is_abandoned]),
        short_abandons=_ids(incoming[is_short]),
        within=_ids(incoming[is_within]),
        unknown_waits=_ids(incoming[~is_known]),
        levels={
            "offered": _share(is_within.sum(), is_known.sum()),
            "offered_without_short": _share(is_within.sum(), (is_known & ~is_short).sum()),
            "answered": _share(is_within.sum(), (is_known & is_answered).sum()),
        },
        mean_answer_seconds=_mean(answered["wait_seconds"].dropna()),
        wait_p50=percentile(wait.dropna().tolist(), 50),
        wait_p90=percentile(wait.dropna().tolist(), 90),
        wait_p95=percentile(wait.dropna().tolist(), 95),
        talk_seconds=int(answered["talk_seconds"].sum()),
        mean_talk_seconds=_mean(answered["talk_seconds"]),
    )


def missed_figures(missed: Sequence[dict[str, Any]], calendar: WorkingCalendar, known_at: datetime) -> MissedFigures:
    """What became of the missed calls as far as was known at `known_at`."""
    ids = {
        state: tuple(row["missed_call_id"] for row in missed if row["state"] == state)
        for state in ("returned", "came_back", "open")
    }
    took = [
        max(0, calendar.seconds_between(row["missed_at"], row["resolved_at"]))
        for row in missed
        if row["state"] == "returned"
    ]
    return MissedFigures(
        all=tuple(row["missed_call_id"] for row in missed),
        returned=ids["returned"],
        came_back=ids["came_back"],
        still_open=ids["open"],
        overdue=tuple(r["missed_call_id"] for r in missed if (r["resolved_at"] or known_at) > r["due_at"]),
        in_time=tuple(r["missed_call_id"] for r in missed if r["resolved_at"] and r["resolved_at"] <= r["due_at"]),
        call_back_p50=percentile(took, 50),
        call_back_p90=percentile(took, 90),
    )


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Nearest rank: the smallest value that at least `percent` per cent of the values do not exceed; None of none."""
    if not values:
        return None
    return sorted(values)[-(-percent * len(values) // 100) - 1]


def local_days(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _people(frame: pd.DataFrame) -> tuple[PersonCalls, ...]:
    found = []
    taken = frame[frame["person_id"].notna()]
    for person_id in sorted({int(value) for value in taken["person_id"]}):
        part = taken[taken["person_id"] == person_id]
        answered = part[(part["direction"] == "in") & (part["outcome"] == "answered")]
        made = part[part["direction"] == "out"]
        reached = made[made["outcome"] == "answered"]
        talk, made_talk = int(answered["talk_seconds"].sum()), int(reached["talk_seconds"].sum())
        mean = _mean(answered["talk_seconds"])
        if len(answered) or len(made):
            found.append(PersonCalls(person_id, _ids(answered), talk, mean, _ids(made), _ids(reached), made_talk))
    return tuple(found)


def _repeats(incoming: pd.DataFrame) -> dict[str, tuple[int, ...]]:
    known = incoming[incoming["client_phone"].notna()]
    return {str(phone): _ids(part) for phone, part in known.groupby("client_phone") if len(part) > 1}


def _ids(frame: pd.DataFrame) -> tuple[int, ...]:
    return tuple(int(value) for value in frame["call_id"])


def _mean(values: pd.Series[Any]) -> float | None:
    return float(values.mean()) if len(values) else None


def _share(part: int, whole: int) -> float | None:
    return 100.0 * float(part) / float(whole) if whole else None
