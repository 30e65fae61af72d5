"""Missed calls: which call is one, who owes the call back until when, and what settles the debt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tasks.rules.calls.records import Direction, MissedState, Outcome
from tasks.rules.office import Person

# A call that never rang at the client's end, or met an engaged line, did not call anybody back.
_REACHED_OUT = ("answered", "no_answer")


@dataclass(frozen=True, slots=True)
class LaterCall:
    """A call that may settle a missed one."""

    call_id: int
    linked_id: str
    direction: Direction
    outcome: Outcome
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    person_id: int | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What settled a missed call: which call, how, and when."""

    state: MissedState
    at: datetime
    call: LaterCall


def is_missed(
    direction: Direction, outcome: Outcome, wait_seconds: int | None, ring_seconds: int, short_seconds: int
) -> bool:
    """Whether an incoming call was missed: nobody answered, and the caller did not give up within `short_seconds`.

    Where the source tells no waiting time, the length of the whole call decides. A caller whom we turned away (busy,
    failed) gave up nothing: that is a missed call however short.
    """
    if direction != "in" or outcome == "answered":
        return False
    waited = ring_seconds if wait_seconds is None else wait_seconds
    return outcome in ("busy", "failed") or waited >= short_seconds


def find_settling(missed_from: datetime, calls: Iterable[LaterCall]) -> Settled | None:
    """What settled a missed call that began at `missed_from`, among all calls with its number; None while owed.

    Settled by the first of: a call back from any of our telephones (that rang), or an answered call of the client.
    """
    for call in sorted(calls, key=lambda call: (call.ended_at, call.linked_id)):
        if call.direction == "out" and call.outcome in _REACHED_OUT and call.started_at >= missed_from:
            return Settled("returned", call.started_at, call)
        if call.direction == "in" and call.answered_at is not None and call.answered_at >= missed_from:
            return Settled("came_back", call.answered_at, call)
    return None


def is_in_time(settled: Settled, due_at: datetime) -> bool:
    """Whether the caller was called back, or came through, before the deadline was over."""
    return settled.at <= due_at


def lost_at(missed: Sequence[tuple[datetime, datetime]], lost_after_days: int) -> datetime:
    """When a number's missed calls (each ended at, due at) count as lost: some days after the last of them.

    No debt is lost before it is due.
    """
    return max(max(due_at, at + timedelta(days=lost_after_days)) for at, due_at in missed)


def choose_caller(manager: str, people: Sequence[Person], day: date, head: str = "") -> str | None:
    """Who calls back on `day`: the personal manager, else the `head` of the queue (people's keys, '' for none).

    Whoever is away has somebody who stands in; when neither is there it is an operator. Returns the person's key, None
    when nobody is there.
    """
    by_key = {person.key: person for person in people}
    operators = [person.key for person in people if "operator" in person.roles]
    for key in (manager, head, *operators):
        present = _present(key, by_key, day)
        if present is not None:
            return present
    return None


def _present(key: str, people: dict[str, Person], day: date) -> str | None:
    """The person, or the substitute while away; None when both are away or unknown."""
    for _ in range(len(people)):
        person = people.get(key)
        if person is None:
            return None
        away = next((a for a in person.absences if a.first_day <= day <= a.last_day), None)
        if away is None:
            return key
        key = away.substitute
    return None
