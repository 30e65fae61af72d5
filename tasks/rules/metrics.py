"""The telephone's figures of a period, by day, hour, queue, line and employee, and what became of the missed calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tasks.rules.calls.erlang import erlangs, needed_agents
from tasks.rules.calls.facts import ALL_LINES, CallFacts, HourFact, LineSums, PersonSums, merged_hours
from tasks.rules.calls.figures import CallFigures, figures_of
from tasks.rules.office import ServiceLevel
from tasks.rules.working_time import WorkingCalendar

K = TypeVar("K", date, int, str, tuple[int, int])


@dataclass(frozen=True, slots=True)
class PersonCalls:
    """One employee's calls (0: nobody known): answered incoming, made outgoing (and of these answered by the client).

    Occupancy in percent is None where pauses are not known.
    """

    person_id: int
    answered: int
    talk_seconds: int
    made: int
    reached: int
    made_talk_seconds: int
    occupancy_percent: float | None = None

    @property
    def mean_talk_seconds(self) -> float | None:
        """Mean conversation of the answered calls."""
        return self.talk_seconds / self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class Staffing:
    """What a local hour of the day asks for, on the mean day with calls in it, beside who was there.

    `present` counts those who answered at least one call in the hour; None where the hour has no employee known.
    """

    hour: int
    calls_per_day: float
    mean_talk_seconds: float | None
    load_erlangs: float | None
    needed: int | None
    present: float | None


@dataclass(frozen=True, slots=True)
class MissedFigures:
    """What became of missed calls (ids of missed_call); call-back times are working seconds."""

    all: tuple[int, ...]
    returned: tuple[int, ...]
    came_back: tuple[int, ...]
    still_open: tuple[int, ...]
    lost: tuple[int, ...]
    overdue: tuple[int, ...]
    in_time: tuple[int, ...]
    call_back_p50: float | None
    call_back_p90: float | None


@dataclass(frozen=True, slots=True)
class Telephony:
    """A whole period. `days` has None for a day without a single row; `cells` are (weekday, local hour)."""

    total: CallFigures
    days: dict[date, CallFigures | None]
    hours: dict[int, CallFigures]
    cells: dict[tuple[int, int], CallFigures]
    queues: dict[str, CallFigures]
    lines: dict[str, CallFigures]
    people: tuple[PersonCalls, ...]
    busy_lines: tuple[LineSums, ...]
    staffing: tuple[Staffing, ...]
    incoming: tuple[HourFact, ...]


def telephony(facts: CallFacts, days: Sequence[date], level: ServiceLevel, zone: ZoneInfo) -> Telephony:
    """All figures of the local `days` from their facts."""
    local = {moment: moment.astimezone(zone).hour for moment in {fact.hour_at for fact in facts.hours}}
    by_day = _by(facts.hours, level, lambda fact: fact.day)
    nothing = figures_of((), level)
    few = merged_hours(facts.hours, lambda fact: (fact.day.weekday(), local[fact.hour_at], fact.queue, fact.line))
    # each from the smallest sums that still tell it apart: bins are many
    cells = merged_hours(few, lambda fact: (fact.day.weekday(), local[fact.hour_at]))
    queues_and_lines = merged_hours(few, lambda fact: (fact.queue, fact.line))
    hours = _by(cells, level, lambda fact: local[fact.hour_at])
    return Telephony(
        total=figures_of(queues_and_lines, level),
        days={day: by_day.get(day, nothing) if day in facts.days_with_rows else None for day in days},
        hours=hours,
        cells=_by(cells, level, lambda fact: (fact.day.weekday(), local[fact.hour_at])),
        queues=_by(queues_and_lines, level, lambda fact: fact.queue),
        lines=_by(queues_and_lines, level, lambda fact: fact.line),
        people=tuple(_person(facts, sums) for sums in facts.people),
        busy_lines=tuple(sorted(facts.lines, key=lambda one: (one.line == ALL_LINES, -one.busy_seconds, one.line))),
        staffing=_staffing(facts, hours, level, zone),
        incoming=tuple(few),
    )


def missed_figures(missed: Iterable[Mapping[str, Any]], calendar: WorkingCalendar, known_at: datetime) -> MissedFigures:
    """What became of the missed calls as far as was known at `known_at`."""
    rows = list(missed)
    ids = {
        state: tuple(row["missed_call_id"] for row in rows if row["state"] == state)
        for state in ("returned", "came_back", "open", "lost")
    }
    took = [
        max(0, calendar.seconds_between(row["missed_at"], row["resolved_at"]))
        for row in rows
        if row["state"] == "returned"
    ]
    return MissedFigures(
        all=tuple(row["missed_call_id"] for row in rows),
        returned=ids["returned"],
        came_back=ids["came_back"],
        still_open=ids["open"],
        lost=ids["lost"],
        overdue=tuple(r["missed_call_id"] for r in rows if (r["resolved_at"] or known_at) > r["due_at"]),
        in_time=tuple(r["missed_call_id"] for r in rows if r["resolved_at"] and r["resolved_at"] <= r["due_at"]),
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


def _by(facts: Iterable[HourFact], level: ServiceLevel, key: Callable[[HourFact], K]) -> dict[K, CallFigures]:
    groups: dict[K, list[HourFact]] = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    return {name: figures_of(groups[name], level) for name in sorted(groups)}


def _person(facts: CallFacts, sums: PersonSums) -> PersonCalls:
    present, paused = facts.presence.get(sums.person_id, (0, 0))
    talk = sums.talk_seconds + sums.made_talk_seconds
    occupancy = min(100.0, 100 * talk / (present - paused)) if present > paused else None
    numbers = (sums.answered, sums.talk_seconds, sums.made, sums.reached, sums.made_talk_seconds)
    return PersonCalls(sums.person_id, *numbers, occupancy)


def _staffing(
    facts: CallFacts, hours: Mapping[int, CallFigures], level: ServiceLevel, zone: ZoneInfo
) -> tuple[Staffing, ...]:
    """Hours of the day with calls; the mean is over the days that had calls in that hour."""
    moments: dict[int, set[datetime]] = defaultdict(set)
    for moment in {fact.hour_at for fact in facts.hours}:
        moments[moment.astimezone(zone).hour].add(moment)
    found = []
    for hour, figures in hours.items():
        days = len(moments[hour])
        calls, talk = figures.offered / days, figures.mean_talk_seconds
        load = needed = None
        if talk:
            load = erlangs(calls, talk)
            needed = needed_agents(calls, talk, min(level.target_percent, 99.9) / 100, level.threshold_seconds)
        there = sum(facts.answering.get(moment, 0) for moment in moments[hour])
        found.append(Staffing(hour, calls, talk, load, needed, there / days if there else None))
    return tuple(found)
