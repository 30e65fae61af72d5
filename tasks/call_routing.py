"""A live question of a PBX, from its words to the route."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time

import sqlalchemy as sa

from tasks.gateways.store.call_routing import Answered, find_assigned, read_seats
from tasks.gateways.store.hasty import hasty_reading
from tasks.gateways.store.line_endings import standing_endings
from tasks.rules.calls.route_answers import FORMATS
from tasks.rules.calls.routing import Asked, Assigned, Route, Seat, Seats
from tasks.rules.office import Office
from tasks.rules.phones import to_e164

_LONGEST = 120
_NAMES = ("line", "caller", "dialled", "format", "tried", "call")
# Twilio names its own parameters
_ALIASES = {"To": "line", "From": "caller", "CallSid": "call"}


class UnreadableQuestionError(ValueError):
    """The question is no question to a router; the text is the reason, one line."""


@dataclass(frozen=True, slots=True)
class Question:
    """A PBX's question: what is asked, how it wants its answer, and its own id of the call ('' if it said none)."""

    asked: Asked
    form: str
    linked_id: str


def read_question(parameters: Iterable[tuple[str, str]], office: Office) -> Question:
    """The question in a query's parameters. Raises UnreadableQuestionError; an odd caller is an unknown one."""
    said: dict[str, str] = {}
    for name, value in parameters:
        known = _ALIASES.get(name, name)
        if known not in _NAMES or (name in _ALIASES and known in said):
            continue
        if known in said and name not in _ALIASES:
            raise UnreadableQuestionError(f"{known} is given twice")
        if len(value) > _LONGEST or not value.isprintable():
            raise UnreadableQuestionError(f"{known} is longer than {_LONGEST} characters or not printable")
        said[known] = value.strip()
    form = said.get("format") or "json"
    if form not in FORMATS:
        raise UnreadableQuestionError(f"format is one of {', '.join(FORMATS)}")
    return Question(_asked(said, office), form, said.get("call", ""))


def _asked(said: Mapping[str, str], office: Office) -> Asked:
    line, caller = said.get("line", ""), said.get("caller", "")
    country = next((log.country for log in office.telephony.logs), office.hours.country)
    dialled = said.get("dialled", "")
    number = to_e164(line, country) if line else None
    tried = frozenset(filter(None, said.get("tried", "").split(",")))
    # a PBX may show our own number once more as what was dialled: then nothing more was dialled
    is_line = bool(dialled) and to_e164(dialled, country) is not None
    return Asked(number, to_e164(caller, country), "" if is_line else dialled, tried)


def line_queue(office: Office, line: str | None) -> str:
    """The queue that takes this line's calls, '' for the one of all lines."""
    return next((one.queue for one in office.telephony.lines if one.number == line), "")


def look_up_caller(hasty: sa.Engine, phone: str | None) -> list[Assigned]:
    """Who has the caller; nobody for one without a number. Raises StoreError when the store keeps silent."""
    if phone is None:
        return []
    with hasty_reading(hasty) as connection:
        return find_assigned(connection, phone)


def look_up_seats(hasty: sa.Engine, office: Office, now: datetime) -> dict[str, Seat]:
    """Who is there now and how many calls each took today. Raises StoreError when the store keeps silent."""
    today = now.astimezone(office.zone).date()
    since = datetime.combine(today, time(), office.zone)
    with hasty_reading(hasty) as connection:
        return read_seats(connection, today, since, now)


def look_up_ended(hasty: sa.Engine, now: datetime) -> frozenset[str]:
    """Lines that were given up and whose time of grace is over. Raises StoreError when the store keeps silent."""
    with hasty_reading(hasty) as connection:
        return frozenset(number for number, ends_at in standing_endings(connection).items() if ends_at <= now)


def office_seats(office: Office, now: datetime) -> Seats:
    """Who is there as the office folder alone knows, while the store was never reached."""
    today = now.astimezone(office.zone).date()
    seats = {}
    for person in office.people:
        away = next((one for one in person.absences if one.first_day <= today <= one.last_day), None)
        stand_in = away.substitute if away else ""
        seats[person.key] = Seat(None, person.key, person.extension, person.phone, away is not None, stand_in)
    return seats


def answered(key: str, at: datetime, question: Question, route: Route) -> Answered:
    """The answer as it is kept."""
    asked = question.asked
    people = tuple(one.person_id for one in route.targets if one.person_id is not None)
    said = (asked.line, asked.caller, asked.dialled)
    return Answered(key, at, question.linked_id, *said, route.kind, route.queue, people, route.reason)
