"""Duplicates: who a lead or contact may be, with the evidence in words; merged, undone, or kept apart by a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.rendering import language_of, render, say
from deployments.door.routes.leads import lead_of, lead_page
from deployments.door.visitors import RowId, require_roles, require_visitor, room_of
from tasks.door_rights import LEAD_HANDLERS
from tasks.duplicate_pages import Part, Place, duplicate_page
from tasks.gateways.store.connection import reading
from tasks.gateways.store.door_sessions import Visitor
from tasks.gateways.store.item_subject import contact_names
from tasks.likely_clients import Action as LeadAction
from tasks.likely_clients import decide_lead_client, likely_of_contact, likely_of_lead
from tasks.merging import decide_duplicates, recent_merges
from tasks.rules.errors import UsageError
from tasks.rules.matching.duplicates import DuplicatePair
from tasks.rules.matching.evidence import evidence_words

router = APIRouter()
_MERGES = 20
_Number = Annotated[int, Field(ge=0, le=2**62)]
Action = Literal["same", "not_the_same", "same_again", "undo"]

_OF_LEAD: Mapping[Action, LeadAction] = {
    "same": "link",
    "undo": "unlink",
    "not_the_same": "not_the_same",
    "same_again": "same_again",
}


class Word(BaseModel):
    """What a person says: about the contact `other_id`, or of the merge `merge_id` that is to be undone."""

    action: Action
    contact_id: _Number = 0
    other_id: _Number = 0
    merge_id: _Number = 0
    note: str = Field(default="", max_length=500)


class Around(BaseModel):
    """The contact whose duplicates are shown, 0: everybody's; and the pair that was said to be two people just now.

    `part` and `after` say where the page of everybody's begins.
    """

    contact: _Number = 0
    apart: _Number = 0
    part: Part = "same"
    after: _Number = 0

    @property
    def place(self) -> Place:
        """Where the page begins."""
        return Place(self.part, self.after)


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two contacts that may be one person."""

    pair: DuplicatePair
    keep: str
    other: str
    words: str


@router.post("/lead/{lead_id}/client")
def decide_for_lead(request: Request, lead_id: RowId, form: Annotated[Word, Form()]) -> Response:
    """A person says who the lead is, or who it is not."""
    visitor, room = require_visitor(request), room_of(request)
    require_roles(visitor, LEAD_HANDLERS)
    lead = lead_of(request, lead_id)
    contact_id = likely_of_lead(room.desk, lead_id, visitor.language).contact_id
    try:
        if contact_id is None or (form.action == "undo" and not form.merge_id):
            _say_of_lead(request, visitor, lead_id, form)
        else:
            _say(request, visitor, contact_id, form)
    except UsageError as error:
        return lead_page(request, visitor, lead, status=409, problems=[("", _cannot(request, error))])
    apart = f"?apart={form.other_id}" if form.action == "not_the_same" else ""
    return RedirectResponse(f"/lead/{lead_id}{apart}#likely", 303)


def _say_of_lead(request: Request, visitor: Visitor, lead_id: int, form: Word) -> None:
    room = room_of(request)
    action = _OF_LEAD[form.action]
    decide_lead_client.fn(room.desk, action, lead_id, form.other_id, visitor.mail, room.now())


def _say(request: Request, visitor: Visitor, contact_id: int, form: Word) -> None:
    room, note = room_of(request), " ".join(form.note.split())
    if form.action == "undo":
        decide_duplicates.fn(room.desk, "unmerge", [], form.merge_id, visitor.mail, note, room.now())
        return
    action: Literal["merge", "not_the_same", "same_again"] = "merge" if form.action == "same" else form.action
    decide_duplicates.fn(room.desk, action, [contact_id, form.other_id], 0, visitor.mail, note, room.now())


@router.get("/duplicates")
def listed(request: Request, query: Annotated[Around, Query()]) -> Response:
    """What would be merged, or what may be, among all contacts or around one; and the merges that were made."""
    visitor = require_visitor(request)
    require_roles(visitor, LEAD_HANDLERS)
    return _list(request, visitor, query)


def _list(request: Request, visitor: Visitor, query: Around, *, status: int = 200, problem: str = "") -> Response:
    room = room_of(request)
    language = language_of(request, room.office.language)
    if query.contact:
        try:
            likely = likely_of_contact(room.desk, query.contact, language)
        except UsageError as error:
            raise Fault("not_found") from error
        return render(
            request, "duplicates_of.html.j2", status=status, likely=likely, apart=query.apart, problem=problem
        )
    found = duplicate_page(room.desk, query.place)
    merges = recent_merges(room.desk, _MERGES)
    numbers = {number for pair in found.pairs for number in (pair.keep_id, pair.other_id)}
    numbers |= {number for merge in merges for number in (merge.winner_id, merge.loser_id)}
    with reading(room.desk.engine) as connection:
        names = contact_names(connection, [f"contact:{number}" for number in sorted(numbers)])
    return render(
        request,
        "duplicates.html.j2",
        status=status,
        rows=[
            PairRow(
                pair,
                names.get(f"contact:{pair.keep_id}", ""),
                names.get(f"contact:{pair.other_id}", ""),
                evidence_words(pair.evidence, language),
            )
            for pair in found.pairs
        ],
        here=_address(query.place),
        is_first=query.place == Place(),
        following=_address(found.following) if found.following else "",
        crowded=found.crowded,
        merges=[(merge, names.get(f"contact:{merge.winner_id}", ""), names.get(f"contact:{merge.loser_id}", ""))
                for merge in merges],
        problem=problem,
    )  # fmt: skip


def _address(place: Place) -> str:
    return "/duplicates" if place == Place() else f"/duplicates?part={place.part}&after={place.after}"


@router.post("/duplicates")
def decide(request: Request, form: Annotated[Word, Form()], query: Annotated[Around, Query()]) -> Response:
    """A person says that two contacts are one, or two people, or takes either back."""
    visitor = require_visitor(request)
    require_roles(visitor, LEAD_HANDLERS)
    around = query.model_copy(update={"contact": form.contact_id if "around" in request.query_params else 0})
    try:
        _say(request, visitor, form.contact_id, form)
    except UsageError as error:
        return _list(request, visitor, around, status=409, problem=_cannot(request, error))
    if around.contact:
        apart = f"&apart={form.other_id}" if form.action == "not_the_same" else ""
        return RedirectResponse(f"/duplicates?contact={around.contact}{apart}", 303)
    return RedirectResponse(_address(query.place), 303)


def _cannot(request: Request, error: UsageError) -> str:
    return say(request, "It could not be done: %(why)s", why=str(error))
