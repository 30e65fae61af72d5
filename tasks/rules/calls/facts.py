"""The telephony facts as the report reads them, and the same facts made of single calls.

The store keeps them by day (sql/tables/call_facts.py); for days of which only a part is known at a report's moment, and
for one employee's calls, they are made here. Both ways give the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from tasks.rules.calls.wait_bins import bin_of, merge_bins

ALL_LINES = "*"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HourFact:
    """Calls of one hour, line, queue and direction; '' means unknown.

    Waits are bins, upper edge to calls; edges read from the store are text until `merge_bins` has merged them.
    """

    day: date
    hour_at: datetime
    source: str
    line: str
    queue: str
    direction: str
    call_count: int
    answered: int
    abandoned: int
    flow_out: int | None
    answer_wait_seconds: int
    talk_seconds: int
    answered_waits: Mapping[Any, int]
    abandoned_waits: Mapping[Any, int]
    other_waits: Mapping[Any, int]


@dataclass(frozen=True, slots=True)
class PersonSums:
    """What one employee (0: nobody known) did on the telephone."""

    person_id: int
    answered: int
    talk_seconds: int
    made: int
    reached: int
    made_talk_seconds: int


@dataclass(frozen=True, slots=True)
class LineSums:
    """How busy a line (`ALL_LINES`: all together) was, and its busiest hour."""

    line: str
    call_count: int
    busy_seconds: int
    peak_busy_seconds: int
    peak_calls: int


@dataclass(frozen=True, slots=True)
class CallFacts:
    """The facts of a period: `hours` of the incoming calls, sums of employees and lines.

    `answering` says how many employees answered a call in the hour that begins so, `days_with_rows` which days have a
    call of any direction, `call_count` how many calls that are; `presence` has the present and paused seconds of those
    whose pauses are known.
    """

    hours: Sequence[HourFact] = ()
    people: Sequence[PersonSums] = ()
    lines: Sequence[LineSums] = ()
    answering: Mapping[datetime, int] = field(default_factory=dict)
    days_with_rows: frozenset[date] = frozenset()
    presence: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    call_count: int = 0


def facts_of_calls(rows: Sequence[Row], zone: ZoneInfo) -> CallFacts:
    """The facts of these calls (rows of the query call_rows)."""
    places = [_hour_of(row["started_at"], zone) for row in rows]
    found = [(row, place) for row, place in zip(rows, places, strict=True) if row["direction"] == "in"]
    answering: dict[datetime, set[int]] = defaultdict(set)
    for row, (_, hour_at) in found:
        if row["outcome"] == "answered" and row["person_id"]:
            answering[hour_at].add(row["person_id"])
    return CallFacts(
        hours=_hours(found),
        people=_people(rows),
        lines=_lines([row for row in rows if row["direction"] != "internal"], zone),
        answering={hour_at: len(people) for hour_at, people in answering.items()},
        days_with_rows=frozenset(day for day, _ in places),
        call_count=len(rows),
    )


def merged(parts: Sequence[CallFacts]) -> CallFacts:
    """The facts of several stretches of days together."""
    if len(parts) == 1:
        return parts[0]
    presence: dict[int, tuple[int, int]] = {}
    answering: dict[datetime, int] = {}
    for part in parts:
        answering |= part.answering
        for person_id, (present, paused) in part.presence.items():
            before = presence.get(person_id, (0, 0))
            presence[person_id] = (before[0] + present, before[1] + paused)
    return CallFacts(
        [fact for part in parts for fact in part.hours],
        [PersonSums(*key, *sums) for key, sums in _summed([one for part in parts for one in part.people])],
        _merged_lines([one for part in parts for one in part.lines]),
        answering,
        frozenset[date]().union(*(part.days_with_rows for part in parts)),
        presence,
        sum(part.call_count for part in parts),
    )


def merged_hours(facts: Iterable[HourFact], key: Callable[[HourFact], Any]) -> list[HourFact]:
    """The facts with the same key as one: figures of many groups then need not go through every hour again."""
    groups: dict[Any, list[HourFact]] = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    return [_one_of(part) for part in groups.values()]


def _one_of(facts: Sequence[HourFact]) -> HourFact:
    told = [fact.flow_out for fact in facts if fact.flow_out is not None]
    return replace(
        facts[0],
        call_count=sum(fact.call_count for fact in facts),
        answered=sum(fact.answered for fact in facts),
        abandoned=sum(fact.abandoned for fact in facts),
        flow_out=sum(told) if told else None,
        answer_wait_seconds=sum(fact.answer_wait_seconds for fact in facts),
        talk_seconds=sum(fact.talk_seconds for fact in facts),
        answered_waits=merge_bins(fact.answered_waits for fact in facts),
        abandoned_waits=merge_bins(fact.abandoned_waits for fact in facts),
        other_waits=merge_bins(fact.other_waits for fact in facts),
    )


def _hour_of(moment: datetime, zone: ZoneInfo) -> tuple[date, datetime]:
    """The local day, and the first moment of the hour, counted from the day's beginning."""
    day = moment.astimezone(zone).date()
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    return day, begins + timedelta(hours=(moment - begins) // timedelta(hours=1))


def _hours(found: Iterable[tuple[Row, tuple[date, datetime]]]) -> list[HourFact]:
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row, place in found:
        groups[(*place, row["source"], row["line"] or "", row["queue"] or "", row["direction"])].append(row)
    return [_hour(key, calls) for key, calls in sorted(groups.items())]


def _hour(key: tuple[Any, ...], calls: Sequence[Row]) -> HourFact:
    answered = [row for row in calls if row["outcome"] == "answered"]
    abandoned = [row for row in calls if row["outcome"] == "abandoned"]
    other = [row for row in calls if row["outcome"] not in ("answered", "abandoned")]
    told = [row["flow_out"] for row in calls if row["flow_out"] is not None]
    day, hour_at, source, line, queue, direction = key
    return HourFact(
        day=day,
        hour_at=hour_at,
        source=source,
        line=line,
        queue=queue,
        direction=direction,
        call_count=len(calls),
        answered=len(answered),
        abandoned=len(abandoned),
        flow_out=sum(told) if told else None,
        answer_wait_seconds=sum(row["wait_seconds"] or 0 for row in answered),
        talk_seconds=sum(row["talk_seconds"] or 0 for row in answered),
        answered_waits=_binned(answered),
        abandoned_waits=_binned(abandoned),
        other_waits=_binned(other),
    )


def _binned(calls: Iterable[Row]) -> dict[int, int]:
    bins: dict[int, int] = defaultdict(int)
    for row in calls:
        if row["wait_seconds"] is not None:
            bins[bin_of(row["wait_seconds"])] += 1
    return dict(bins)


def _people(rows: Iterable[Row]) -> list[PersonSums]:
    found = []
    for row in rows:
        is_answered, talk = row["outcome"] == "answered", row["talk_seconds"] or 0
        person_id = row["person_id"] or 0
        if row["direction"] == "in" and is_answered:
            found.append(PersonSums(person_id, 1, talk, 0, 0, 0))
        elif row["direction"] == "out":
            found.append(PersonSums(person_id, 0, 0, 1, int(is_answered), talk if is_answered else 0))
    return [PersonSums(*key, *sums) for key, sums in _summed(found)]


def _summed(people: Iterable[PersonSums]) -> list[tuple[tuple[int], list[int]]]:
    sums: dict[int, list[int]] = defaultdict(lambda: [0] * 5)
    for one in people:
        numbers = (one.answered, one.talk_seconds, one.made, one.reached, one.made_talk_seconds)
        sums[one.person_id] = [a + b for a, b in zip(sums[one.person_id], numbers, strict=True)]
    return [((person_id,), sums[person_id]) for person_id in sorted(sums)]


def _merged_lines(lines: Iterable[LineSums]) -> list[LineSums]:
    groups: dict[str, list[LineSums]] = defaultdict(list)
    for one in lines:
        groups[one.line].append(one)
    return [
        LineSums(
            line,
            sum(one.call_count for one in part),
            sum(one.busy_seconds for one in part),
            max(one.peak_busy_seconds for one in part),
            max(one.peak_calls for one in part),
        )
        for line, part in sorted(groups.items())
    ]


def _lines(rows: Iterable[Row], zone: ZoneInfo) -> list[LineSums]:
    """How many calls each line held at a time; at one moment an end comes before a beginning."""
    lines: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in rows:
        if row["ended_at"] > row["started_at"]:
            for line in (row["line"] or "", ALL_LINES):
                lines[line].append((row["started_at"], row["ended_at"]))
    return [_line(line, held, zone) for line, held in sorted(lines.items())]


def _line(line: str, held: Sequence[tuple[datetime, datetime]], zone: ZoneInfo) -> LineSums:
    busy: dict[datetime, int] = defaultdict(int)
    for begins, ends in held:
        busy[_hour_of(begins, zone)[1]] += int((ends - begins).total_seconds())
    moves = sorted([(begins, 1) for begins, _ in held] + [(ends, -1) for _, ends in held])
    most = max(accumulate(step for _, step in moves))
    return LineSums(line, len(held), sum(busy.values()), max(busy.values()), most)
