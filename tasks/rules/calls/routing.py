"""Who should get a call now: the person dialled, the caller's manager, a queue in its order, or the last resort."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tasks.rules.office_routing import RoutedQueue, Routing

RouteKind = Literal["extension", "manager", "queue", "last_resort"]
RING_SECONDS = 5
"""A ring and the silence after it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the PBX asks: our `line` and the `caller` (E.164, None unknown), what was `dialled` ('' nothing more).

    `tried` are the keys of people whose telephones rang in vain.
    """

    line: str | None
    caller: str | None
    dialled: str = ""
    tried: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seat:
    """A member of staff at the telephone; `stand_in` is a person's key, '' for nobody. `load`: calls taken today."""

    person_id: int | None
    key: str
    extension: str = ""
    phone: str = ""
    is_away: bool = False
    stand_in: str = ""
    load: int = 0


Seats = Mapping[str, Seat]


@dataclass(frozen=True, slots=True)
class Assigned:
    """A person's key who has the caller, and by what: contact, company, deal or lead."""

    key: str
    by: str


@dataclass(frozen=True, slots=True)
class Target:
    """A telephone to ring, and how long."""

    person_id: int | None
    key: str
    extension: str
    phone: str
    rings: int

    @property
    def number(self) -> str:
        """What a PBX of ours dials."""
        return self.extension or self.phone

    @property
    def seconds(self) -> int:
        """How long it rings."""
        return self.rings * RING_SECONDS


@dataclass(frozen=True, slots=True)
class Route:
    """The answer: ring `targets` one after the other, then the `last_resort`; `reason` says in words why.

    A queue without targets has no members here: the PBX's own queue of that name decides.
    """

    kind: RouteKind
    targets: tuple[Target, ...]
    queue: str
    last_resort: str
    reason: str


def decide_route(
    asked: Asked, seats: Seats, assigned: Iterable[Assigned], routing: Routing, line_queue: str = ""
) -> Route:
    """Who should get this call. `assigned` in order of preference, `line_queue` is the asked line's own queue."""
    queue = asked.dialled if asked.dialled in routing.queues else line_queue or routing.queue
    waiting = _members(queue, routing.queues.get(queue, RoutedQueue()), seats, asked.tried)
    said: list[str] = []
    first = _dialled(asked, seats, routing, said) or _manager(asked, seats, assigned, routing, said)
    if first:
        kind, target = first
        rest = tuple(one for one in waiting if one.key != target.key)
        return Route(kind, (target, *rest), queue, routing.last_resort, "; ".join(said))
    is_handed_over = bool(queue) and not routing.queues.get(queue, RoutedQueue()).members
    if waiting or (is_handed_over and not asked.tried):
        said.append(_queue_words(queue, waiting, routing))
        return Route("queue", waiting, queue, routing.last_resort, "; ".join(said))
    said.append(f"nobody of queue {queue} is left" if queue else "no queue takes this line")
    return last_resort(routing, "; ".join(said), queue)


def last_resort(routing: Routing, reason: str, queue: str = "") -> Route:
    """The route when nobody can be found."""
    return Route("last_resort", (), queue, routing.last_resort, reason)


def decide_without_store(asked: Asked, seats: Seats, routing: Routing, reason: str) -> Route:
    """The route while nothing can be looked up: whoever was dialled by extension, else the last resort."""
    said = [reason]
    first = _dialled(asked, seats, routing, said)
    if first is None:
        return last_resort(routing, reason)
    return Route("extension", (first[1],), "", routing.last_resort, "; ".join(said))


def _dialled(asked: Asked, seats: Seats, routing: Routing, said: list[str]) -> tuple[RouteKind, Target] | None:
    if not asked.dialled or asked.dialled in routing.queues:
        return None
    owner = next((seat for seat in seats.values() if seat.extension == asked.dialled), None)
    if owner is None:
        said.append(f"extension {asked.dialled} is nobody's")
        return None
    said.append(f"extension {asked.dialled} is {owner.key}'s")
    target = _reach(owner.key, seats, asked.tried, routing.rings, said)
    return ("extension", target) if target else None


def _manager(
    asked: Asked, seats: Seats, assigned: Iterable[Assigned], routing: Routing, said: list[str]
) -> tuple[RouteKind, Target] | None:
    for one in assigned:
        said.append(f"{one.key} has the caller's {one.by}")
        target = _reach(one.key, seats, asked.tried, routing.rings, said)
        if target:
            return "manager", target
    return None


def _reach(key: str, seats: Seats, tried: frozenset[str], rings: int, said: list[str]) -> Target | None:
    """The person, or whoever stands in while away; None when nobody is there, was not tried and has a telephone."""
    seen: set[str] = set()
    while key and key not in seen:
        seen.add(key)
        seat = seats.get(key)
        if seat is None:
            said.append(f"{key} does not work here")
            return None
        if not seat.is_away:
            return _target(seat, tried, rings, said)
        said.append(f"{key} is away, {seat.stand_in or 'nobody'} stands in")
        key = seat.stand_in
    return None


def _target(seat: Seat, tried: frozenset[str], rings: int, said: list[str]) -> Target | None:
    if seat.key in tried:
        said.append(f"{seat.key} did not answer")
        return None
    if not (seat.extension or seat.phone):
        said.append(f"{seat.key} has no telephone")
        return None
    return Target(seat.person_id, seat.key, seat.extension, seat.phone, rings)


def _members(name: str, queue: RoutedQueue, seats: Seats, tried: frozenset[str]) -> tuple[Target, ...]:
    """Those of a queue who are there, each once, in its order."""
    found: dict[str, Target] = {}
    for key in queue.members if name else ():
        target = _reach(key, seats, tried, queue.rings, [])
        if target:
            found.setdefault(target.key, target)
    places = list(found.values())
    if queue.order == "even":
        places.sort(key=lambda one: seats[one.key].load)
    return tuple(places)


def _queue_words(queue: str, waiting: tuple[Target, ...], routing: Routing) -> str:
    if not waiting:
        return f"queue {queue} of the PBX"
    is_even = routing.queues[queue].order == "even"
    return f"queue {queue}, {'fewest calls today first' if is_even else 'in its fixed order'}"
