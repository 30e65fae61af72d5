"""A lead: what came, what is known, what the next status still needs; taken, answered, qualified, or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy.exc import NoResultFound
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.rendering import language_of, render
from deployments.door.visitors import RowId, require_roles, require_visitor, room_of
from tasks.door_rights import LEAD_HANDLERS
from tasks.gateways.store.connection import reading
from tasks.gateways.store.door_files import files_of_lead
from tasks.gateways.store.door_my import item_of_lead, newest_step
from tasks.gateways.store.door_sessions import Visitor
from tasks.gateways.store.lead_course import Lead, first_letter, load_lead
from tasks.gateways.store.process_items import ConflictError
from tasks.gateways.store.qualifications import known_answers
from tasks.gateways.store.recording_rights import recordings_of_lead
from tasks.lead_desk import order_lead
from tasks.likely_clients import likely_of_lead
from tasks.recording_access import hearable
from tasks.rules.errors import UsageError
from tasks.rules.leads.lead_order import LeadOrder, LeadVerb
from tasks.rules.leads.qualification_form import FormField

router = APIRouter()
_MOST_FIELDS = 200
_LONGEST = 2000
_JUST_NOW = timedelta(minutes=1)
_VERBS: tuple[LeadVerb, ...] = ("take", "answer", "qualify", "junk", "spam", "good")


class Around(BaseModel):
    """Whom the lead was just said not to be."""

    apart: int = Field(default=0, ge=0, le=2**62)


@router.get("/lead/{lead_id}")
def show(request: Request, lead_id: RowId, query: Annotated[Around, Query()]) -> Response:
    """The lead's page; `apart` is the contact that was said to be somebody else just now."""
    visitor = require_visitor(request)
    require_roles(visitor, LEAD_HANDLERS)
    return lead_page(request, visitor, lead_of(request, lead_id), apart=query.apart)


@router.post("/lead/{lead_id}")
async def act(request: Request, lead_id: RowId) -> Response:
    """Answers to the form, and what is to become of the lead."""
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        typed = {name: text.strip() for name, text in form.multi_items() if isinstance(text, str)}
    return await run_in_threadpool(_act, request, lead_id, typed)


def _act(request: Request, lead_id: int, typed: dict[str, str]) -> Response:
    visitor, room = require_visitor(request), room_of(request)
    require_roles(visitor, LEAD_HANDLERS)
    lead = lead_of(request, lead_id)
    verb = next((verb for verb in _VERBS if verb == typed.get("verb")), None)
    if verb is None or any(len(text) > _LONGEST for text in typed.values()):
        raise Fault("wrong_input")
    order = LeadOrder(
        lead=lead.number,
        verb=verb,
        who=visitor.mail,
        answers=_answers(room_of(request).office.qualification.fields, typed) if verb in ("answer", "qualify") else "",
        reason=" ".join(typed.get("reason", "").split()),
    )
    try:
        acted = order_lead.fn(room.desk, order, "door", room.now())
    except UsageError as error:
        return lead_page(request, visitor, lead, typed, status=422, problems=[("", str(error))])
    except ConflictError as error:
        raise Fault("wrong_input") from error
    if acted.refused:
        fields = room.office.qualification.fields
        problems = [(_place(fields, line), line) for line in acted.refused]
        return lead_page(request, visitor, lead, typed, status=409, problems=problems)
    room.news.set()
    return RedirectResponse(f"/lead/{lead_id}", 303)


def _place(fields: Mapping[str, FormField], line: str) -> str:
    """The id of the input that a reason is about: the one whose title it says."""
    said = line.casefold()
    named = (key for key, one in fields.items() if any(title.casefold() in said for title in one.titles.values()))
    return next((f"q-{key}" for key in named), "")


def _answers(fields: Mapping[str, FormField], typed: Mapping[str, str]) -> str:
    """The answers as lines of a mail; one line each, whatever was typed."""
    lines = [(name, " ".join(text.split())) for name, text in typed.items() if name in fields]
    return "\n".join(f"{name}: {text}" for name, text in lines if text)


def lead_of(request: Request, lead_id: int) -> Lead:
    with reading(room_of(request).desk.engine) as connection:
        try:
            return load_lead(connection, lead_id)
        except NoResultFound as error:
            raise Fault("not_found") from error


def lead_page(
    request: Request,
    visitor: Visitor,
    lead: Lead,
    typed: dict[str, str] | None = None,
    *,
    status: int = 200,
    problems: list[tuple[str, str]] | None = None,
    apart: int = 0,
) -> Response:
    """The page of a lead; what was `typed` is kept, `problems` are (id of the input or '', words)."""
    room = room_of(request)
    with reading(room.desk.engine) as connection:
        answers = known_answers(connection, lead.lead_id)
        letter = first_letter(connection, lead.lead_id)
        files = files_of_lead(connection, lead.lead_id)
        sounds = recordings_of_lead(connection, lead.lead_id)
        item_id = item_of_lead(connection, lead.lead_id) if lead.status == "converted" else None
        last = newest_step(connection, lead.lead_id, visitor.ref, room.now() - _JUST_NOW)
    form = room.office.qualification
    return render(
        request,
        "lead.html.j2",
        status=status,
        lead=lead,
        letter=letter,
        form=form,
        answers={**answers, **(typed or {})},
        problems=problems or [],
        gates={key: [name for name in keys if not answers.get(name)] for key, keys in form.required.items()},
        is_open=lead.status in ("new", "in_work", "qualified"),
        files=files,
        recordings=hearable(room.office, sounds, visitor.ref, visitor.roles),
        likely=likely_of_lead(room.desk, lead.lead_id, language_of(request, room.office.language)),
        apart=apart,
        just_done=last,
        item_id=item_id,
    )
