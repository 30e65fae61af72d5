"""One item for the staff: where it stands, what is next, what one may do and why not, its fields and its record."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import APIRouter
from sqlalchemy.exc import NoResultFound
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.rendering import render, say
from deployments.door.routes.boards import file_name
from deployments.door.sent_forms import SentForm, changed_texts, file_problems, sent_form
from deployments.door.visitors import RowId, require_roles, require_visitor, room_of
from tasks.door_acts import press
from tasks.door_files import read_handed
from tasks.door_inputs import read_inputs
from tasks.door_looks import look_at_item
from tasks.door_rights import OVERSEERS
from tasks.gateways.plain_sheets import XLSX, plain_workbook
from tasks.gateways.store.connection import reading
from tasks.gateways.store.door_acts import newest_act
from tasks.gateways.store.door_files import files_of_deal
from tasks.gateways.store.door_sessions import Visitor
from tasks.gateways.store.process_items import StoredItem, load_item
from tasks.gateways.store.recording_rights import recordings_of_deal
from tasks.office_round import NoDefinitionError, OfficeRound, begin_round
from tasks.process_acts import Act, explain
from tasks.process_tools.answering import asked_case
from tasks.recording_access import hearable
from tasks.rules.door.effect_words import command_title
from tasks.rules.process.filling import fields_asked_of
from tasks.rules.process.reasons import Reason
from tasks.rules.process.view import has_right

router = APIRouter()
EDITORS = frozenset({"operator", "manager", "dispatcher", "chief", "accounting", "administrator"})
_COMMAND = re.compile(r"[a-z][a-z0-9_]{0,60}")
_JUST_NOW = timedelta(minutes=1)
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
    if not may_see and not visitor.roles & OVERSEERS:
        raise Fault("no_right")
    return stored


@router.get("/ask/{item_id}")
@router.get("/item/{item_id}")
def show(request: Request, item_id: RowId) -> Response:
    """The item's page."""
    visitor = require_visitor(request)
    open_item(request, visitor, item_id)
    return item_page(request, visitor, item_id)


@dataclass(frozen=True, slots=True)
class Filled:
    """A form of the page as it was filled in: its `name` begins the ids of its inputs."""

    name: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


def item_page(
    request: Request,
    visitor: Visitor,
    item_id: int,
    *,
    status: int = 200,
    problems: Sequence[tuple[str, str]] = (),
    filled: Filled | None = None,
) -> Response:
    """The page of an item; `problems` are (id of the input or '', words), what was typed is kept."""
    room = room_of(request)
    with reading(room.desk.engine) as connection:
        run = begin_round(connection, room.office, room.now())
        look = look_at_item(connection, run, item_id, visitor.ref, visitor.language, room.desk.files)
        last = newest_act(connection, item_id, visitor.ref, run.now - _JUST_NOW)
        stored = load_item(connection, item_id)
        files = files_of_deal(connection, stored.entity_id) if look.is_deal else []
        sounds = recordings_of_deal(connection, stored.entity_id) if look.is_deal else []
    asked_of = asked_fields(run, visitor, stored)
    may_edit = bool(visitor.roles & EDITORS)
    return render(
        request,
        "item.html.j2",
        status=status,
        look=look,
        files=files,
        recordings=hearable(room.office, sounds, visitor.ref, visitor.roles),
        problems=problems,
        may_edit=may_edit,
        may_price=may_edit or "lines" in asked_of,
        inputs=look.inputs if may_edit else [one for one in look.inputs if one.name in asked_of],
        filled=filled or Filled(),
        just_done=(command_title(last.name, visitor.language), last) if last else None,
        asked=asked_case(room.desk, item_id) if look.brief.is_held else None,
        people={ref: member.name for ref, member in run.staff.items()},
    )


@router.get("/item/{item_id}/positions.xlsx")
def positions(request: Request, item_id: RowId) -> Response:
    """The positions of an item to take away."""
    visitor, room = require_visitor(request), room_of(request)
    stored = open_item(request, visitor, item_id)
    with reading(room.desk.engine) as connection:
        run = begin_round(connection, room.office, room.now())
        look = look_at_item(connection, run, item_id, visitor.ref, visitor.language, room.desk.files)
    head = [say(request, "Position"), say(request, "Quantity"), say(request, "Price"), say(request, "Amount")]
    rows = ((line.title, line.quantity, line.price, line.amount) for line in look.lines)
    content = plain_workbook(stored.number, head, rows, room.office.zone)
    return Response(content, media_type=XLSX, headers=file_name(f"{stored.number}.xlsx"))


@router.post("/item/{item_id}/act")
async def command(request: Request, item_id: RowId) -> Response:
    """A command of the item's process, with the fields it lacked."""
    return await run_in_threadpool(_command, request, item_id, await sent_form(request))


def _command(request: Request, item_id: int, sent: SentForm) -> Response:
    visitor = require_visitor(request)
    stored = open_item(request, visitor, item_id)
    texts = sent.texts
    name, revision = texts.pop("command", ""), texts.pop("revision", "")
    if not _COMMAND.fullmatch(name) or name in _INNER or texts.pop("sure", "") != "yes":
        raise Fault("wrong_input")
    return _act(request, visitor, stored, name, revision, sent)


@router.post("/item/{item_id}/fields")
async def fields(request: Request, item_id: RowId) -> Response:
    """Other values for fields."""
    return await run_in_threadpool(_fields, request, item_id, await sent_form(request))


def _fields(request: Request, item_id: int, sent: SentForm) -> Response:
    visitor = require_visitor(request)
    stored = open_item(request, visitor, item_id)
    revision = sent.texts.pop("revision", "")
    changed = SentForm(changed_texts(sent.texts), sent.files)
    if not changed.names <= asked_fields(round_of(request), visitor, stored):
        require_roles(visitor, EDITORS)
    if not changed.names:
        return RedirectResponse(f"/item/{item_id}", 303)
    return _act(request, visitor, stored, "changed", revision, changed)


def asked_fields(run: OfficeRound, visitor: Visitor, stored: StoredItem) -> frozenset[str]:
    """The fields that the visitor's own open work asks for."""
    definition = run.definition(stored.process, stored.version)
    return fields_asked_of(definition, stored.item, run.staff, visitor.ref, run.day(run.now))


def round_of(request: Request) -> OfficeRound:
    """The office as it is now."""
    room = room_of(request)
    with reading(room.desk.engine) as connection:
        return begin_round(connection, room.office, room.now())


def _act(request: Request, visitor: Visitor, stored: StoredItem, name: str, revision: str, sent: SentForm) -> Response:
    room, item_id, texts = room_of(request), stored.item_id, sent.texts
    filled = Filled("field" if name == "changed" else f"way-{name}", texts)
    if not revision.isdigit() or len(revision) > 12:
        raise Fault("wrong_input")
    with reading(room.desk.engine) as connection:
        run = begin_round(connection, room.office, room.now())
        given = read_inputs(connection, run, item_id, texts)
    handed = read_handed(run.definition(stored.process, stored.version), sent.files)
    if handed.refused:
        problems = file_problems(request, filled.name, handed.refused)
        return item_page(request, visitor, item_id, status=422, problems=problems, filled=filled)
    reasons = given.reasons
    if not reasons:
        key = f"form:{item_id}:{revision}:{name}:{visitor.person_id}"
        text = texts.get("reason", "")
        wanted = Act(key, item_id, name, visitor.ref, "door", {**given.sets, **handed.sets}, text=text)
        reasons = press(room.desk, wanted, room.now(), handed).reasons
    if reasons:
        problems = explained(request, run, visitor, stored, reasons, filled.name)
        return item_page(request, visitor, item_id, status=409, problems=problems, filled=filled)
    room.news.set()
    return RedirectResponse(f"/item/{item_id}", 303)


def explained(
    request: Request, run: OfficeRound, visitor: Visitor, stored: StoredItem, reasons: Sequence[Reason], form: str
) -> list[tuple[str, str]]:
    """Each reason as a line that leads to the input it is about, where the form has one."""
    definition = run.definition(stored.process, stored.version)
    found: dict[str, str] = {}
    with reading(room_of(request).desk.engine) as connection:
        for reason in sorted(reasons, key=lambda one: one.kind != "words"):
            place = f"{form}-{reason.name}" if reason.name in definition.fields else ""
            for line in explain([reason], visitor.language, connection, run, definition):
                found.setdefault(line, place)
    return [(place, line) for line, place in found.items()]
