"""Who is away: entered by the person, or by the chief for anybody; and ended early, or taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.rendering import say
from deployments.door.routes.my import my_page
from deployments.door.visitors import require_visitor, room_of
from tasks.door_rights import OVERSEERS
from tasks.gateways.store.absences import end_absence, planned_absences
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.staff import read_staff
from tasks.process_forms import enter_absence
from tasks.rules.assignment import Staff

router = APIRouter()
KINDS = ("leave", "sick", "trip")
_LONGEST = timedelta(days=366)


class Entry(BaseModel):
    """An absence as it was typed: people by their key, '' for oneself and for nobody."""

    person: str = Field(default="", max_length=60)
    first_day: str = Field(default="", max_length=20)
    last_day: str = Field(default="", max_length=20)
    substitute: str = Field(default="", max_length=60)
    kind: str = Field(default="leave", max_length=20)


class Ended(BaseModel):
    """The absence that is over."""

    absence_id: int = Field(ge=1, le=2**62)


@router.post("/my/absence")
def enter(request: Request, form: Annotated[Entry, Form()]) -> Response:
    """Write an absence down."""
    visitor, room = require_visitor(request), room_of(request)
    person = form.person or visitor.key
    if person != visitor.key and not visitor.roles & OVERSEERS:
        raise Fault("no_right")
    with reading(room.desk.engine) as connection:
        staff = read_staff(connection)
    today = room.now().astimezone(room.office.zone).date()
    days, problems = _checked(request, form, person, staff, today)
    if days is None:
        return my_page(request, visitor, status=422, problems=problems, entry=form.model_dump())
    enter_absence.fn(room.desk, person, *days, form.substitute, form.kind, visitor.mail, room.now())
    room.news.set()
    return RedirectResponse("/my#absences", 303)


def _checked(
    request: Request, form: Entry, person: str, staff: Staff, today: date
) -> tuple[tuple[date, date] | None, list[tuple[str, str]]]:
    """The first and the last day, or what is wrong, each with the input it is about."""
    first, last = _day(form.first_day), _day(form.last_day)
    keys = {member.key for member in staff.values()}
    tests: Mapping[tuple[str, str], bool] = {
        ("first_day", say(request, "Say the first day of absence.")): first is None,
        ("last_day", say(request, "Say the last day of absence.")): last is None,
        ("last_day", say(request, "The last day is before the first.")): bool(first and last and last < first),
        ("last_day", say(request, "That is longer than a year.")): bool(first and last and last - first > _LONGEST),
        ("first_day", say(request, "That is over already, or too far away.")): bool(
            first and last and (last < today - _LONGEST / 12 or first > today + 2 * _LONGEST)
        ),
        ("person", say(request, "Choose somebody from the list.")): person not in keys,
        ("substitute", say(request, "Choose somebody from the list.")): bool(form.substitute)
        and form.substitute not in keys,
        ("substitute", say(request, "Nobody can stand in for themselves.")): form.substitute == person,
        ("kind", say(request, "Choose from the list.")): form.kind not in KINDS,
    }
    problems = [problem for problem, is_wrong in tests.items() if is_wrong]
    return ((first, last) if first and last and not problems else None), problems


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


@router.post("/my/absence/end")
def end(request: Request, form: Annotated[Ended, Form()]) -> Response:
    """Somebody is back, or does not leave."""
    visitor, room = require_visitor(request), room_of(request)
    today = room.now().astimezone(room.office.zone).date()
    with writing(room.desk.engine) as connection:
        who = None if visitor.roles & OVERSEERS else visitor.person_id
        known = (one for one in planned_absences(connection, today, who) if one.absence_id == form.absence_id)
        found = next(known, None)
        if found is not None:  # else it is over, or not theirs to end
            end_absence(connection, found, today, visitor.ref, room.now())
    room.news.set()
    return RedirectResponse("/my#absences", 303)
