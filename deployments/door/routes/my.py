"""A person's own page: what is to be decided and done, what was said, who waits for whom, who is away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.rendering import render, say
from deployments.door.routes.boards import file_name
from deployments.door.routes.items import EDITORS
from deployments.door.visitors import RowId, require_visitor, room_of
from tasks.door_links import own_link
from tasks.door_rights import LEAD_HANDLERS, OVERSEERS
from tasks.gateways.plain_sheets import XLSX, plain_workbook
from tasks.gateways.store.absences import planned_absences
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.door_my import awaited_work, lead_of_number, own_work
from tasks.gateways.store.door_sessions import Visitor
from tasks.gateways.store.notices import mark_read, read_notices
from tasks.gateways.store.process_items import find_item, item_by_number
from tasks.gateways.store.staff import read_staff

router = APIRouter()
_NOTICES = 30
_VOTES = frozenset({"approval", "confirm", "question"})


class Read(BaseModel):
    """Notices that were read."""

    notice_ids: list[int] = Field(default_factory=list, max_length=_NOTICES)


@router.get("/my")
def my_work(request: Request) -> Response:
    """Everything the visitor owes and awaits."""
    return my_page(request, require_visitor(request))


def my_page(
    request: Request,
    visitor: Visitor,
    *,
    status: int = 200,
    problems: Sequence[tuple[str, str]] = (),
    entry: Mapping[str, str] | None = None,
) -> Response:
    """The visitor's own page; `entry` is an absence as it was typed, with `problems` as (input, words)."""
    room = room_of(request)
    today = room.now().astimezone(room.office.zone).date()
    leads_all = bool(visitor.roles & OVERSEERS)
    with reading(room.desk.engine) as connection:
        own = own_work(connection, visitor.person_id)
        awaited = awaited_work(connection, visitor.person_id)
        notices = read_notices(connection, visitor.person_id, room.now(), _NOTICES)
        absences = planned_absences(connection, today, None if leads_all else visitor.person_id)
        staff = read_staff(connection)
    return render(
        request,
        "my.html.j2",
        status=status,
        decisions=[one for one in own if one.kind in _VOTES],
        tasks=[one for one in own if one.kind not in _VOTES],
        awaited=awaited,
        notices=notices,
        absences=absences,
        colleagues=sorted((member.name, member.key) for member in staff.values()),
        leads_all=leads_all,
        may_answer=bool(visitor.roles & EDITORS),
        sees_leads=bool(visitor.roles & LEAD_HANDLERS),
        today=today,
        problems=problems,
        entry=entry or {},
    )


@router.get("/my/table.xlsx")
def sheet(request: Request) -> Response:
    """The visitor's work to take away."""
    visitor, room = require_visitor(request), room_of(request)
    with reading(room.desk.engine) as connection:
        found = [*own_work(connection, visitor.person_id), *awaited_work(connection, visitor.person_id)]
    head = [
        say(request, "Number"),
        say(request, "Task"),
        say(request, "Deadline"),
        say(request, "Who owes it"),
        say(request, "Who waits"),
        say(request, "Status"),
    ]
    rows = ((one.number, one.title, one.due_at, one.owner, one.waits, one.status) for one in found)
    content = plain_workbook(say(request, "My work"), head, rows, room.office.zone)
    return Response(content, media_type=XLSX, headers=file_name("my-work.xlsx"))


@router.post("/my/read")
def read(request: Request, form: Annotated[Read, Form()]) -> Response:
    """The visitor has read these notices."""
    visitor, room = require_visitor(request), room_of(request)
    with writing(room.desk.engine) as connection:
        mark_read(connection, visitor.person_id, form.notice_ids, room.now())
    return RedirectResponse("/my", 303)


@router.get("/task/{task_id}")
def task(request: Request, task_id: RowId) -> Response:
    """The visitor's own piece of work, on the page where it is answered."""
    visitor, room = require_visitor(request), room_of(request)
    link = own_link(room.desk, task_id, visitor.ref, room.url, room.now())
    if link is None:
        raise Fault("not_found")
    return RedirectResponse(link.removeprefix(room.url.rstrip("/")), 303)


@router.get("/number/{number}")
def by_number(request: Request, number: str) -> Response:
    """An item or lead by the number that people know it by."""
    require_visitor(request)
    with reading(room_of(request).desk.engine) as connection:
        item_id = item_by_number(connection, number[:40])
        lead_id = None if item_id else lead_of_number(connection, number[:40])
    if item_id is None and lead_id is None:
        raise Fault("not_found")
    return RedirectResponse(f"/item/{item_id}" if item_id else f"/lead/{lead_id}", 303)


@router.get("/deal/{deal_id}")
@router.get("/deal/{deal_id}/price")
def deal(request: Request, deal_id: RowId) -> Response:
    """The order of a deal, or its price list."""
    require_visitor(request)
    with reading(room_of(request).desk.engine) as connection:
        item_id = find_item(connection, f"deal:{deal_id}")
    if item_id is None:
        raise Fault("not_found")
    page = "/price" if request.url.path.endswith("/price") else ""
    return RedirectResponse(f"/item/{item_id}{page}", 303)
