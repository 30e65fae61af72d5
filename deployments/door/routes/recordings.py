"""Recordings of calls: a page with a player for whoever may hear, and the sound; every access is an event first."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.rendering import language_of, render
from deployments.door.visitors import RowId, require_visitor, room_of
from tasks.gateways.store.connection import reading
from tasks.gateways.store.recording_rights import find_recording
from tasks.recording_access import Heard, Listener, hear, right_to_hear
from tasks.rules.recordings.audio import ending_of
from tasks.rules.recordings.words import reason_words, state_words

router = APIRouter()
_ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
_RANGE = re.compile(r"bytes=[0-9, -]{1,60}")
_HEARABLE = frozenset({"kept", "linked"})


class Wish(BaseModel):
    """How the sound is wanted."""

    save: int = Field(default=0, ge=0, le=1)


@router.get("/recording/{recording_id}")
def show(request: Request, recording_id: RowId) -> Response:
    """What is known of a recording, and its player; who may not hear it is refused, and that is an event."""
    visitor, room = require_visitor(request), room_of(request)
    with reading(room.desk.engine) as connection:
        found = find_recording(connection, recording_id)
    if found is None:
        raise Fault("not_found")
    if not right_to_hear(room.office, found, visitor.ref, visitor.roles):
        _heard(request, recording_id)
        raise Fault("no_right")
    language = language_of(request, room.office.language)
    return render(
        request,
        "recording.html.j2",
        recording=found,
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


def _heard(request: Request, recording_id: int) -> Heard:
    """Ask to hear, with its event. Raises Fault not_found for no recording."""
    visitor, room = require_visitor(request), room_of(request)
    part = request.headers.get("range", "")
    said = part if _RANGE.fullmatch(part) else ""
    heard = hear(room.desk, recording_id, Listener(visitor.ref, visitor.roles, "door", said), room.now())
    if heard is None:
        raise Fault("not_found")
    return heard
