"""Whether what telephony.yaml says of routing can work: people, queues and destinations that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.rules.office_checks import Flaw, Path, reference_flaw
from tasks.rules.office_files import OfficeParts
from tasks.rules.office_telephony import Telephony

_FILE = "telephony.yaml"
_DESTINATION = re.compile(r"[+*#]?[0-9*#]{2,20}")
_MOST_RINGS = 20


def check_routing(parts: OfficeParts) -> Iterator[Flaw]:
    """Flaws of the routing section, and of the lines' queues."""
    if not parts.telephony:
        return
    people = [person.key for person in parts.people.people] if parts.people else None
    yield from _check_queues(parts.telephony, people)
    yield from _check_ways(parts.telephony)


def _check_queues(telephony: Telephony, people: list[str] | None) -> Iterator[Flaw]:
    for name, queue in telephony.routing.queues.items():
        path: Path = ("routing", "queues", name)
        yield from reference_flaw(_FILE, path, name, telephony.queues, "queue")
        yield from _ring_flaw((*path, "rings"), queue.rings)
        for key in (*queue.members, *filter(None, [queue.head])):
            if people is not None:
                yield from reference_flaw(_FILE, path, key, people, "person")


def _check_ways(telephony: Telephony) -> Iterator[Flaw]:
    routing = telephony.routing
    yield from _ring_flaw(("routing", "rings"), routing.rings)
    if routing.queue:
        yield from reference_flaw(_FILE, ("routing", "queue"), routing.queue, telephony.queues, "queue")
    for place, line in enumerate(telephony.lines):
        if line.queue:
            yield from reference_flaw(_FILE, ("lines", place, "queue"), line.queue, telephony.queues, "queue")
    if routing.last_resort and not _DESTINATION.fullmatch(routing.last_resort):
        yield Flaw(_FILE, ("routing", "last_resort"), "must be an extension, a queue's number or a number in E.164")
    if telephony.lost_after_days < 0:
        yield Flaw(_FILE, ("lost_after_days",), "0 (never) or a number of days")
    if routing.secret and not routing.last_resort:
        yield Flaw(_FILE, ("routing", "last_resort"), "must say who takes a call that nobody else can take")


def _ring_flaw(path: Path, rings: int) -> Iterator[Flaw]:
    if not 1 <= rings <= _MOST_RINGS:
        yield Flaw(_FILE, path, f"must be 1 to {_MOST_RINGS} rings")
