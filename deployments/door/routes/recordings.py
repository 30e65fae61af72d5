"""Recordings of calls: a page with a player for whoever may hear, and the sound; every access is an event first.

Administrators open one to a person or a role there, with a reason, and take that back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Form, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.rendering import language_of, render, say
from deployments.door.visitors import RowId, require_roles, require_visitor, room_of
from tasks.gateways.store.connection import reading
from tasks.gateways.store.recording_rights import StoredRecording, find_recording
from tasks.gateways.store.staff import read_staff
from tasks.recording_access import Heard, Listener, close_to, hear, open_to, right_to_hear
from tasks.rules.recordings.audio import ending_of
from tasks.rules.recordings.rights import ADMINISTRATOR
from tasks.rules.recordings.words import reason_words, state_words
from tasks.rules.role_titles import role_title

router = APIRouter()
_ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
_RANGE = re.compile(r"bytes=[0-9, -]{1,60}")
_HEARABLE = frozenset({"kept", "linked"})
_ADMINISTRATORS = frozenset({ADMINISTRATOR})


class Wish(BaseModel):
    """How the sound is wanted."""

    save: int = Field(default=0, ge=0, le=1)


@dataclass(frozen=True, slots=True)
class Grantee:
    """Who may be let in: `key` as it is chosen, `ref` as it is stored."""

    key: str
    ref: str
    title: str


class Opening(BaseModel):
    """To whom a recording is opened: a person's key or role:NAME; and why."""

    to: str = Field(default="", max_length=80)
    reason: str = Field(default="", max_length=300)


class Closing(BaseModel):
    """Who loses the right: person:ID or role:NAME."""

    to: str = Field(default="", max_length=80)


@router.get("/recording/{recording_id}")
def show(request: Request, recording_id: RowId) -> Response:
    """What is known of a recording, and its player; who may not hear it is refused, and that is an event."""
    return _page(request, recording_id)


@router.post("/recording/{recording_id}/open")
def open_it(request: Request, recording_id: RowId, form: Annotated[Opening, Form()]) -> Response:
    """Let a person or a role hear it: an administrator's act, with its reason in the record."""
    visitor, room = require_visitor(request), room_of(request)
    require_roles(visitor, _ADMINISTRATORS)
    problems = []
    if form.to not in {one.key for one in _grantees(request, visitor.language)}:
        problems.append(("to", say(request, "Choose from the list.")))
    if not form.reason.strip():
        problems.append(("reason", say(request, "Say why it is opened.")))
    if problems:
        return _page(request, recording_id, 422, problems, form)
    _require(request, recording_id)
    open_to(room.desk, recording_id, form.to, form.reason, visitor.key, room.now())
    return RedirectResponse(f"/recording/{recording_id}", 303)


@router.post("/recording/{recording_id}/close")
def close_it(request: Request, recording_id: RowId, form: Annotated[Closing, Form()]) -> Response:
    """Take the right to hear it back."""
    visitor, room = require_visitor(request), room_of(request)
    require_roles(visitor, _ADMINISTRATORS)
    found = _require(request, recording_id)
    if form.to in found.grantees:
        close_to(room.desk, recording_id, form.to, visitor.key, room.now())
    return RedirectResponse(f"/recording/{recording_id}", 303)


def _page(
    request: Request,
    recording_id: int,
    status: int = 200,
    problems: Sequence[tuple[str, str]] = (),
    typed: Opening | None = None,
) -> Response:
    visitor, room = require_visitor(request), room_of(request)
    found = _require(request, recording_id)
    if not right_to_hear(room.office, found, visitor.ref, visitor.roles):
        _heard(request, recording_id)
        raise Fault("no_right")
    language = language_of(request, room.office.language)
    return render(
        request,
        "recording.html.j2",
        status=status,
        recording=found,
        problems=problems,
        typed=typed or Opening(),
        grantees=_grantees(request, language) if visitor.roles & _ADMINISTRATORS else [],
        is_hearable=found.state in _HEARABLE,
        state=state_words(found.state, language),
        reason=reason_words(found.reason, language),
    )


@router.get("/recording/{recording_id}/sound")
def give_out(request: Request, recording_id: RowId, query: Annotated[Wish, Query()]) -> Response:
    """The sound, whole or the part a player asks for (RFC 9110 14.2); one that is only linked lies elsewhere."""
    heard = _heard(request, recording_id)
    if heard.refused:
        raise Fault("no_right" if heard.refused == "no_right" else "not_found")
    if heard.path is None:
        return RedirectResponse(heard.recording.address or "", 303, headers={"referrer-policy": "no-referrer"})
    way = "attachment" if query.save else "inline"
    name = f"recording-{recording_id}{ending_of(heard.recording.content_type)}"
    headers = {"content-disposition": f'{way}; filename="{name}"', "content-security-policy": _ALONE}
    return FileResponse(heard.path, media_type=heard.recording.content_type, headers=headers)


def _require(request: Request, recording_id: int) -> StoredRecording:
    """Raises Fault not_found for no recording."""
    with reading(room_of(request).desk.engine) as connection:
        found = find_recording(connection, recording_id)
    if found is None:
        raise Fault("not_found")
    return found


def _grantees(request: Request, language: str) -> list[Grantee]:
    """To whom recordings can be opened: roles, then people; administrators hear everything as it is."""
    office = room_of(request).office
    roles = [
        Grantee(f"role:{role}", f"role:{role}", role_title(office, role, language))
        for role in office.roles
        if role != ADMINISTRATOR
    ]
    with reading(room_of(request).desk.engine) as connection:
        staff = read_staff(connection).values()
    people = [Grantee(one.key, one.ref, one.name) for one in staff if ADMINISTRATOR not in one.roles]
    return [*sorted(roles, key=attrgetter("title")), *sorted(people, key=attrgetter("title"))]


def _heard(request: Request, recording_id: int) -> Heard:
    """Ask to hear, with its event. Raises Fault not_found for no recording."""
    visitor, room = require_visitor(request), room_of(request)
    part = request.headers.get("range", "")
    said = part if _RANGE.fullmatch(part) else ""
    heard = hear(room.desk, recording_id, Listener(visitor.ref, visitor.roles, "door", said), room.now())
    if heard is None:
        raise Fault("not_found")
    return heard
