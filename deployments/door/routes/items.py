"""One item for the staff: where it stands, what is next, what one may do and why not, its fields and its record."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy.exc import NoResultFound
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.rendering import render
from deployments.door.visitors import RowId, require_roles, require_visitor, room_of
from tasks.door_acts import press
from tasks.door_inputs import read_inputs
from tasks.door_looks import look_at_item
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.door_sessions import Visitor
from tasks.gateways.store.process_items import ConflictError, StoredItem, load_item
from tasks.office_round import NoDefinitionError, OfficeRound, begin_round
from tasks.process_acts import Act, explain
from tasks.process_releasing import release
from tasks.rules.process.filling import fields_asked_of
from tasks.rules.process.reasons import Reason
from tasks.rules.process.view import has_right

router = APIRouter()
EDITORS = frozenset({"operator", "manager", "dispatcher", "chief", "accounting", "administrator"})
_OVERSEERS = frozenset({"chief", "administrator"})
_COMMAND = re.compile(r"[a-z][a-z0-9_]{0,60}")
_MOST_FIELDS = 100
_LONGEST = 4000
_INNER = frozenset({"begin", "done", "approve", "decline", "changed", "clock", "opened"})


def open_item(request: Request, visitor: Visitor, item_id: int) -> StoredItem:
    """The item, when the visitor may see it. Raises Fault."""
    room = room_of(request)
    with reading(room.desk.engine) as connection:
        try:
            run, stored = begin_round(connection, room.office, room.now()), load_item(connection, item_id)
            definition = run.definition(stored.process, stored.version)
        except (NoResultFound, NoDefinitionError) as error:
            raise Fault("not_found") from error
        facts = run.facts(connection, definition, stored.item)
        may_see = has_right(definition, facts, stored.item, visitor.ref, "see", run.now)
    if not may_see and not visitor.roles & _OVERSEERS:
        raise Fault("no_right")
    return stored


@router.get("/ask/{item_id}")
@router.get("/item/{item_id}")
def show(request: Request, item_id: RowId) -> Response:
    """The item's page."""
    visitor = require_visitor(request)
    open_item(request, visitor, item_id)
    return _page(request, visitor, item_id)


def _page(
    request: Request, visitor: Visitor, item_id: int, *, status: int = 200, problems: Sequence[tuple[str, str]] = ()
) -> Response:
    room = room_of(request)
    with reading(room.desk.engine) as connection:
        run = begin_round(connection, room.office, room.now())
        look = look_at_item(connection, run, item_id, visitor.ref, visitor.language)
    return render(
        request, "item.html.j2", status=status, look=look, problems=problems, may_edit=bool(visitor.roles & EDITORS)
    )


async def _texts(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        found = {name: text for name, text in form.multi_items() if isinstance(text, str)}
    if any(len(text) > _LONGEST for text in found.values()):
        raise Fault("wrong_input")
    return found


@router.post("/item/{item_id}/act")
async def command(request: Request, item_id: RowId) -> Response:
    """A command of the item's process, with the fields it lacked."""
    return await run_in_threadpool(_command, request, item_id, await _texts(request))


def _command(request: Request, item_id: int, texts: dict[str, str]) -> Response:
    visitor = require_visitor(request)
    stored = open_item(request, visitor, item_id)
    name, revision = texts.pop("command", ""), texts.pop("revision", "")
    if not _COMMAND.fullmatch(name) or name in _INNER or texts.pop("sure", "") != "yes":
        raise Fault("wrong_input")
    return _act(request, visitor, stored, name, revision, texts)


@router.post("/item/{item_id}/fields")
async def fields(request: Request, item_id: RowId) -> Response:
    """Other values for fields."""
    return await run_in_threadpool(_fields, request, item_id, await _texts(request))


def _fields(request: Request, item_id: int, texts: dict[str, str]) -> Response:
    visitor = require_visitor(request)
    stored = open_item(request, visitor, item_id)
    revision = texts.pop("revision", "")
    before = {name: texts.pop(f"was:{name}", "") for name in list(texts) if f"was:{name}" in texts}
    changed = {name: text for name, text in texts.items() if text.strip() != before.get(name, "")}
    if not set(changed) <= _asked_of(request, visitor, stored):
        require_roles(visitor, EDITORS)
    if not changed:
        return RedirectResponse(f"/item/{item_id}", 303)
    return _act(request, visitor, stored, "changed", revision, changed)


def _asked_of(request: Request, visitor: Visitor, stored: StoredItem) -> frozenset[str]:
    """The fields that the visitor's own open work asks for."""
    room = room_of(request)
    with reading(room.desk.engine) as connection:
        run = begin_round(connection, room.office, room.now())
    definition = run.definition(stored.process, stored.version)
    return fields_asked_of(definition, stored.item, run.staff, visitor.ref, run.day(room.now()))


def _act(
    request: Request, visitor: Visitor, stored: StoredItem, name: str, revision: str, texts: dict[str, str]
) -> Response:
    room, item_id = room_of(request), stored.item_id
    if not revision.isdigit() or len(revision) > 12:
        raise Fault("wrong_input")
    with reading(room.desk.engine) as connection:
        run = begin_round(connection, room.office, room.now())
        given = read_inputs(connection, run, item_id, texts)
    reasons = given.reasons
    if not reasons:
        key = f"form:{item_id}:{revision}:{name}:{visitor.person_id}"
        text = texts.get("reason", "")
        wanted = Act(key, item_id, name, visitor.ref, "door", given.sets, text=text)
        reasons = press(room.desk, wanted, room.now()).reasons
    if reasons:
        return _page(request, visitor, item_id, status=409, problems=_lines(request, run, visitor, reasons))
    room.news.set()
    return RedirectResponse(f"/item/{item_id}", 303)


def _lines(request: Request, run: OfficeRound, visitor: Visitor, reasons: Sequence[Reason]) -> list[tuple[str, str]]:
    with reading(room_of(request).desk.engine) as connection:
        return [("", line) for line in explain(reasons, visitor.language, connection, run)]


@router.post("/item/{item_id}/release")
def let_go_on(request: Request, item_id: RowId) -> Response:
    """A held item goes on: what stopped it is put right."""
    visitor, room = require_visitor(request), room_of(request)
    require_roles(visitor, EDITORS)
    open_item(request, visitor, item_id)
    with writing(room.desk.engine) as connection:
        run = begin_round(connection, room.office, room.now())
        try:
            release(connection, run, load_item(connection, item_id), visitor.ref, room.now(), "door")
        except ConflictError as error:
            raise Fault("wrong_input") from error
    room.news.set()
    return RedirectResponse(f"/item/{item_id}", 303)
