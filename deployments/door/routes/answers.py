"""Exceptions and people's answers: what waits for a person, what was said before, and the rules that came of it."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.faces import faces
from deployments.door.faults import Fault
from deployments.door.rendering import language_of, render, say
from deployments.door.routes.items import EDITORS, Filled, explained, item_page, open_item
from deployments.door.sent_forms import changed_texts, typed_texts
from deployments.door.visitors import RowId, require_roles, require_visitor, room_of
from tasks.door_inputs import read_inputs
from tasks.door_rights import seen_items
from tasks.gateways.store.connection import reading
from tasks.gateways.store.door_sessions import Visitor
from tasks.gateways.store.process_items import StoredItem
from tasks.gateways.store.staff import read_staff
from tasks.office_round import begin_round
from tasks.process_tools.answering import answer_item, answer_rules, asked_case, held_cases, revoke_answers
from tasks.rules.door.process_face import pick
from tasks.rules.errors import UsageError
from tasks.rules.process_tools.answers import Choice

router = APIRouter()
_REVOKERS = frozenset({"manager", "chief", "administrator"})
_SHOWN = 100
_FORM = "answer"


class Chosen(BaseModel):
    """Held items that go on."""

    item_ids: list[Annotated[int, Field(ge=1, le=2**62)]] = Field(default_factory=list, max_length=_SHOWN)
    sure: str = Field(default="", max_length=10)


class Revoked(BaseModel):
    """A rule that counts no longer, and why."""

    number: int = Field(ge=1, le=2**62)
    note: str = Field(min_length=1, max_length=500)


@router.get("/answers")
def desk(request: Request) -> Response:
    """What waits for a person, and what was learned."""
    visitor = require_visitor(request)
    require_roles(visitor, EDITORS)
    return _desk(request, visitor)


def _desk(request: Request, visitor: Visitor, *, status: int = 200, problem: str = "") -> Response:
    room = room_of(request)
    cases = held_cases(room.desk)
    with reading(room.desk.engine) as connection:
        run = begin_round(connection, room.office, room.now())
        seen = seen_items(connection, run, visitor.ref, visitor.roles, [case.item_id for case in cases])
        names = {ref: member.name for ref, member in read_staff(connection).items()}
    own = [case for case in cases if case.item_id in seen]
    return render(
        request,
        "answers.html.j2",
        status=status,
        cases=own[:_SHOWN],
        more=max(len(own) - _SHOWN, 0),
        rules=answer_rules(room.desk),
        needed=room.office.answers_needed,
        names=names,
        titles=_titles(request, language_of(request, room.office.language)),
        may_revoke=bool(visitor.roles & _REVOKERS),
        problem=problem,
    )


def _titles(request: Request, language: str) -> dict[str, str]:
    """Processes as people call them, and 'process stage' for their stages."""
    found = {}
    for name, face in faces(request).items():
        found[name] = pick(face.title, language)
        found |= {f"{name} {stage.name}": pick(stage.title, language) for stage in face.stages}
    return found


@router.post("/answers/release")
def let_many_go_on(request: Request, form: Annotated[Chosen, Form()]) -> Response:
    """Several held items go on: what stopped them is put right."""
    visitor, room = require_visitor(request), room_of(request)
    require_roles(visitor, EDITORS)
    if not form.item_ids or form.sure != "yes":
        return _desk(request, visitor, status=422, problem=say(request, "Choose the items, and say that you are sure."))
    for item_id in form.item_ids:
        open_item(request, visitor, item_id)
    for item_id in form.item_ids:
        with suppress(UsageError):  # it has been answered meanwhile, or is being changed: it stays in the list then
            answer_item(room.desk, item_id, Choice("release"), visitor.mail, room.now())
    room.news.set()
    return RedirectResponse("/answers", 303)


@router.post("/answers/revoke")
def revoke(request: Request, form: Annotated[Revoked, Form()]) -> Response:
    """What was learned of one sort of exception counts no longer."""
    visitor, room = require_visitor(request), room_of(request)
    require_roles(visitor, _REVOKERS)
    known = {rule.number for rule in answer_rules(room.desk)}
    if form.number in known and form.note.strip():  # else it was revoked before: nothing is left to do
        revoke_answers(room.desk, form.number, visitor.mail, " ".join(form.note.split()), room.now())
    return RedirectResponse("/answers", 303)


@router.post("/item/{item_id}/answer")
async def answer(request: Request, item_id: RowId) -> Response:
    """The answer to what stopped an item."""
    return await run_in_threadpool(_answer, request, item_id, await typed_texts(request))


def _answer(request: Request, item_id: int, texts: dict[str, str]) -> Response:
    visitor, room = require_visitor(request), room_of(request)
    require_roles(visitor, EDITORS)
    stored = open_item(request, visitor, item_id)
    action, revision = texts.pop("answer", ""), texts.pop("revision", "")
    is_always = texts.pop("always", "") == "yes"
    if action not in ("release", "drop", "set") or not revision.isdigit() or len(revision) > 12:
        raise Fault("wrong_input")
    if not stored.item.is_held:
        return RedirectResponse(f"/item/{item_id}", 303)  # it has been answered
    filled = Filled(_FORM, texts)
    choice, problems = _choice(request, visitor, stored, action, filled)
    if not problems:
        problems = _given(request, visitor, stored, choice, int(revision), is_always=is_always)
    if problems:
        return item_page(request, visitor, item_id, status=409, problems=problems, filled=filled)
    room.news.set()
    return RedirectResponse(f"/item/{item_id}", 303)


def _choice(
    request: Request, visitor: Visitor, stored: StoredItem, action: str, filled: Filled
) -> tuple[Choice, list[tuple[str, str]]]:
    """The answer with the fields that differ from what the page showed, or what is wrong with them."""
    if action != "set":
        return Choice(action), []
    changed = changed_texts(filled.texts)
    if not changed:
        return Choice(action), [("", say(request, "Change at least one field, or choose another answer."))]
    room = room_of(request)
    with reading(room.desk.engine) as connection:
        run = begin_round(connection, room.office, room.now())
        given = read_inputs(connection, run, stored.item_id, changed)
    if given.reasons:
        return Choice(action), explained(request, run, visitor, stored, given.reasons, _FORM)
    plain = {name: str(value) for name, value in given.sets.items() if isinstance(value, str | int | Decimal)}
    if len(plain) < len(given.sets) or any(isinstance(value, bool) for value in given.sets.values()):
        return Choice(action), [
            ("", say(request, "This field is changed below, under Fields; then let the item go on."))
        ]
    return Choice(action, tuple(sorted(plain.items()))), []


def _given(
    request: Request, visitor: Visitor, stored: StoredItem, choice: Choice, revision: int, *, is_always: bool
) -> list[tuple[str, str]]:
    """Do it and keep it; what stands in the way. Where it would become a rule and is not to, the count begins anew."""
    room = room_of(request)
    asked = asked_case(room.desk, stored.item_id)
    becomes_rule = asked is not None and asked.makes_rule(choice.text())
    try:
        answer_item(room.desk, stored.item_id, choice, visitor.mail, room.now(), revision=revision)
    except UsageError as error:
        return [("", say(request, "It could not be answered so: %(why)s", why=str(error)))]
    if becomes_rule and asked is not None and not is_always:
        rule = next((one for one in answer_rules(room.desk) if one.signature == asked.case.signature), None)
        if rule is not None:
            revoke_answers(room.desk, rule.number, visitor.mail, "only this once", room.now())
    return []
